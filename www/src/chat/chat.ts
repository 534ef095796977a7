// The chat of a user: the list of conversations and the open one next to it (on a phone, instead of it).

import type { TalkSession } from "causerie";

import { announce, fill, h } from "../dom";
import { problemOf } from "../problem";
import { type Thread, thread } from "../thread/thread";
import { type List, conversationList } from "./list";
import { namePrompt } from "./name-prompt";
import { newConversationDialog } from "./new-conversation";

export interface Chat {
  element: HTMLElement;
  /** Shows a conversation of a session, or only the list; shows nothing without a session. */
  show(session: TalkSession | null, conversation: string | null): void;
}

/** Inputs and callbacks of the chat. */
export interface ChatOptions {
  app(): string;
  onOpen(conversation: string | null): void;
  onUnread(count: number): void;
}

export function chatPanel({ app, onOpen, onUnread }: ChatOptions): Chat {
  const side = h("div", { class: "side" });
  const middle = h("div", { class: "middle" });
  const element = h("div", { class: "chat" }, side, middle);
  let session: TalkSession | null = null;
  let list: List | null = null;
  let open: { id: string; thread: Thread } | null = null;
  let endNamePrompt = (): void => {};

  function showSession(next: TalkSession): void {
    session = next;
    list = conversationList(next, openAt, onUnread);
    const dialog = newConversationDialog(next, onOpen);
    const start = h(
      "button",
      { type: "button", class: "button strong", onclick: () => dialog.showModal() },
      "New conversation",
    );
    const prompt = namePrompt(next);
    endNamePrompt = prompt.end;
    fill(side, prompt.element, h("div", { class: "side-head" }, start), list.element, openById(next), dialog);
  }

  /** Opens a conversation, at a message if one is given. */
  function openAt(conversation: string, message: string | null): void {
    onOpen(conversation);
    if (message !== null && open?.id === conversation) open.thread.reveal(message);
  }

  function clearSession(): void {
    close();
    list?.end();
    endNamePrompt();
    list = session = null;
    fill(side);
  }

  function close(): void {
    open?.thread.end();
    open = null;
  }

  /** Creates a form that opens a conversation by id, whether it exists or not. */
  function openById(session: TalkSession): HTMLElement {
    const wrong = h("p", { class: "wrong", id: "open-wrong" });
    const input = h("input", {
      name: "conversation",
      placeholder: "welcome",
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
      "aria-label": "Conversation id",
      "aria-describedby": "open-wrong",
    });
    const form = h(
      "form",
      { class: "inline", novalidate: true },
      input,
      h("button", { class: "button" }, "Open"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      try {
        // Throws synchronously if the id is invalid.
        onOpen(session.conversation(input.value).id);
      } catch (thrown) {
        input.setAttribute("aria-invalid", "true");
        wrong.textContent = problemOf(thrown).plain;
        input.focus();
      }
    });
    input.addEventListener("input", () => {
      input.removeAttribute("aria-invalid");
      wrong.textContent = "";
    });
    return h("div", { class: "by-id" }, h("p", { class: "hint" }, "Open one by its id"), form, wrong);
  }

  function show(next: TalkSession | null, conversation: string | null): void {
    if (next !== session) clearSession();
    if (next === null) return;
    if (session === null) showSession(next);
    element.classList.toggle("is-open", conversation !== null);
    list?.setOpen(conversation);
    if (conversation === open?.id && conversation !== null) return;
    close();
    if (conversation === null) return fill(middle, nothingOpen());
    try {
      const opened = thread(app(), next, next.conversation(conversation), () => onOpen(null));
      open = { id: conversation, thread: opened };
      fill(middle, opened.element, opened.about);
      announce("Conversation opened");
    } catch (thrown) {
      fill(middle, h("p", { class: "wrong", role: "alert" }, problemOf(thrown).plain));
    }
  }

  return { element, show };
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
      h(
        "p",
        {},
        "Choose a conversation or start one. Open a second window as another user to send messages both ways.",
      ),
    ),
  );
}
