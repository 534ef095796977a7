// Opens a conversation by its id and shows what `get()` answers: a snapshot, or null and what that means.

import type { ConversationRef, TalkSession } from "causerie";

import { perform } from "../calls";
import { literal } from "../code";
import { announce, fill, freshId, h } from "../dom";
import { problemOf, problemView } from "../problem";
import { onBack } from "../reach";
import { type Who, absentView, messageLine } from "./absent";
import { conversationView } from "./view";

export interface ConversationPanel {
  element: HTMLElement;
  /** Shows a conversation of a session, or asks for one. */
  show(session: TalkSession | null, id: string | null): void;
}

export function conversationPanel(who: () => Who, onOpen: (id: string) => void): ConversationPanel {
  const wrongId = freshId();
  const wrong = h("p", { class: "wrong", id: wrongId });
  const input = h("input", {
    name: "conversation",
    placeholder: "welcome",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-label": "Conversation id",
    "aria-describedby": wrongId,
  });
  const open = h("button", { class: "button strong" }, "Open");
  const form = h("form", { class: "inline", novalidate: true }, input, open);
  const shown = h("div", { class: "shown", "aria-live": "polite" });
  const element = h(
    "section",
    { class: "card conversation", "aria-labelledby": "conversation-title" },
    h("h2", { id: "conversation-title" }, "Conversation"),
    form,
    wrong,
    shown,
  );
  let session: TalkSession | null = null;
  let ref: ConversationRef | null = null;
  let unread = false;
  const again = h("button", { type: "button", class: "button", onclick: () => void load() }, "Read again ", h("code", {}, "get()"));
  const readAgain = h("p", { class: "actions" }, again);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onOpen(input.value);
  });
  input.addEventListener("input", forgive);
  onBack(() => {
    if (unread) void load();
  });

  function forgive(): void {
    input.removeAttribute("aria-invalid");
    wrong.textContent = "";
  }

  function setBusy(is: boolean): void {
    element.ariaBusy = String(is);
    open.classList.toggle("busy", is);
    again.classList.toggle("busy", is);
  }

  async function load(): Promise<void> {
    const conversation = ref;
    if (conversation === null) return;
    unread = false;
    setBusy(true);
    const code = `const snapshot = await session\n  .conversation(${literal(conversation.id)})\n  .get();`;
    const answer = await perform(code, () => conversation.get());
    if (conversation !== ref) return;
    setBusy(false);
    if (!answer.ok) {
      unread = answer.problem.retryable;
      fill(shown, problemView(answer.problem, () => void load()));
      return;
    }
    if (answer.value === null) {
      fill(shown, absentView(who(), conversation.id), readAgain);
      announce("There is no such conversation for this user");
    } else {
      fill(shown, conversationView(answer.value), readAgain, messageLine(who(), conversation.id));
    }
  }

  return {
    element,
    show(next, id) {
      session = next;
      ref = null;
      unread = false;
      element.hidden = next === null;
      setBusy(false);
      forgive();
      input.value = id ?? "";
      fill(shown, nothingOpen());
      if (session === null || id === null) return;
      try {
        // Throws at once where the id cannot be one.
        ref = session.conversation(id);
      } catch (thrown) {
        input.setAttribute("aria-invalid", "true");
        wrong.textContent = problemOf(thrown).plain;
        input.focus();
        return;
      }
      fill(shown, h("p", { class: "hint" }, "Loading…"));
      void load();
    },
  };
}

function nothingOpen(): HTMLElement {
  return h(
    "div",
    { class: "empty" },
    h("span", { class: "avatar outline", "aria-hidden": "true" }, "…"),
    h(
      "div",
      {},
      h("p", {}, h("strong", {}, "Nothing is open.")),
      h("p", {}, "Any id will do. If there is no such conversation yet, the page shows how to make one."),
    ),
  );
}
