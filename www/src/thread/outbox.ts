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

/**
 * Creates an outbox. `onChange` is called when a message is added and when it is rejected; `onRejected` with
 * the text of a message that is rejected after its conversation was closed.
 */
export function outbox(
  conversation: ConversationRef,
  onChange: () => void,
  onRejected: (text: string) => void,
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
    const discard = h(
      "button",
      { type: "button", class: "button small", onclick: () => row.remove() },
      "Discard",
    );
    fill(state, "not sent");
    bubble.append(problemView(outcome.problem, again), h("p", { class: "actions" }, discard));
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
