// One message in the list: sender, content, time, the message it replies to, its reactions, and its menu.

import type { ConversationRef, MessageSnapshot, ReferencedMessageSnapshot } from "causerie";

import { copyText } from "../code";
import { fill, h } from "../dom";
import type { Row } from "../keyed";
import { choice, menu } from "../menu";
import { avatar } from "../avatar";
import { contentView, markupOf, summaryOf } from "./content";
import type { Item } from "./items";
import { QUICK_REACTIONS, react, reactionsRow } from "./reactions";

/** Actions of the thread on a message. */
export interface Actions {
  conversation: ConversationRef;
  me: string;
  mayWrite(): boolean;
  reply(message: MessageSnapshot): void;
  edit(message: MessageSnapshot): void;
  remove(message: MessageSnapshot): void;
  /** Opens the emoji picker, which reacts to the message; `opener` gets the focus back. */
  pickReaction(message: MessageSnapshot, opener: HTMLElement): void;
  /** Scrolls to a message of this conversation. */
  reveal(messageId: string): void;
}

export function messageRow(first: Item, actions: Actions): Row<Item> {
  let { message } = first;
  let rendered: Item | null = null;
  const isSystem = message.type === "SystemMessage";
  const isMine = message.sender?.id === actions.me;
  const ref = actions.conversation.message(message.id);
  const day = h("p", { class: "day" }, h("span"));
  const unreadLine = h("p", { class: "unread-line" }, h("span", {}, "New messages"));
  const avatarColumn = h("div", { class: "avatar-column" });
  const from = h("p", { class: "from", dir: "auto" });
  const quoteBox = h("div");
  const contentBox = h("div");
  const when = h("p", { class: "when" });
  const reactions = reactionsRow(ref);
  const more = menu("Actions for this message", "⋯", choices);
  const menuButton = more.querySelector("summary") ?? more;
  const bubble = h("div", { class: "bubble" }, from, quoteBox, contentBox, when);
  const element = h(
    "li",
    { class: `message ${isSystem ? "system" : isMine ? "mine" : "theirs"}`, "data-message": message.id },
    day,
    avatarColumn,
    h("div", { class: "beside" }, bubble, reactions.element),
    !isSystem && more,
  );

  function choices(): HTMLElement[] {
    const emojiButtons = QUICK_REACTIONS.map((emoji) => {
      const has = message.reactions.some(
        ({ emoji: used, currentUserReacted }) => used === emoji && currentUserReacted,
      );
      const button = choice(emoji, () => void react(ref, emoji, !has), "emoji");
      button.ariaLabel = `React with ${emoji}`;
      button.ariaPressed = String(has);
      return button;
    });
    const other = choice("More reactions", () => actions.pickReaction(message, menuButton));
    return [
      ...(actions.mayWrite() ? [h("div", { class: "emojis" }, ...emojiButtons), other] : []),
      ...(actions.mayWrite() ? [choice("Reply", () => actions.reply(message))] : []),
      choice("Copy text", () => void copyText(message.plaintext)),
      ...(isMine && actions.mayWrite() && markupOf(message.content) !== null
        ? [choice("Edit", () => actions.edit(message))]
        : []),
      ...(isMine && actions.mayWrite() ? [choice("Delete", () => actions.remove(message), "danger")] : []),
    ];
  }

  const row: Row<Item> = {
    element,
    update(item) {
      message = item.message;
      const { sender } = message;
      element.classList.toggle("continues", item.continues);
      day.hidden = item.day === null;
      day.firstElementChild?.replaceChildren(item.day ?? "");
      if (item.isFirstUnread) day.after(unreadLine);
      else unreadLine.remove();
      // Each part is compared with the rendered one: unchanged parts are the same objects and are left alone.
      if (sender !== rendered?.message.sender || item.continues !== rendered?.continues) {
        fill(
          avatarColumn,
          !isMine &&
            !item.continues &&
            sender !== null &&
            avatar(sender.id, sender.name, sender.photoUrl, "small"),
        );
      }
      // The side shows the sender visually; screen readers get the name each time.
      from.className = isMine || item.continues ? "visually-hidden" : "from";
      from.textContent = sender?.name ?? "";
      from.hidden = isSystem;
      const { referencedMessage, content } = message;
      if (referencedMessage !== rendered?.message.referencedMessage)
        fill(quoteBox, referencedMessage && quote(referencedMessage, actions.reveal));
      if (content !== rendered?.message.content) fill(contentBox, contentView(content));
      const edited = message.editedAt === null ? "" : " · edited";
      const seen = item.isSeen ? " · read" : "";
      fill(when, timeOf(message.createdAt), edited + seen);
      reactions.update(message.reactions);
      rendered = item;
    },
  };
  row.update(first);
  return row;
}

/** Creates the quote of the referenced message; a click scrolls to it. */
function quote(message: ReferencedMessageSnapshot, reveal: (messageId: string) => void): HTMLElement {
  return h(
    "button",
    { type: "button", class: "quote", onclick: () => reveal(message.id) },
    h("span", { class: "visually-hidden" }, "In reply to "),
    h("b", { dir: "auto" }, message.sender.name),
    h("span", { dir: "auto" }, summaryOf(message)),
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** Creates the time of day, with the full date and time as its title. */
function timeOf(time: number): HTMLElement {
  return h("time", { datetime: new Date(time).toISOString(), title: EXACT.format(time) }, CLOCK.format(time));
}
