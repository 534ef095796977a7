// Messages that the server has not confirmed yet. They are shown below the others as soon as they are sent,
// and removed when the message is in the list; a rejected one stays, with the reason, until it is sent again
// or discarded.
//
// A lost connection needs no handling here: the SDK sends the message again, and it arrives once.

import type { ConversationRef, MessageSnapshot, SendTextMessageParams } from "causerie";

import { perform } from "../calls";
import { callOf } from "../code";
import { announce, fill, h } from "../dom";
import { problemView } from "../problem";

export interface Outbox {
  element: HTMLElement;
  send(params: SendTextMessageParams): void;
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

/** Creates an outbox. */
export function outbox(
  conversation: ConversationRef,
  { onChange, onEdit, onRejected }: OutboxOptions,
): Outbox {
  const element = h("ol", { class: "messages outbox", "aria-label": "Messages being sent" });
  /** Rows of confirmed messages that are not in the list yet, by message id. */
  const confirmed = new Map<string, HTMLElement>();
  let inList = new Set<string>();

  async function send(params: SendTextMessageParams): Promise<void> {
    const state = h("p", { class: "when", role: "status" }, "sending…");
    const bubble = h(
      "div",
      { class: "bubble" },
      h("div", { class: "content text", dir: "auto" }, params.text),
      state,
    );
    const row = h("li", { class: "message mine pending" }, h("div", { class: "beside" }, bubble));
    // It stands where it will stand in the list, below the user's previous message.
    const above = element.lastElementChild ?? element.previousElementSibling?.lastElementChild;
    if (above?.matches(".mine") && params.referencedMessage === undefined) row.classList.add("continues");
    element.append(row);
    onChange();

    const { text, referencedMessage } = params;
    const reply =
      typeof referencedMessage === "object" ? { text, referencedMessage: referencedMessage.id } : text;
    const outcome = await perform(callOf("const message = await conversation.send(", reply), () =>
      conversation.send(params),
    );
    if (outcome.ok) {
      if (inList.has(outcome.value.id)) row.remove();
      else confirmed.set(outcome.value.id, row);
      return;
    }
    if (!element.isConnected) {
      announce("A message was not sent. It is kept as a draft.");
      return onRejected(params.text);
    }
    const again = (): void => {
      row.remove();
      void send(params);
    };
    row.classList.add("failed");
    const edit = (): void => {
      row.remove();
      onEdit(params.text);
    };
    fill(state, "not sent");
    bubble.append(
      problemView(outcome.problem, again),
      h(
        "p",
        { class: "actions" },
        h("button", { type: "button", class: "button small", onclick: edit }, "Change the text"),
        h("button", { type: "button", class: "button small", onclick: () => row.remove() }, "Discard"),
      ),
    );
    onChange();
  }

  return {
    element,
    send: (params) => void send(params),
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
