// My conversations, the one with the latest activity first, live: what comes in moves up, unread ones carry a badge.

import type { ConversationListSubscription, ConversationSnapshot, TalkSession } from "causerie";

import { perform } from "../calls";
import { fill, freshId, h } from "../dom";
import { type Row, keyed } from "../keyed";
import { type Scope, scope } from "../live";
import { addressOf } from "../place";
import { problemView } from "../problem";
import { shortened } from "../thread/message";
import { naming } from "./naming";

/** After so long without a first snapshot something is in the way. */
const PATIENCE_MS = 6_000;

export interface List {
  element: HTMLElement;
  /** Marks the conversation that is open. */
  mark(id: string | null): void;
  end(): void;
}

export function conversationList(
  session: TalkSession,
  onOpen: (id: string) => void,
  onUnread: (count: number) => void,
): List {
  const whole = scope();
  const titleId = freshId();
  const onlyUnread = h("input", { type: "checkbox" });
  const list = h("ul", { class: "conversations scrolls", "aria-labelledby": titleId });
  const nothing = h("p", { class: "hint nothing" });
  const more = h(
    "button",
    { type: "button", class: "button small quiet", onclick: () => void loadMore() },
    "Load more",
  );
  const trouble = h("div");
  let open: string | null = null;
  let followed = whole.part();
  let subscription: ConversationListSubscription | null = null;
  more.hidden = true;
  onlyUnread.addEventListener("change", follow);
  follow();

  /** Follows the list, or only what is unread of it: another filter is another subscription. */
  function follow(): void {
    followed.end();
    followed = whole.part();
    const filter = onlyUnread.checked ? { isUnread: true } : {};
    const part = followed;
    fill(list);
    fill(trouble);
    nothing.textContent = "Loading…";
    const slow = setTimeout(() => (nothing.textContent = NOT_LIVE), PATIENCE_MS);
    part.atEnd(() => clearTimeout(slow));
    const draw = keyed<ConversationSnapshot>(list, {
      keyOf: ({ id }) => id,
      make: (conversation) => rowOf(conversation, part),
    });
    const code = onlyUnread.checked ? "{ filter: { isUnread: true } }, onSnapshot" : "onSnapshot";
    subscription = part.follow(
      `session.subscribeConversations(${code})`,
      session.subscribeConversations({ filter }, (conversations, loadedAll) => {
        clearTimeout(slow);
        draw(conversations);
        markOpen();
        more.hidden = loadedAll;
        nothing.textContent =
          conversations.length > 0
            ? ""
            : onlyUnread.checked
              ? "All is read."
              : "No conversations yet. Start one!";
        onUnread(conversations.filter(({ isUnread }) => isUnread).length);
      }),
      (problem) => {
        clearTimeout(slow);
        nothing.textContent = "";
        fill(trouble, problemView(problem, follow));
      },
    );
  }

  async function loadMore(): Promise<void> {
    const list = subscription;
    if (list === null) return;
    more.disabled = true;
    const answer = await perform("await subscription.loadMore();", () => list.loadMore());
    more.disabled = false;
    fill(trouble, !answer.ok && problemView(answer.problem, () => void loadMore()));
  }

  function rowOf(first: ConversationSnapshot, within: Scope): Row<ConversationSnapshot> {
    const held = within.part();
    const title = naming(session, first.id, held);
    const last = h("span", { class: "last", dir: "auto" });
    const when = h("time", { class: "when" });
    const badge = h("span", { class: "badge unread" });
    const link = h(
      "a",
      { href: addressOf({ conversation: first.id, view: "chat" }), "data-conversation": first.id },
      title.picture,
      h(
        "span",
        { class: "texts" },
        h("span", { class: "line" }, title.name, when),
        h("span", { class: "line" }, last, badge),
      ),
    );
    link.addEventListener("click", (event) => {
      // With a key held, the browser opens it in a window of its own.
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onOpen(first.id);
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
        fill(badge, count > 0 ? `${count}` : "•", h("span", { class: "unseen" }, " unread"));
        link.classList.toggle("is-unread", isUnread);
      },
      gone: held.end,
    };
    row.update(first);
    return row;
  }

  function markOpen(): void {
    for (const link of list.querySelectorAll<HTMLElement>("a")) {
      link.ariaCurrent = link.dataset["conversation"] === open ? "true" : null;
    }
  }

  return {
    element: h(
      "div",
      { class: "list" },
      h(
        "div",
        { class: "list-head" },
        h("h2", { id: titleId }, "Conversations"),
        h("label", { class: "check" }, onlyUnread, "Unread only"),
      ),
      trouble,
      list,
      nothing,
      more,
    ),
    mark(id) {
      open = id;
      markOpen();
    },
    end: whole.end,
  };
}

const NOT_LIVE =
  "Still waiting for a live connection. Where something between this page and the server refuses WebSockets, only the profile works.";

function lastLine({ lastMessage }: ConversationSnapshot, me: string): string {
  if (lastMessage === null) return "No messages yet";
  const text = lastMessage.plaintext === "" ? "📍" : shortened(lastMessage.plaintext);
  if (lastMessage.sender === null) return text;
  return `${lastMessage.sender.id === me ? "You" : lastMessage.sender.name}: ${text}`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

function shortTime(time: number): string {
  const isToday = new Date(time).toDateString() === new Date().toDateString();
  return (isToday ? CLOCK : DATE).format(time);
}
