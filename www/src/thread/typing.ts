// Who is typing, in words; and telling the others that I am.

import type { ConversationRef, TypingSnapshot } from "causerie";

import { perform } from "../calls";
import { h } from "../dom";
import type { Scope } from "../live";

/** What the server shows of one call lasts 10 s, so a call every few seconds is enough while somebody types. */
const EVERY_MS = 4_000;

/** Tells the others that I am typing, as seldom as will do. */
export function typist(conversation: ConversationRef): { typed(): void; sent(): void } {
  let last = -Infinity;
  return {
    typed() {
      if (performance.now() - last < EVERY_MS) return;
      last = performance.now();
      void perform("await conversation.markAsTyping();", () => conversation.markAsTyping());
    },
    // Sending ends it on the server, so the next letter must be told at once.
    sent: () => void (last = -Infinity),
  };
}

/** The line that says who is typing. */
export function typingLine(conversation: ConversationRef, scope: Scope): HTMLElement {
  const words = h("span", { dir: "auto" });
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  const line = h("p", { class: "typing hint", role: "status" }, dots, words);
  const show = (snapshot: TypingSnapshot | null): void => {
    words.textContent = snapshot === null ? "" : inWords(snapshot);
    dots.hidden = words.textContent === "";
  };
  dots.hidden = true;
  scope.follow("conversation.subscribeTyping(onSnapshot)", conversation.subscribeTyping(show));
  return line;
}

function inWords(snapshot: TypingSnapshot): string {
  if (snapshot.many) return "Many people are typing";
  const names = snapshot.users.map(({ name }) => name);
  if (names.length === 0) return "";
  const list = new Intl.ListFormat("en", { type: "conjunction" }).format(names);
  return `${list} ${names.length === 1 ? "is" : "are"} typing`;
}
