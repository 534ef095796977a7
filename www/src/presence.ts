// A dot that shows whether a user is online.

import type { TalkSession } from "causerie";

import { h } from "./dom";
import type { Scope } from "./scope";

/** Creates the dot of a user; it is up to date until the scope ends. */
export function onlineDot(session: TalkSession, userId: string, scope: Scope): HTMLElement {
  const words = h("span", { class: "visually-hidden" });
  const dot = h("span", { class: "dot", "data-user": userId }, words);
  const subscription = session.user(userId).subscribeOnline((snapshot) => {
    const isOnline = snapshot?.isConnected ?? false;
    dot.classList.toggle("online", isOnline);
    dot.title = isOnline ? "online" : "offline";
    words.textContent = isOnline ? "online" : "offline";
  });
  scope.keep("session.user(id).subscribeOnline(onSnapshot)", subscription);
  return dot;
}
