// Shows who is typing, and notifies the others that the user is typing.

import type { ConversationRef, TypingSnapshot } from "causerie";

import { perform } from "../calls";
import { h } from "../dom";
import type { Scope } from "../scope";

/** One call is shown to the others for 10 s, so a call every few seconds is enough while the user types. */
const NOTIFY_INTERVAL_MS = 4_000;

/** Returns callbacks that notify the others that the user is typing, as rarely as possible. */
export function typingNotifier(conversation: ConversationRef): { typed(): void; sent(): void } {
  let last = -Infinity;
  return {
    typed() {
      if (performance.now() - last < NOTIFY_INTERVAL_MS) return;
      last = performance.now();
      void perform("await conversation.markAsTyping();", () => conversation.markAsTyping());
    },
    // Sending ends the typing state on the server, so the next keystroke must notify at once.
    sent: () => void (last = -Infinity),
  };
}

/** Creates the line that shows who is typing. */
export function typingLine(conversation: ConversationRef, scope: Scope): HTMLElement {
  const text = h("span", { dir: "auto" });
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  const line = h("p", { class: "typing hint", role: "status" }, dots, text);
  const show = (snapshot: TypingSnapshot | null): void => {
    text.textContent = snapshot === null ? "" : inWords(snapshot);
    dots.hidden = text.textContent === "";
  };
  dots.hidden = true;
  scope.keep("conversation.subscribeTyping(onSnapshot)", conversation.subscribeTyping(show));
  return line;
}

function inWords(snapshot: TypingSnapshot): string {
  if (snapshot.many) return "Many people are typing";
  const names = snapshot.users.map(({ name }) => name);
  if (names.length === 0) return "";
  const list = new Intl.ListFormat("en", { type: "conjunction" }).format(names);
  return `${list} ${names.length === 1 ? "is" : "are"} typing`;
}
