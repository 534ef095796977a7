// The form for writing a message: a new one, a reply, or an edit. Enter sends, Shift+Enter starts a new line,
// Escape cancels a reply or an edit.

import type { ConversationRef, MessageSnapshot, SendTextMessageParams } from "causerie";

import { perform } from "../calls";
import { callOf } from "../code";
import { announce, fill, uniqueId, h } from "../dom";
import { problemView } from "../problem";
import { markupOf } from "./content";
import { shortened } from "./message";
import { typingNotifier } from "./typing";

export interface Composer {
  element: HTMLElement;
  reply(message: MessageSnapshot): void;
  edit(message: MessageSnapshot): void;
  /** Whether the current user may write here. */
  allow(mayWrite: boolean): void;
  focus(): void;
}

/** Unsent texts by conversation id, until the page is closed. */
const drafts = new Map<string, string>();

/** Keeps a text as the draft of a conversation, unless there is one already. */
export function keepDraft(conversationId: string, text: string): void {
  if (!drafts.get(conversationId)) drafts.set(conversationId, text);
}

export function composer(
  conversation: ConversationRef,
  send: (params: SendTextMessageParams) => void,
): Composer {
  const hintId = uniqueId();
  const input = h("textarea", {
    rows: 1,
    name: "message",
    placeholder: "Write a message",
    "aria-label": "Message",
    "aria-describedby": hintId,
  });
  const button = h("button", { class: "button strong" }, "Send");
  const context = h("div", { class: "composing" });
  const errorArea = h("div");
  const hint = h("p", { class: "hint", id: hintId }, "*bold*  _italic_  ~struck~  - list  ```code```");
  const form = h(
    "form",
    { class: "composer", "aria-label": "Write" },
    context,
    errorArea,
    h("div", { class: "inline" }, input, button),
    hint,
  );
  const readOnly = h("p", { class: "hint composer", hidden: true }, "You have read-only access.");
  const typing = typingNotifier(conversation);
  /** The purpose of the text: a new message (null), a reply to a message, or the new text of one. */
  let task: { kind: "reply" | "edit"; message: MessageSnapshot } | null = null;
  context.hidden = true;
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
    if (event.key === "Escape" && task !== null) setTask(null);
  });
  input.addEventListener("input", () => {
    resize();
    fill(errorArea);
    if (task?.kind === "edit") return;
    drafts.set(conversation.id, input.value);
    if (input.value.trim() !== "") typing.typed();
  });

  async function submit(): Promise<void> {
    const text = input.value.trim();
    if (text === "" || button.disabled) return;
    if (task?.kind === "edit") return edit(task.message, text);
    const repliedTo = task?.message;
    send({ text, ...(repliedTo && { referencedMessage: conversation.message(repliedTo.id) }) });
    typing.sent();
    drafts.delete(conversation.id);
    setTask(null);
    setText("");
  }

  async function edit(message: MessageSnapshot, text: string): Promise<void> {
    button.disabled = true;
    const outcome = await perform(callOf("await message.edit(", text), () =>
      conversation.message(message.id).edit(text),
    );
    button.disabled = false;
    if (!outcome.ok)
      return fill(
        errorArea,
        problemView(outcome.problem, () => void submit()),
      );
    announce("Message edited");
    setTask(null);
  }

  function setTask(next: typeof task): void {
    // After an edit, the draft is restored.
    if (task?.kind === "edit") setText(drafts.get(conversation.id) ?? "");
    task = next;
    fill(errorArea);
    context.hidden = next === null;
    button.textContent = next?.kind === "edit" ? "Save" : "Send";
    if (next === null) return;
    const { kind, message } = next;
    const cancel = h(
      "button",
      {
        type: "button",
        class: "remove",
        "aria-label": "Cancel",
        title: "Cancel (Escape)",
        onclick: () => setTask(null),
      },
      "×",
    );
    const title = kind === "edit" ? "Editing your message" : `Replying to ${message.sender?.name ?? ""}`;
    fill(
      context,
      h(
        "div",
        { class: "quote" },
        h("b", {}, title),
        h("span", { dir: "auto" }, shortened(message.plaintext)),
      ),
      cancel,
    );
    if (kind === "edit") setText(markupOf(message.content) ?? message.plaintext);
    input.focus();
  }

  function setText(text: string): void {
    input.value = text;
    resize();
  }

  /** Fits the height to the text, up to six lines. */
  function resize(): void {
    input.rows = Math.min(6, input.value.split("\n").length);
  }

  return {
    element: h("div", {}, form, readOnly),
    reply: (message) => setTask({ kind: "reply", message }),
    edit: (message) => setTask({ kind: "edit", message }),
    allow(mayWrite) {
      form.hidden = !mayWrite;
      readOnly.hidden = mayWrite;
    },
    focus: () => input.focus(),
  };
}
