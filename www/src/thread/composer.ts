// Where messages are written: a new one, an answer, or another text for an old one. Enter sends, Shift and Enter makes a new
// line, Escape gives up answering or editing.

import type { ConversationRef, MessageSnapshot, SendTextMessageParams } from "causerie";

import { perform } from "../calls";
import { callOf } from "../code";
import { announce, fill, freshId, h } from "../dom";
import { problemView } from "../problem";
import { markupOf } from "./content";
import { shortened } from "./message";
import { typist } from "./typing";

export interface Composer {
  element: HTMLElement;
  reply(message: MessageSnapshot): void;
  edit(message: MessageSnapshot): void;
  /** Whether the current user may write here. */
  allow(mayWrite: boolean): void;
  focus(): void;
}

/** What was typed and not sent, by conversation, for as long as the page lives. */
const drafts = new Map<string, string>();

/** Keeps a text for when the conversation is opened again, unless something else was begun there. */
export function keepDraft(conversationId: string, text: string): void {
  if (!drafts.get(conversationId)) drafts.set(conversationId, text);
}

export function composer(
  conversation: ConversationRef,
  send: (params: SendTextMessageParams) => void,
): Composer {
  const hintId = freshId();
  const input = h("textarea", {
    rows: 1,
    name: "message",
    placeholder: "Write a message",
    "aria-label": "Message",
    "aria-describedby": hintId,
  });
  const button = h("button", { class: "button strong" }, "Send");
  const about = h("div", { class: "composing" });
  const wrong = h("div");
  const hint = h("p", { class: "hint", id: hintId }, "*bold*  _italic_  ~struck~  - list  ```code```");
  const form = h(
    "form",
    { class: "composer", "aria-label": "Write" },
    about,
    wrong,
    h("div", { class: "inline" }, input, button),
    hint,
  );
  const readOnly = h("p", { class: "hint composer", hidden: true }, "You may only read here.");
  const typing = typist(conversation);
  /** What the text is for: a new message (null), an answer to one, or the new text of one. */
  let task: { kind: "reply" | "edit"; message: MessageSnapshot } | null = null;
  about.hidden = true;
  setText(drafts.get(conversation.id) ?? "");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (event.key === "Escape" && task !== null) begin(null);
  });
  input.addEventListener("input", () => {
    grow();
    fill(wrong);
    if (task?.kind === "edit") return;
    drafts.set(conversation.id, input.value);
    if (input.value.trim() !== "") typing.typed();
  });

  async function submit(): Promise<void> {
    const text = input.value.trim();
    if (text === "" || button.disabled) return;
    if (task?.kind === "edit") return edit(task.message, text);
    const answered = task?.message;
    send({ text, ...(answered && { referencedMessage: conversation.message(answered.id) }) });
    typing.sent();
    drafts.delete(conversation.id);
    begin(null);
    setText("");
  }

  async function edit(message: MessageSnapshot, text: string): Promise<void> {
    button.disabled = true;
    const answer = await perform(callOf("await message.edit(", text), () =>
      conversation.message(message.id).edit(text),
    );
    button.disabled = false;
    if (!answer.ok)
      return fill(
        wrong,
        problemView(answer.problem, () => void submit()),
      );
    announce("Changed");
    begin(null);
  }

  function begin(next: typeof task): void {
    // Done with editing: what was being written before comes back.
    if (task?.kind === "edit") setText(drafts.get(conversation.id) ?? "");
    task = next;
    fill(wrong);
    about.hidden = next === null;
    button.textContent = next?.kind === "edit" ? "Save" : "Send";
    if (next === null) return;
    const { kind, message } = next;
    const stop = h(
      "button",
      {
        type: "button",
        class: "remove",
        "aria-label": "Stop",
        title: "Stop (Escape)",
        onclick: () => begin(null),
      },
      "×",
    );
    const title = kind === "edit" ? "Changing your message" : `Answering ${message.sender?.name ?? ""}`;
    fill(
      about,
      h(
        "div",
        { class: "quote" },
        h("b", {}, title),
        h("span", { dir: "auto" }, shortened(message.plaintext)),
      ),
      stop,
    );
    if (kind === "edit") setText(markupOf(message.content) ?? message.plaintext);
    input.focus();
  }

  function setText(text: string): void {
    input.value = text;
    grow();
  }

  /** As many lines as are written, six at most. */
  function grow(): void {
    input.rows = Math.min(6, input.value.split("\n").length);
  }

  return {
    element: h("div", {}, form, readOnly),
    reply: (message) => begin({ kind: "reply", message }),
    edit: (message) => begin({ kind: "edit", message }),
    allow(mayWrite) {
      form.hidden = !mayWrite;
      readOnly.hidden = mayWrite;
    },
    focus: () => input.focus(),
  };
}
