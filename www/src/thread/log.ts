// The messages of a conversation: the newest at the bottom, older ones by scrolling up or by the button at
// the top.
//
// snapshot (newest first) → items (oldest first, each with its day and whether it continues the previous one)
// → rows, of which only changed ones are rendered again → scrolled so that visible messages do not move.

import type { ConversationSnapshot, MessageSnapshot, MessageSubscription } from "causerie";

import { perform } from "../calls";
import { announce, fill, h } from "../dom";
import { keyed } from "../keyed";
import { problemView } from "../problem";
import { type Actions, type Item, looksSame, messageRow, shortened } from "./message";

/** Within this distance (in px) of an edge, the list counts as scrolled to it. */
const EDGE_DISTANCE_PX = 48;
/** Messages of one sender within this time are grouped. */
const GROUPING_MS = 5 * 60_000;

export interface Log {
  element: HTMLElement;
  /** Shows the messages of a snapshot. */
  show(messages: readonly MessageSnapshot[], loadedAll: boolean): void;
  /** Shows which message everyone has read. */
  showRead(conversation: ConversationSnapshot): void;
  /** Whether the newest message is visible. */
  isAtEnd(): boolean;
  scrollToEnd(): void;
}

/**
 * Creates the log. `currentSubscription` returns the subscription behind it, `pending` is shown below the
 * messages, and `onSeen` is called when the newest message becomes visible.
 */
export function messageLog(
  actions: Actions,
  currentSubscription: () => MessageSubscription | null,
  pending: HTMLElement,
  onSeen: () => void,
): Log {
  const older = h(
    "button",
    { type: "button", class: "button small quiet older", onclick: () => void loadOlder() },
    "Load older messages",
  );
  const errorArea = h("div");
  const start = h("p", { class: "hint start" }, "This is the beginning of the conversation.");
  const list = h("ol", { class: "messages", "aria-label": "Messages" });
  const toEnd = h(
    "button",
    { type: "button", class: "button small to-end", onclick: scrollToEnd },
    "New messages ↓",
  );
  const scroller = h(
    "div",
    { class: "scrolls", tabindex: 0, role: "region", "aria-label": "Conversation" },
    errorArea,
    older,
    start,
    list,
    pending,
  );
  const element = h("div", { class: "thread-log" }, scroller, toEnd);
  const draw = keyed<Item>(list, {
    keyOf: ({ message }) => message.id,
    make: (item) => messageRow(item, actions),
    same: looksSame,
  });
  let messages: readonly MessageSnapshot[] = [];
  let readByAll = 0;
  let isFirst = true;
  let wasAtEnd = true;
  older.hidden = start.hidden = toEnd.hidden = true;

  scroller.addEventListener("scroll", () => {
    if (scroller.scrollTop < EDGE_DISTANCE_PX && !isFirst) void loadOlder();
    wasAtEnd = isAtEnd();
    if (wasAtEnd) reachEnd();
  });
  // The newest message stays visible when an on-screen keyboard opens, the window shrinks, or the log is
  // shown again.
  new ResizeObserver(() => {
    if (wasAtEnd) scrollToEnd();
    if (isAtEnd()) reachEnd();
  }).observe(scroller);

  function isAtEnd(): boolean {
    return (
      scroller.checkVisibility() &&
      scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < EDGE_DISTANCE_PX
    );
  }

  function reachEnd(): void {
    toEnd.hidden = true;
    onSeen();
  }

  function scrollToEnd(): void {
    scroller.scrollTop = scroller.scrollHeight;
    toEnd.hidden = true;
  }

  async function loadOlder(): Promise<void> {
    const subscription = currentSubscription();
    if (older.hidden || older.disabled || subscription === null) return;
    older.disabled = true;
    older.classList.add("busy");
    const outcome = await perform("await subscription.loadMore();", () => subscription.loadMore());
    older.disabled = false;
    older.classList.remove("busy");
    fill(errorArea, !outcome.ok && problemView(outcome.problem, () => void loadOlder()));
  }

  function items(): Item[] {
    const seen = messages.find(
      (message) => message.sender?.id === actions.me && message.createdAt <= readByAll,
    );
    return [...messages].reverse().map((message, index, all) => {
      const previous = index > 0 ? all[index - 1] : undefined;
      const isNewDay = previous === undefined || dayOf(previous.createdAt) !== dayOf(message.createdAt);
      const continues =
        !isNewDay &&
        previous.sender !== null &&
        previous.sender.id === message.sender?.id &&
        message.createdAt - previous.createdAt < GROUPING_MS &&
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
      const staysAtEnd = isFirst || wasAtEnd;
      const [newest, oldest] = [messages[0], messages.at(-1)];
      const [height, top] = [scroller.scrollHeight, scroller.scrollTop];
      messages = next;
      draw(items());
      older.hidden = loadedAll;
      start.hidden = !loadedAll;
      const loadedOlder = oldest !== undefined && (next.at(-1)?.createdAt ?? Infinity) < oldest.createdAt;
      const received = isFirst
        ? []
        : newerThan(next, newest).filter(({ sender }) => sender?.id !== actions.me);
      if (staysAtEnd) scrollToEnd();
      else if (loadedOlder) scroller.scrollTop = top + scroller.scrollHeight - height;
      else if (received.length > 0) toEnd.hidden = false;
      const texts = received.map(
        ({ sender, plaintext }) => `${sender === null ? "" : `${sender.name}: `}${shortened(plaintext)}`,
      );
      if (texts.length > 0) announce(texts.join("\n"));
      isFirst = false;
    },
    showRead({ everyoneReadUntil }) {
      if (everyoneReadUntil === readByAll) return;
      readByAll = everyoneReadUntil;
      draw(items());
    },
  };
}

/** Returns the messages after the previously newest one, oldest first. */
function newerThan(
  messages: readonly MessageSnapshot[],
  newest: MessageSnapshot | undefined,
): MessageSnapshot[] {
  return messages.filter(({ createdAt }) => newest === undefined || createdAt > newest.createdAt).reverse();
}

const DAYS = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

function dayOf(time: number): string {
  const midnight = (date: Date): number => new Date(date).setHours(0, 0, 0, 0);
  const ago = Math.round((midnight(new Date()) - midnight(new Date(time))) / 86_400_000);
  return ago === 0 || ago === 1 ? capitalized(RELATIVE.format(-ago, "day")) : DAYS.format(time);
}

function capitalized(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
