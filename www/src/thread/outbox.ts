// Messages of mine that the server has not confirmed yet. They stand under the others as soon as they are sent, and go when
// the message itself is in the list; one that was refused stays, with the reason, until it is tried again or thrown away.
//
// There is nothing to keep here for a lost connection: the SDK sends again by itself, and the message arrives once.

import type { ConversationRef, MessageSnapshot, SendTextMessageParams } from "causerie";

import { perform } from "../calls";
import { callOf } from "../code";
import { announce, fill, h } from "../dom";
import { problemView } from "../problem";

export interface Outbox {
  element: HTMLElement;
  send(params: SendTextMessageParams): void;
  /** Tells which messages are in the list, newest first. */
  seen(messages: readonly MessageSnapshot[]): void;
}

/**
 * `onChange` is called when a message was put under the others, and when it was refused; `onLost` with the text of one that was
 * refused after its conversation was left.
 */
export function outbox(
  conversation: ConversationRef,
  onChange: () => void,
  onLost: (text: string) => void,
): Outbox {
  const element = h("ol", { class: "messages outbox", "aria-label": "Messages on their way" });
  /** Confirmed, but not in the list yet. */
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
    const answer = await perform(callOf("const message = await conversation.send(", reply), () =>
      conversation.send(params),
    );
    if (answer.ok) {
      if (inList.has(answer.value.id)) row.remove();
      else confirmed.set(answer.value.id, row);
      return;
    }
    if (!element.isConnected) {
      announce("A message was not sent. It is kept as a draft.");
      return onLost(params.text);
    }
    const again = (): void => {
      row.remove();
      void send(params);
    };
    row.classList.add("failed");
    const discard = h(
      "button",
      { type: "button", class: "button small", onclick: () => row.remove() },
      "Throw away",
    );
    fill(state, "not sent");
    bubble.append(problemView(answer.problem, again), h("p", { class: "actions" }, discard));
    onChange();
  }

  return {
    element,
    send: (params) => void send(params),
    seen(messages) {
      inList = new Set(messages.map(({ id }) => id));
      for (const [id, row] of confirmed) {
        if (!inList.has(id)) continue;
        row.remove();
        confirmed.delete(id);
      }
    },
  };
}
