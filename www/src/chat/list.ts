// The user's conversations, latest activity first and kept up to date; unread ones have a badge.

import type { ConversationListSubscription, ConversationSnapshot, TalkSession } from "causerie";

import { perform } from "../calls";
import { fill, uniqueId, h } from "../dom";
import { type Row, keyed } from "../keyed";
import { type Scope, createScope } from "../scope";
import { urlOf } from "../route";
import { problemView } from "../problem";
import { skeletons } from "../skeleton";
import { summaryOf } from "../thread/content";
import { searchPanel } from "./search";
import { conversationTitle } from "./title";

/** Without a first snapshot after this time, a hint about the connection is shown. */
const SLOW_START_MS = 6_000;

/** Further conversations load when the list ends within this distance. */
const LOAD_AHEAD_PX = 200;

export interface List {
  element: HTMLElement;
  /** Marks the open conversation. */
  setOpen(id: string | null): void;
  end(): void;
}

/**
 * Creates the list. `onOpen` is called with the chosen conversation, and the message in it if a search found
 * one.
 */
export function conversationList(
  session: TalkSession,
  onOpen: (id: string, message: string | null) => void,
  onUnread: (count: number) => void,
): List {
  const scope = createScope();
  const titleId = uniqueId();
  const onlyUnread = h("input", { type: "checkbox" });
  const list = h("ul", { class: "conversations scrolls", "aria-labelledby": titleId });
  const nothing = h("p", { class: "hint nothing" });
  const more = h(
    "button",
    { type: "button", class: "button small quiet", onclick: () => void loadMore() },
    "Load more",
  );
  const errorArea = h("div");
  const loading = h("div");
  let open: string | null = null;
  let current = scope.child();
  let subscription: ConversationListSubscription | null = null;
  more.hidden = true;
  onlyUnread.addEventListener("change", subscribe);
  list.addEventListener("scroll", () => {
    const below = list.scrollHeight - list.scrollTop - list.clientHeight;
    if (below < LOAD_AHEAD_PX && !more.hidden && !more.disabled) void loadMore();
  });
  subscribe();

  /** Subscribes to the list, or to its unread conversations: another filter is another subscription. */
  function subscribe(): void {
    current.end();
    current = scope.child();
    const filter = onlyUnread.checked ? { isUnread: true } : {};
    const part = current;
    fill(list);
    fill(errorArea);
    nothing.textContent = "";
    fill(loading, skeletons("conversation", 4));
    const slow = setTimeout(() => (nothing.textContent = NOT_LIVE), SLOW_START_MS);
    part.onEnd(() => clearTimeout(slow));
    const draw = keyed<ConversationSnapshot>(list, {
      keyOf: ({ id }) => id,
      make: (conversation) => rowOf(conversation, part),
    });
    const code = onlyUnread.checked ? "{ filter: { isUnread: true } }, onSnapshot" : "onSnapshot";
    subscription = part.keep(
      `session.subscribeConversations(${code})`,
      session.subscribeConversations({ filter }, (conversations, loadedAll) => {
        clearTimeout(slow);
        fill(loading);
        draw(conversations);
        markOpen();
        more.hidden = loadedAll;
        nothing.textContent =
          conversations.length > 0
            ? ""
            : onlyUnread.checked
              ? "No unread conversations."
              : "No conversations yet. Start one!";
        onUnread(conversations.filter(({ isUnread }) => isUnread).length);
      }),
      (problem) => {
        clearTimeout(slow);
        fill(loading);
        nothing.textContent = "";
        fill(errorArea, problemView(problem, subscribe));
      },
    );
  }

  async function loadMore(): Promise<void> {
    const list = subscription;
    if (list === null) return;
    more.disabled = true;
    const outcome = await perform("await subscription.loadMore();", () => list.loadMore());
    more.disabled = false;
    fill(errorArea, !outcome.ok && problemView(outcome.problem, () => void loadMore()));
  }

  function rowOf(first: ConversationSnapshot, listScope: Scope): Row<ConversationSnapshot> {
    const rowScope = listScope.child();
    const title = conversationTitle(session, first.id, rowScope);
    const last = h("span", { class: "last", dir: "auto" });
    const when = h("time", { class: "when" });
    const badge = h("span", { class: "badge unread" });
    const link = h(
      "a",
      { href: urlOf({ conversation: first.id, view: "chat" }), "data-conversation": first.id },
      title.picture,
      h(
        "span",
        { class: "texts" },
        h("span", { class: "line" }, title.name, when),
        h("span", { class: "line" }, last, badge),
      ),
    );
    link.addEventListener("click", (event) => {
      // With a modifier key, the browser opens the link in a new window.
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onOpen(first.id, null);
    });
    const row: Row<ConversationSnapshot> = {
      element: h("li", {}, link),
      update(conversation) {
        title.update(conversation);
        last.textContent = lastLine(conversation, session.currentUser.id);
        when.textContent = shortTime(conversation.lastMessageAt);
        when.dateTime = new Date(conversation.lastMessageAt).toISOString();
        const { isUnread, unreadMessageCount: count } = conversation;
        badge.hidden = !isUnread;
        fill(badge, count > 0 ? `${count}` : "•", h("span", { class: "visually-hidden" }, " unread"));
        link.classList.toggle("is-unread", isUnread);
      },
      removed: rowScope.end,
    };
    row.update(first);
    return row;
  }

  function markOpen(): void {
    for (const link of list.querySelectorAll<HTMLElement>("a")) {
      link.ariaCurrent = link.dataset["conversation"] === open ? "true" : null;
    }
  }

  const whole = h(
    "div",
    { class: "whole-list" },
    h(
      "div",
      { class: "list-head" },
      h("h2", { id: titleId }, "Conversations"),
      h("label", { class: "check" }, onlyUnread, "Unread only"),
    ),
    errorArea,
    loading,
    list,
    nothing,
    more,
  );
  const search = searchPanel(session, onOpen, (isActive) => (whole.hidden = isActive));
  return {
    element: h("div", { class: "list" }, search.field, search.results, whole),
    setOpen(id) {
      open = id;
      markOpen();
    },
    end() {
      search.end();
      scope.end();
    },
  };
}

const NOT_LIVE =
  "Still waiting for a connection. If a proxy between this page and the server refuses WebSockets, only the profile works.";

function lastLine({ lastMessage }: ConversationSnapshot, me: string): string {
  if (lastMessage === null) return "No messages yet";
  const text = summaryOf(lastMessage);
  if (lastMessage.sender === null) return text;
  return `${lastMessage.sender.id === me ? "You" : lastMessage.sender.name}: ${text}`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

function shortTime(time: number): string {
  const isToday = new Date(time).toDateString() === new Date().toDateString();
  return (isToday ? CLOCK : DATE).format(time);
}
