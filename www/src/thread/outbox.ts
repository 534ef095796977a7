// Messages that the server has not confirmed yet. They are shown below the others as soon as they are sent,
// and removed when the message is in the list; a rejected one stays, with the reason, until it is sent again
// or discarded. A file is uploaded first, with its progress, and can be cancelled until then.
//
// A lost connection needs no handling here: the SDK sends the message again, and it arrives once.

import type {
  ConversationRef,
  MessageRef,
  MessageSnapshot,
  SendContentBlock,
  SendTextMessageParams,
  TalkSession,
} from "causerie";

import { type Outcome, perform } from "../calls";
import { callOf } from "../code";
import { announce, fill, h } from "../dom";
import { problemView } from "../problem";
import { sizeText } from "./files";
import { previewOf, upload } from "./upload";

export interface Outbox {
  element: HTMLElement;
  send(params: SendTextMessageParams): void;
  /** Uploads a file and sends it, as a reply if a message is given. */
  sendFile(file: File, reference?: MessageRef): void;
  /** Removes the confirmed messages that are in the list now. */
  removeListed(messages: readonly MessageSnapshot[]): void;
}

/** Callbacks of an outbox. */
export interface OutboxOptions {
  /** Called when a message is added and when it is rejected. */
  onChange(): void;
  /** Called with the text of a rejected message that the user wants to change. */
  onEdit(text: string): void;
  /** Called with the text of a message that is rejected after its conversation was closed. */
  onRejected(text: string): void;
}

/** A message on its way. */
interface Delivery {
  view: HTMLElement;
  /** What the row says while it is sent. */
  state: string;
  /** The text, if the message can be changed. */
  text: string | null;
  continues: boolean;
  /** Sends the message. Resolves with `null` if the user cancelled it. */
  run(): Promise<Outcome<MessageRef> | null>;
}

/** Creates an outbox. */
export function outbox(
  session: TalkSession,
  conversation: ConversationRef,
  { onChange, onEdit, onRejected }: OutboxOptions,
): Outbox {
  const element = h("ol", { class: "messages outbox", "aria-label": "Messages being sent" });
  /** Rows of confirmed messages that are not in the list yet, by message id. */
  const confirmed = new Map<string, HTMLElement>();
  let inList = new Set<string>();
  /** Files travel one after the other, so they arrive in the order in which they were chosen. */
  let uploads: Promise<unknown> = Promise.resolve();

  async function deliver(delivery: Delivery): Promise<void> {
    const state = h("p", { class: "when", role: "status" }, delivery.state);
    const bubble = h("div", { class: "bubble" }, delivery.view, state);
    const row = h("li", { class: "message mine pending" }, h("div", { class: "beside" }, bubble));
    // It stands where it will stand in the list, below the user's previous message.
    const above = element.lastElementChild ?? element.previousElementSibling?.lastElementChild;
    if (above?.matches(".mine") && delivery.continues) row.classList.add("continues");
    element.append(row);
    onChange();
    const outcome = await delivery.run();
    if (outcome === null) return row.remove();
    if (outcome.ok) {
      if (inList.has(outcome.value.id)) row.remove();
      else confirmed.set(outcome.value.id, row);
      return;
    }
    const { text } = delivery;
    if (!element.isConnected) {
      announce(`A message was not sent.${text === null ? "" : " It is kept as a draft."}`);
      return void (text !== null && onRejected(text));
    }
    const again = (): void => {
      row.remove();
      void deliver(delivery);
    };
    const edit = (words: string): void => {
      row.remove();
      onEdit(words);
    };
    row.classList.add("failed");
    fill(state, "not sent");
    bubble.append(
      problemView(outcome.problem, again),
      h(
        "p",
        { class: "actions" },
        text !== null && smallButton("Change the text", () => edit(text)),
        smallButton("Discard", () => row.remove()),
      ),
    );
    onChange();
  }

  function send(params: SendTextMessageParams): void {
    const { text, referencedMessage } = params;
    const reply =
      typeof referencedMessage === "object" ? { text, referencedMessage: referencedMessage.id } : text;
    void deliver({
      view: h("div", { class: "content text", dir: "auto" }, text),
      state: "sending…",
      text,
      continues: referencedMessage === undefined,
      run: () =>
        perform(callOf("const message = await conversation.send(", reply), () => conversation.send(params)),
    });
  }

  function sendFile(file: File, reference?: MessageRef): void {
    const bar = h("progress", { max: 1, value: 0, "aria-label": `Upload of ${file.name}` });
    const percent = h("span", { class: "hint" }, sizeText(file.size));
    const cancel = h(
      "button",
      { type: "button", class: "remove", "aria-label": `Cancel ${file.name}`, title: "Cancel" },
      "×",
    );
    const texts = h(
      "span",
      { class: "file-texts" },
      h("span", { class: "file-name" }, file.name),
      bar,
      percent,
    );
    const view = h("div", { class: "file-card uploading" }, previewOf(file), texts, cancel);

    async function transfer(signal: AbortSignal): Promise<Outcome<MessageRef> | null> {
      bar.value = 0;
      const onProgress = (sent: number, all: number): void => {
        bar.value = all === 0 ? 1 : sent / all;
        percent.textContent = `${Math.floor(bar.value * 100)} % of ${sizeText(file.size)}`;
      };
      if (signal.aborted) return null;
      const uploaded = await upload(session, file, { onProgress, signal });
      if (signal.aborted) return null;
      if (!uploaded.ok) return uploaded;
      const content: [SendContentBlock] = [{ type: "file", fileToken: uploaded.value }];
      return perform('await conversation.send({ content: [{ type: "file", fileToken }] });', () =>
        conversation.send({ content, ...(reference && { referencedMessage: reference }) }),
      );
    }

    void deliver({
      view,
      state: "sending…",
      text: null,
      continues: reference === undefined,
      run() {
        const abort = new AbortController();
        cancel.hidden = bar.hidden = false;
        cancel.onclick = () => abort.abort();
        const turn = uploads.then(() => transfer(abort.signal));
        uploads = turn;
        return turn.finally(() => {
          cancel.hidden = bar.hidden = true;
          percent.textContent = sizeText(file.size);
        });
      },
    });
  }

  return {
    element,
    send,
    sendFile,
    removeListed(messages) {
      inList = new Set(messages.map(({ id }) => id));
      for (const [id, row] of confirmed) {
        if (!inList.has(id)) continue;
        row.remove();
        confirmed.delete(id);
      }
    },
  };
}

function smallButton(label: string, onclick: () => void): HTMLElement {
  return h("button", { type: "button", class: "button small", onclick }, label);
}
