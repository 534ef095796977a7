// Asks a user who does not exist yet for a name, which creating a user requires.

import type { TalkSession } from "causerie";

import { perform } from "../calls";
import { callOf } from "../code";
import { fill, h } from "../dom";
import { createScope } from "../scope";
import { problemView } from "../problem";

/** Creates a form that is visible while the current user does not exist. */
export function namePrompt(session: TalkSession): { element: HTMLElement; end(): void } {
  const scope = createScope();
  const name = h("input", {
    name: "your-name",
    autocomplete: "off",
    placeholder: "Your name",
    "aria-label": "Your name",
  });
  const errorArea = h("div");
  const form = h(
    "form",
    { class: "inline", novalidate: true },
    name,
    h("button", { class: "button strong" }, "Join"),
  );
  const element = h(
    "div",
    { class: "name-prompt", hidden: true, "data-testid": "name-prompt" },
    h("p", {}, h("strong", {}, `There is no user “${session.currentUser.id}” yet.`), " What is your name?"),
    form,
    errorArea,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void join();
  });

  async function join(): Promise<void> {
    const params = { name: name.value };
    fill(errorArea);
    const code = callOf("await session.currentUser.createIfNotExists(", params);
    const outcome = await perform(code, () => session.currentUser.createIfNotExists(params));
    if (!outcome.ok)
      fill(
        errorArea,
        problemView(outcome.problem, () => void join()),
      );
  }

  scope.keep(
    "session.currentUser.subscribe(onSnapshot)",
    session.currentUser.subscribe((user) => {
      element.hidden = user !== null;
    }),
  );
  return { element, end: scope.end };
}
