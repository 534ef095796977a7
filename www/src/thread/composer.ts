// The form for writing a message: a new one, a reply, or an edit. Enter sends, Shift+Enter starts a new line,
// Escape cancels a reply or an edit.

import type { ConversationRef, MessageRef, MessageSnapshot, SendTextMessageParams } from "causerie";

import { perform } from "../calls";
import { callOf } from "../code";
import { announce, fill, uniqueId, h } from "../dom";
import type { EmojiPicker } from "../emoji/picker";
import { problemView } from "../problem";
import { attachments } from "./attachments";
import { markupOf, summaryOf } from "./content";
import { isComposing, textField } from "./text-field";
import { typingNotifier } from "./typing";

export interface Composer {
  element: HTMLElement;
  reply(message: MessageSnapshot): void;
  edit(message: MessageSnapshot): void;
  /** Puts a text back that was not sent, before the text that has been written since. */
  restore(text: string): void;
  /** Takes files that are dropped onto an element. */
  acceptDrop(element: HTMLElement): void;
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
  picker: EmojiPicker,
  {
    send,
    sendFile,
  }: { send(params: SendTextMessageParams): void; sendFile(file: File, reference?: MessageRef): void },
): Composer {
  const hintId = uniqueId();
  const field = textField(hintId, onInput, () => form.requestSubmit());
  const button = h("button", { class: "button strong" }, "Send");
  const emojiButton = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": "Insert emoji",
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      title: "Insert emoji",
      onclick: () => picker.open("Insert emoji", emojiButton, field.insert),
    },
    h("span", { "aria-hidden": "true" }, "☺\ufe0e"),
  );
  field.box.append(emojiButton);
  const files = attachments(() => field.input.focus());
  files.acceptPaste(field.input);
  const context = h("div", { class: "composing" });
  const errorArea = h("div");
  const hint = h("p", { class: "hint markup", id: hintId }, "*bold*  _italic_  ~struck~  - list  ```code```");
  const form = h(
    "form",
    { class: "composer", "aria-label": "Write" },
    context,
    errorArea,
    files.tray,
    h("div", { class: "write" }, files.button, field.box, button),
    h("div", { class: "below" }, hint, field.note),
  );
  const readOnly = h("p", { class: "hint composer", hidden: true }, "You have read-only access.");
  const typing = typingNotifier(conversation);
  /** The purpose of the text: a new message (null), a reply to a message, or the new text of one. */
  let task: { kind: "reply" | "edit"; message: MessageSnapshot } | null = null;
  context.hidden = true;
  field.setText(draft());

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && task !== null && !isComposing(event)) setTask(null);
  });

  function draft(): string {
    return drafts.get(conversation.id) ?? "";
  }

  function onInput(): void {
    fill(errorArea);
    if (task?.kind === "edit") return;
    drafts.set(conversation.id, field.input.value);
    if (field.text() !== "") typing.typed();
  }

  async function submit(): Promise<void> {
    const text = field.text();
    if (button.disabled || !field.check()) return;
    if (task?.kind === "edit") return void (text !== "" && edit(task.message, text));
    if (text === "" && files.isEmpty()) return;
    // A message has one block, so each file is a message of its own, which follows when it is uploaded. The
    // first message is the reply.
    let reference = task === null ? undefined : conversation.message(task.message.id);
    if (text !== "") {
      send({ text, ...(reference && { referencedMessage: reference }) });
      reference = undefined;
    }
    for (const file of files.take()) {
      sendFile(file, reference);
      reference = undefined;
    }
    typing.sent();
    drafts.delete(conversation.id);
    setTask(null);
    field.setText("");
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
    if (task?.kind === "edit") field.setText(draft());
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
      h("div", { class: "quote" }, h("b", {}, title), h("span", { dir: "auto" }, summaryOf(message))),
      cancel,
    );
    if (kind === "edit") field.setText(markupOf(message.content) ?? message.plaintext);
    field.input.focus();
  }

  return {
    acceptDrop: (element) => files.acceptDrop(element, () => !form.hidden),
    element: h("div", { class: "composer-box" }, picker.element, form, readOnly),
    reply: (message) => setTask({ kind: "reply", message }),
    edit: (message) => setTask({ kind: "edit", message }),
    restore(text) {
      setTask(null);
      field.setText([text, draft()].filter(Boolean).join("\n"));
      drafts.set(conversation.id, field.input.value);
      field.input.focus();
    },
    allow(mayWrite) {
      form.hidden = !mayWrite;
      readOnly.hidden = mayWrite;
      if (!mayWrite) picker.close();
    },
    focus: () => field.input.focus(),
  };
}
