// The chat of a user: the list of conversations, and the one that is open beside it (or, on a phone, instead of it).

import type { TalkSession } from "causerie";

import { announce, fill, h } from "../dom";
import { problemOf } from "../problem";
import { type Thread, thread } from "../thread/thread";
import { type List, conversationList } from "./list";
import { newcomer } from "./newcomer";
import { startDialog } from "./start";

export interface Chat {
  element: HTMLElement;
  /** Shows a conversation of a session, or only the list; without a session nothing. */
  show(session: TalkSession | null, conversation: string | null): void;
}

/** What the chat tells the page. */
export interface Told {
  app(): string;
  onOpen(conversation: string | null): void;
  onUnread(count: number): void;
}

export function chatPanel({ app, onOpen, onUnread }: Told): Chat {
  const side = h("div", { class: "side" });
  const middle = h("div", { class: "middle" });
  const element = h("div", { class: "chat" }, side, middle);
  let session: TalkSession | null = null;
  let list: List | null = null;
  let open: { id: string; thread: Thread } | null = null;
  let endNewcomer = (): void => {};

  function enter(next: TalkSession): void {
    session = next;
    list = conversationList(next, onOpen, onUnread);
    const dialog = startDialog(next, onOpen);
    const start = h(
      "button",
      { type: "button", class: "button strong", onclick: () => dialog.showModal() },
      "New conversation",
    );
    const asked = newcomer(next);
    endNewcomer = asked.end;
    fill(side, asked.element, h("div", { class: "side-head" }, start), list.element, openById(next), dialog);
  }

  function leave(): void {
    close();
    list?.end();
    endNewcomer();
    list = session = null;
    fill(side);
  }

  function close(): void {
    open?.thread.end();
    open = null;
  }

  /** Any id will do, of a conversation that is there or not. */
  function openById(of: TalkSession): HTMLElement {
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
        // Throws at once where the id cannot be one.
        onOpen(of.conversation(input.value).id);
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
    if (next !== session) leave();
    if (next === null) return;
    if (session === null) enter(next);
    element.classList.toggle("is-open", conversation !== null);
    list?.mark(conversation);
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
        "Choose a conversation, or start one. A second window as somebody else makes it a dialogue.",
      ),
    ),
  );
}
