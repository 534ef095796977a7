// The messages of a conversation: the newest at the bottom, older ones by scrolling up or by the button at
// the top.
//
// snapshot (newest first) → items (oldest first, each with its day and whether it continues the previous one)
// → rows, of which only changed ones are rendered again → scrolled so that visible messages do not move.

import type { ConversationSnapshot, MessageSnapshot, MessageSubscription } from "causerie";

import { perform } from "../calls";
import { announce, fill, h } from "../dom";
import { keyed } from "../keyed";
import { type Problem, problemView } from "../problem";
import { skeletons } from "../skeleton";
import { keepInPlace } from "./anchor";
import { summaryOf } from "./content";
import { type Item, itemsOf, looksSame } from "./items";
import { type Actions, messageRow } from "./message";

/** Within this distance (in px) of the end, the list counts as scrolled to it. */
const END_DISTANCE_PX = 48;
/** Older messages load while this part of the visible height is still above the reader. */
const LOAD_AHEAD = 1;
/** How much of the visible height stays above the first unread message. */
const CONTEXT_ABOVE = 0.2;
/** The most messages that one call loads. */
const MAX_PAGE = 100;

export interface Log {
  element: HTMLElement;
  /** Shows the messages of a snapshot. */
  show(messages: readonly MessageSnapshot[], loadedAll: boolean): void;
  /** Shows why there are no messages. */
  showProblem(problem: Problem): void;
  /** Shows which message everyone has read, and the texts at the start of the conversation. */
  showConversation(conversation: ConversationSnapshot): void;
  /** Draws the line "New messages" before the first message after a time; `null` removes it. */
  markUnread(since: number | null, count?: number): void;
  /** Scrolls to where reading stopped, or else to the end, once the log is in the page and has messages. */
  settle(): void;
  /** Whether the newest message is visible. */
  isAtEnd(): boolean;
  scrollToEnd(): void;
  /** Scrolls to a message and highlights it, and loads older ones until it is there. */
  reveal(messageId: string): Promise<void>;
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
  const start = h("div", { class: "start" });
  const list = h("ol", { class: "messages", "aria-label": "Messages" });
  const loading = skeletons("message", 5);
  const toUnread = h(
    "button",
    { type: "button", class: "button small to-unread", onclick: () => void goToUnread() },
    "",
  );
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
    loading,
    list,
    pending,
  );
  const element = h("div", { class: "thread-log" }, toUnread, scroller, toEnd);
  const draw = keyed<Item>(list, {
    keyOf: ({ message }) => message.id,
    make: (item) => messageRow(item, actions),
    same: looksSame,
  });
  let messages: readonly MessageSnapshot[] = [];
  let hasAll = false;
  let readByAll = 0;
  let welcomeTexts: string | null = null;
  let unreadSince: number | null = null;
  let isLoaded = false;
  let isSettled = false;
  let wasAtEnd = true;
  let lastTop = 0;
  let tellSettled = (): void => {};
  const settled = new Promise<void>((resolve) => (tellSettled = resolve));
  older.hidden = start.hidden = toEnd.hidden = toUnread.hidden = true;

  scroller.addEventListener("scroll", () => {
    const { scrollTop, clientHeight } = scroller;
    const isUpwards = scrollTop < lastTop;
    lastTop = scrollTop;
    if (isSettled && isUpwards && scrollTop < clientHeight * LOAD_AHEAD) void loadOlder();
    wasAtEnd = isAtEnd();
    if (wasAtEnd) reachEnd();
    if (!toUnread.hidden) showWayToUnread();
  });
  // The newest message stays visible when an on-screen keyboard opens, the window shrinks, or the log is
  // shown again.
  new ResizeObserver(() => {
    settle();
    if (wasAtEnd) scrollToEnd();
    if (isAtEnd()) reachEnd();
  }).observe(scroller);

  function isAtEnd(): boolean {
    return (
      isSettled &&
      scroller.checkVisibility() &&
      scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < END_DISTANCE_PX
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

  let inFlight: Promise<boolean> | null = null;

  /** Loads older messages: a page, or `count`. Resolves with whether that succeeded. */
  function loadOlder(count?: number): Promise<boolean> {
    inFlight ??= load(count).finally(() => (inFlight = null));
    return inFlight;
  }

  async function load(count?: number): Promise<boolean> {
    const subscription = currentSubscription();
    if (hasAll || subscription === null) return false;
    older.disabled = true;
    older.classList.add("busy");
    const outcome = await perform(`await subscription.loadMore(${count ?? ""});`, () =>
      subscription.loadMore(count),
    );
    older.disabled = false;
    older.classList.remove("busy");
    fill(errorArea, !outcome.ok && problemView(outcome.problem, () => void loadOlder(count)));
    return outcome.ok;
  }

  /** Loads older messages until a condition holds. Resolves with whether it holds. */
  async function loadUntil(isThere: () => boolean): Promise<boolean> {
    while (!isThere()) if (!(await loadOlder(MAX_PAGE))) return false;
    return true;
  }

  /** Draws the messages; `above` changes what is above them. */
  function redraw(above = (): void => {}): void {
    keepInPlace(scroller, list, () => {
      above();
      draw(itemsOf(messages, { me: actions.me, readByAll, unreadSince }));
    });
  }

  const firstUnread = (): HTMLElement | null => list.querySelector(".unread-line");
  /** Whether the first unread message is loaded, and not only some after it. */
  const hasFirstUnread = (): boolean =>
    hasAll || (unreadSince !== null && (messages.at(-1)?.createdAt ?? Infinity) <= unreadSince);

  function scrollToUnread(): void {
    const line = firstUnread();
    if (line === null) return scrollToEnd();
    const above = line.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    scroller.scrollTop += above - scroller.clientHeight * CONTEXT_ABOVE;
  }

  async function goToUnread(): Promise<void> {
    toUnread.disabled = true;
    toUnread.classList.add("busy");
    if (await loadUntil(hasFirstUnread)) {
      toUnread.hidden = true;
      scrollToUnread();
      scroller.focus();
    }
    toUnread.disabled = false;
    toUnread.classList.remove("busy");
  }

  /** Hides the way to the first unread message as soon as the reader is there. */
  function showWayToUnread(): void {
    if (hasFirstUnread() && scroller.scrollTop <= (firstUnread()?.offsetTop ?? Infinity))
      toUnread.hidden = true;
  }

  function settle(): void {
    // A hidden log cannot be scrolled; it settles when it is shown.
    if (isSettled || !isLoaded || !element.checkVisibility()) return;
    isSettled = true;
    if (unreadSince !== null && hasFirstUnread()) {
      toUnread.hidden = true;
      scrollToUnread();
    } else scrollToEnd();
    lastTop = scroller.scrollTop;
    wasAtEnd = isAtEnd();
    toEnd.hidden = wasAtEnd;
    tellSettled();
  }

  return {
    element,
    isAtEnd,
    settle,
    scrollToEnd,
    show(next, loadedAll) {
      const newest = messages[0];
      const received = isLoaded
        ? newerThan(next, newest).filter(({ sender }) => sender?.id !== actions.me)
        : [];
      messages = next;
      hasAll = loadedAll;
      isLoaded = true;
      redraw(() => {
        loading.remove();
        older.hidden = loadedAll;
        start.hidden = !loadedAll;
        start.classList.toggle("is-empty", next.length === 0);
      });
      if (!isSettled) settle();
      else if (wasAtEnd) scrollToEnd();
      else if (received.length > 0) toEnd.hidden = false;
      const texts = received.map(
        (message) => `${message.sender === null ? "" : `${message.sender.name}: `}${summaryOf(message)}`,
      );
      if (texts.length > 0) announce(texts.join("\n"));
    },
    showProblem(problem) {
      loading.remove();
      fill(
        errorArea,
        problemView(problem, () => location.reload()),
      );
    },
    showConversation({ everyoneReadUntil, welcomeMessages }) {
      const texts = welcomeMessages.join("\n\n");
      if (everyoneReadUntil === readByAll && texts === welcomeTexts) return;
      readByAll = everyoneReadUntil;
      welcomeTexts = texts;
      redraw(() =>
        fill(
          start,
          ...welcomeMessages.map((text) => h("p", { class: "welcome", dir: "auto" }, text)),
          h("p", { class: "hint beginning" }, "This is the beginning of the conversation."),
          h("p", { class: "hint nothing-yet" }, "No messages yet. Write the first one."),
        ),
      );
    },
    markUnread(since, count = 0) {
      if (since === unreadSince) return;
      unreadSince = since;
      toUnread.hidden = since === null || count === 0;
      toUnread.textContent = `↑ ${count} unread ${count === 1 ? "message" : "messages"}`;
      redraw();
    },
    async reveal(messageId) {
      const find = (): HTMLElement | undefined =>
        [...list.querySelectorAll<HTMLElement>("[data-message]")].find(
          ({ dataset }) => dataset["message"] === messageId,
        );
      await settled;
      if (!(await loadUntil(() => find() !== undefined || hasAll))) return;
      const row = find();
      if (row === undefined) return announce("That message is not here any more.");
      row.scrollIntoView({ block: "center" });
      row.classList.add("highlighted");
      setTimeout(() => row.classList.remove("highlighted"), 2_000);
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
