// The messages: the newest at the bottom, older ones by scrolling up or by the button at the top.
//
// snapshot (newest first) → items (oldest first, each with its day and whether it goes on from the one before) → rows, of
// which only those that look different are drawn again → scrolled so that nothing jumps under the reader.

import type { ConversationSnapshot, MessageSnapshot, MessageSubscription } from "causerie";

import { perform } from "../calls";
import { announce, fill, h } from "../dom";
import { keyed } from "../keyed";
import { problemView } from "../problem";
import { type Actions, type Item, looksSame, messageRow, shortened } from "./message";

/** So near the end or the start that one means to be there. */
const NEAR = 48;
/** Messages of one sender within this time stand together. */
const TOGETHER = 5 * 60_000;

export interface Log {
  element: HTMLElement;
  /** Shows the messages of a snapshot. */
  show(messages: readonly MessageSnapshot[], loadedAll: boolean): void;
  /** Shows how far everyone has read. */
  showRead(conversation: ConversationSnapshot): void;
  /** Whether the newest message is in sight. */
  isAtEnd(): boolean;
  scrollToEnd(): void;
}

/** `followed` is the subscription behind it, `pending` stands under the messages; `onSeen` is called when the end comes into sight. */
export function messageLog(
  actions: Actions,
  followed: () => MessageSubscription | null,
  pending: HTMLElement,
  onSeen: () => void,
): Log {
  const older = h(
    "button",
    { type: "button", class: "button small quiet older", onclick: () => void loadOlder() },
    "Load older messages",
  );
  const trouble = h("div");
  const start = h("p", { class: "hint start" }, "This is where the conversation begins.");
  const list = h("ol", { class: "messages", "aria-label": "Messages" });
  const end = h(
    "button",
    { type: "button", class: "button small to-end", onclick: scrollToEnd },
    "New messages ↓",
  );
  const scroller = h(
    "div",
    { class: "scrolls", tabindex: 0, role: "region", "aria-label": "Conversation" },
    trouble,
    older,
    start,
    list,
    pending,
  );
  const element = h("div", { class: "thread-log" }, scroller, end);
  const draw = keyed<Item>(list, {
    keyOf: ({ message }) => message.id,
    make: (item) => messageRow(item, actions),
    same: looksSame,
  });
  let messages: readonly MessageSnapshot[] = [];
  let readByAll = 0;
  let isFirst = true;
  let wasAtEnd = true;
  older.hidden = start.hidden = end.hidden = true;

  scroller.addEventListener("scroll", () => {
    if (scroller.scrollTop < NEAR && !isFirst) void loadOlder();
    wasAtEnd = isAtEnd();
    if (wasAtEnd) reachEnd();
  });
  // A keyboard that comes up, a smaller window, or a while out of sight must not hide what was in sight.
  new ResizeObserver(() => {
    if (wasAtEnd) scrollToEnd();
    if (isAtEnd()) reachEnd();
  }).observe(scroller);

  function isAtEnd(): boolean {
    return (
      scroller.checkVisibility() && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR
    );
  }

  function reachEnd(): void {
    end.hidden = true;
    onSeen();
  }

  function scrollToEnd(): void {
    scroller.scrollTop = scroller.scrollHeight;
    end.hidden = true;
  }

  async function loadOlder(): Promise<void> {
    const subscription = followed();
    if (older.hidden || older.disabled || subscription === null) return;
    older.disabled = true;
    older.classList.add("busy");
    const answer = await perform("await subscription.loadMore();", () => subscription.loadMore());
    older.disabled = false;
    older.classList.remove("busy");
    fill(trouble, !answer.ok && problemView(answer.problem, () => void loadOlder()));
  }

  function items(): Item[] {
    const seen = messages.find(
      (message) => message.sender?.id === actions.me && message.createdAt <= readByAll,
    );
    return [...messages].reverse().map((message, index, all) => {
      const before = index > 0 ? all[index - 1] : undefined;
      const isNewDay = before === undefined || dayOf(before.createdAt) !== dayOf(message.createdAt);
      const continues =
        !isNewDay &&
        before.sender !== null &&
        before.sender.id === message.sender?.id &&
        message.createdAt - before.createdAt < TOGETHER &&
        message.referencedMessage === null;
      return {
        message,
        day: isNewDay ? dayOf(message.createdAt) : null,
        continues,
        isSeen: message === seen,
      };
    });
  }

  return {
    element,
    isAtEnd,
    scrollToEnd,
    show(next, loadedAll) {
      const stay = isFirst || wasAtEnd;
      const [newest, oldest] = [messages[0], messages.at(-1)];
      const [height, top] = [scroller.scrollHeight, scroller.scrollTop];
      messages = next;
      draw(items());
      older.hidden = loadedAll;
      start.hidden = !loadedAll;
      const isOlder = oldest !== undefined && (next.at(-1)?.createdAt ?? Infinity) < oldest.createdAt;
      const arrived = isFirst ? [] : fresh(next, newest).filter(({ sender }) => sender?.id !== actions.me);
      if (stay) scrollToEnd();
      else if (isOlder) scroller.scrollTop = top + scroller.scrollHeight - height;
      else if (arrived.length > 0) end.hidden = false;
      const words = arrived.map(
        ({ sender, plaintext }) => `${sender === null ? "" : `${sender.name}: `}${shortened(plaintext)}`,
      );
      if (words.length > 0) announce(words.join("\n"));
      isFirst = false;
    },
    showRead({ everyoneReadUntil }) {
      if (everyoneReadUntil === readByAll) return;
      readByAll = everyoneReadUntil;
      draw(items());
    },
  };
}

/** Those that came after what was the newest before; the first is the oldest of them. */
function fresh(messages: readonly MessageSnapshot[], newest: MessageSnapshot | undefined): MessageSnapshot[] {
  return messages.filter(({ createdAt }) => newest === undefined || createdAt > newest.createdAt).reverse();
}

const DAYS = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

function dayOf(time: number): string {
  const midnight = (date: Date): number => new Date(date).setHours(0, 0, 0, 0);
  const ago = Math.round((midnight(new Date()) - midnight(new Date(time))) / 86_400_000);
  return ago === 0 || ago === 1 ? capital(RELATIVE.format(-ago, "day")) : DAYS.format(time);
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
