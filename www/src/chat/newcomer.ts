// Asks somebody who does not exist yet for a name: without one, nobody can be written to.

import type { TalkSession } from "causerie";

import { perform } from "../calls";
import { callOf } from "../code";
import { fill, h } from "../dom";
import { scope } from "../live";
import { problemView } from "../problem";

/** A form that is there for as long as the current user does not exist. */
export function newcomer(session: TalkSession): { element: HTMLElement; end(): void } {
  const held = scope();
  const name = h("input", {
    name: "your-name",
    autocomplete: "off",
    placeholder: "Your name",
    "aria-label": "Your name",
  });
  const trouble = h("div");
  const form = h(
    "form",
    { class: "inline", novalidate: true },
    name,
    h("button", { class: "button strong" }, "Join"),
  );
  const element = h(
    "div",
    { class: "newcomer", hidden: true, "data-testid": "newcomer" },
    h(
      "p",
      {},
      h("strong", {}, `There is no user “${session.currentUser.id}” yet.`),
      " What shall others call you?",
    ),
    form,
    trouble,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void join();
  });

  async function join(): Promise<void> {
    const params = { name: name.value };
    fill(trouble);
    const code = callOf("await session.currentUser.createIfNotExists(", params);
    const answer = await perform(code, () => session.currentUser.createIfNotExists(params));
    if (!answer.ok)
      fill(
        trouble,
        problemView(answer.problem, () => void join()),
      );
  }

  held.follow(
    "session.currentUser.subscribe(onSnapshot)",
    session.currentUser.subscribe((user) => {
      element.hidden = user !== null;
    }),
  );
  return { element, end: held.end };
}
