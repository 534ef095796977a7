// One conversation, open: who it is with, its messages, and where to write.
//
// One scope holds all its subscriptions; to open another conversation ends the scope, and nothing of the old one goes on.

import type { ConversationRef, ConversationSnapshot, MessageSubscription, TalkSession } from "causerie";

import { aboutPane } from "../chat/about";
import { naming } from "../chat/naming";
import { perform } from "../calls";
import { fill, h } from "../dom";
import { scope } from "../live";
import { problemView } from "../problem";
import { absentView } from "./absent";
import { composer, keepDraft } from "./composer";
import { messageLog } from "./log";
import type { Actions } from "./message";
import { outbox } from "./outbox";
import { typingLine } from "./typing";

export interface Thread {
  element: HTMLElement;
  /** The conversation's people and facts, beside it. */
  about: HTMLElement;
  end(): void;
}

/** Opens a conversation; `onBack` leaves it. */
export function thread(
  app: string,
  session: TalkSession,
  conversation: ConversationRef,
  onBack: () => void,
): Thread {
  const held = scope();
  const { id } = conversation;
  let snapshot: ConversationSnapshot | null = null;
  /** What was marked as read already: until a new snapshot says what came of it, there is nothing more to say. */
  let read: ConversationSnapshot | null = null;
  let isLeaving = false;
  let subscription: MessageSubscription | null = null;

  const actions: Actions = {
    conversation,
    me: session.currentUser.id,
    mayWrite: () => snapshot?.access === "ReadWrite",
    reply: (message) => writing.reply(message),
    edit: (message) => writing.edit(message),
    remove: (message) => {
      if (!confirm("Delete this message for everybody?")) return;
      void perform("await message.delete();", () => conversation.message(message.id).delete());
    },
  };
  const sending = outbox(
    conversation,
    () => log.scrollToEnd(),
    (text) => keepDraft(id, text),
  );
  const log = messageLog(actions, () => subscription, sending.element, markAsSeen);
  const writing = composer(conversation, sending.send);
  const title = naming(session, id, held);
  const about = aboutPane(app, session, conversation, held, onBack);
  const panel = h("div", { class: "thread-body" }, h("p", { class: "hint loading" }, "Loading…"));

  const unread = h(
    "button",
    {
      type: "button",
      class: "button small quiet",
      "aria-label": "Mark as unread",
      onclick: () => void leaveUnread(),
    },
    h("span", { class: "roomy" }, "Mark as unread"),
    h("span", { class: "tight" }, "Unread"),
  );
  const aboutButton = h(
    "button",
    {
      type: "button",
      class: "button small quiet",
      "aria-expanded": "false",
      onclick: () => showAbout(aboutButton.ariaExpanded !== "true"),
    },
    "About",
  );
  const back = h(
    "button",
    { type: "button", class: "to-list", "aria-label": "Back to the conversations", onclick: onBack },
    "‹",
  );
  const head = h(
    "header",
    { class: "thread-head" },
    back,
    title.picture,
    h("div", { class: "thread-title" }, h("h2", {}, title.name), typingLine(conversation, held), title.who),
    h("div", { class: "thread-ways" }, unread, aboutButton),
  );
  const element = h("section", { class: "thread", "aria-label": "Open conversation" }, head, panel);
  head.hidden = true;

  function showAbout(isShown: boolean): void {
    about.show(isShown);
    aboutButton.ariaExpanded = String(isShown);
  }

  function show(next: ConversationSnapshot | null): void {
    const wasThere = snapshot !== null;
    snapshot = next;
    head.hidden = next === null;
    if (next === null) {
      showAbout(false);
      fill(panel, absentView(app, session, conversation, wasThere));
      return;
    }
    if (!wasThere) fill(panel, log.element, writing.element);
    title.update(next);
    about.update(next);
    log.showRead(next);
    writing.allow(next.access === "ReadWrite");
    if (!wasThere) {
      log.scrollToEnd();
      if (matchMedia("(hover: hover)").matches) writing.focus();
    }
    markAsSeen();
  }

  /** What is in sight is read: the page is visible, and the newest message is. */
  function markAsSeen(): void {
    if (isLeaving || snapshot === read || !snapshot?.isUnread || document.hidden || !log.isAtEnd()) return;
    read = snapshot;
    void perform("await conversation.markAsRead();", () => conversation.markAsRead()).then((answer) => {
      if (!answer.ok) read = null;
    });
  }

  /** Leaves it, too: to stay would be to read it. */
  async function leaveUnread(): Promise<void> {
    isLeaving = true;
    const answer = await perform("await conversation.markAsUnread();", () => conversation.markAsUnread());
    if (answer.ok) return onBack();
    isLeaving = false;
  }

  held.follow("conversation.subscribe(onSnapshot)", conversation.subscribe(show), (problem) =>
    fill(
      panel,
      problemView(problem, () => location.reload()),
    ),
  );
  subscription = held.follow(
    "conversation.subscribeMessages(onSnapshot)",
    conversation.subscribeMessages((messages, loadedAll) => {
      if (messages === null) return;
      sending.seen(messages);
      log.show(messages, loadedAll);
      markAsSeen();
    }),
  );
  document.addEventListener("visibilitychange", markAsSeen);
  held.atEnd(() => document.removeEventListener("visibilitychange", markAsSeen));

  return { element, about: about.element, end: held.end };
}
