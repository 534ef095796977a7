// The open conversation: its title, its messages, and the composer.
//
// One scope holds all its subscriptions; opening another conversation ends the scope.

import type { ConversationRef, ConversationSnapshot, MessageSubscription, TalkSession } from "causerie";

import { aboutPane } from "../chat/about";
import { conversationTitle } from "../chat/title";
import { perform } from "../calls";
import { fill, h } from "../dom";
import { emojiPicker } from "../emoji/picker";
import { createScope } from "../scope";
import { problemView } from "../problem";
import { skeletons } from "../skeleton";
import { absentView } from "./absent";
import { composer, keepDraft } from "./composer";
import { messageLog } from "./log";
import { shortened } from "./content";
import type { Actions } from "./message";
import { outbox } from "./outbox";
import { react } from "./reactions";
import { typingLine } from "./typing";

export interface Thread {
  element: HTMLElement;
  /** The participants and properties of the conversation, shown next to it. */
  about: HTMLElement;
  /** Scrolls to a message, once the conversation is loaded. */
  reveal(messageId: string): void;
  end(): void;
}

/** Creates the view of a conversation; `onBack` closes it. */
export function thread(
  app: string,
  session: TalkSession,
  conversation: ConversationRef,
  onBack: () => void,
): Thread {
  const scope = createScope();
  const { id } = conversation;
  let snapshot: ConversationSnapshot | null = null;
  /** The snapshot that was marked as read: no second call is made before the next snapshot. */
  let markedAsRead: ConversationSnapshot | null = null;
  let isLeaving = false;
  let subscription: MessageSubscription | null = null;

  const actions: Actions = {
    conversation,
    me: session.currentUser.id,
    mayWrite: () => snapshot?.access === "ReadWrite",
    reply: (message) => messageComposer.reply(message),
    edit: (message) => messageComposer.edit(message),
    remove: (message) => {
      if (!confirm("Delete this message for everybody?")) return;
      void perform("await message.delete();", () => conversation.message(message.id).delete());
    },
    pickReaction(message, opener) {
      const label = `React to “${shortened(message.plaintext, 30)}”`;
      picker.open(label, opener, (emoji) => {
        opener.focus();
        void react(conversation.message(message.id), emoji, true);
      });
    },
    reveal: (messageId) => void log.reveal(messageId),
  };
  const picker = emojiPicker();
  const pending = outbox(session, conversation, {
    onChange() {
      log.markUnread(null);
      log.scrollToEnd();
    },
    onEdit: (text) => messageComposer.restore(text),
    onRejected: (text) => keepDraft(id, text),
  });
  const log = messageLog(actions, () => subscription, pending.element, markAsSeen);
  const messageComposer = composer(conversation, picker, pending);
  const title = conversationTitle(session, id, scope);
  const about = aboutPane(app, session, conversation, scope, onBack);
  const panel = h("div", { class: "thread-body" }, skeletons("message", 5));

  const unread = h(
    "button",
    {
      type: "button",
      class: "button small quiet",
      "aria-label": "Mark as unread",
      onclick: () => void markAsUnread(),
    },
    h("span", { class: "wide-only" }, "Mark as unread"),
    h("span", { class: "narrow-only" }, "Unread"),
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
  const actionButtons = h("div", { class: "thread-actions" }, unread, aboutButton);
  const head = h(
    "header",
    { class: "thread-head" },
    back,
    title.picture,
    h(
      "div",
      { class: "thread-title" },
      h("h2", {}, title.name),
      typingLine(conversation, scope),
      title.names,
    ),
    actionButtons,
  );
  const element = h("section", { class: "thread", "aria-label": "Open conversation" }, head, panel);
  // The header keeps its place while the conversation loads.
  actionButtons.hidden = true;
  messageComposer.acceptDrop(element);

  function showAbout(isShown: boolean): void {
    about.show(isShown);
    aboutButton.ariaExpanded = String(isShown);
  }

  function show(next: ConversationSnapshot | null): void {
    const previous = snapshot;
    const existedBefore = previous !== null;
    snapshot = next;
    head.hidden = next === null;
    actionButtons.hidden = false;
    if (next === null) {
      showAbout(false);
      fill(panel, absentView(app, session, conversation, existedBefore));
      return;
    }
    if (!existedBefore) fill(panel, log.element, messageComposer.element);
    title.update(next);
    about.update(next);
    log.showConversation(next);
    markWhereReadingStopped(previous, next);
    messageComposer.allow(next.access === "ReadWrite");
    if (!existedBefore) {
      log.settle();
      if (matchMedia("(hover: hover)").matches) messageComposer.focus();
    }
    markAsSeen();
  }

  /** Draws the line "New messages" if messages are unread that the user does not see as they arrive. */
  function markWhereReadingStopped(previous: ConversationSnapshot | null, next: ConversationSnapshot): void {
    const { readUntil, unreadMessageCount: count } = next;
    if (count === 0) return;
    if (previous === null) log.markUnread(readUntil, count);
    else if (previous.unreadMessageCount === 0 && (document.hidden || !log.isAtEnd()))
      log.markUnread(readUntil);
  }

  /** Marks the conversation as read if the page and the newest message are visible. */
  function markAsSeen(): void {
    if (isLeaving || snapshot === markedAsRead || !snapshot?.isUnread || document.hidden || !log.isAtEnd())
      return;
    markedAsRead = snapshot;
    void perform("await conversation.markAsRead();", () => conversation.markAsRead()).then((outcome) => {
      if (!outcome.ok) markedAsRead = null;
    });
  }

  /** Marks the conversation as unread and closes it, because an open conversation is marked as read. */
  async function markAsUnread(): Promise<void> {
    isLeaving = true;
    const outcome = await perform("await conversation.markAsUnread();", () => conversation.markAsUnread());
    if (outcome.ok) return onBack();
    isLeaving = false;
  }

  scope.keep("conversation.subscribe(onSnapshot)", conversation.subscribe(show), (problem) =>
    fill(
      panel,
      problemView(problem, () => location.reload()),
    ),
  );
  subscription = scope.keep(
    "conversation.subscribeMessages(onSnapshot)",
    conversation.subscribeMessages((messages, loadedAll) => {
      if (messages === null) return;
      pending.removeListed(messages);
      log.show(messages, loadedAll);
      markAsSeen();
    }),
    log.showProblem,
  );
  document.addEventListener("visibilitychange", markAsSeen);
  scope.onEnd(() => document.removeEventListener("visibilitychange", markAsSeen));

  return { element, about: about.element, reveal: actions.reveal, end: scope.end };
}
