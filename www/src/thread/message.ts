// One message in the list: who, what, when, what it answers, its reactions, and what can be done with it.

import type { ConversationRef, MessageSnapshot, ReferencedMessageSnapshot } from "causerie";

import { copyText } from "../code";
import { fill, h } from "../dom";
import type { Row } from "../keyed";
import { choice, menu } from "../menu";
import { avatar } from "../people";
import { contentView, markupOf } from "./content";
import { OFFERED, react, reactionsRow } from "./reactions";

/** A message and how it stands among its neighbours. */
export interface Item {
  message: MessageSnapshot;
  /** The day, where this is the first message of one. */
  day: string | null;
  /** Whether it goes on from the one before: then who said it is not said again. */
  continues: boolean;
  /** Whether it is the last of mine that everyone has read. */
  isSeen: boolean;
}

/** What the thread does for a message. */
export interface Actions {
  conversation: ConversationRef;
  me: string;
  mayWrite(): boolean;
  reply(message: MessageSnapshot): void;
  edit(message: MessageSnapshot): void;
  remove(message: MessageSnapshot): void;
}

/** Whether two items look the same: the SDK gives the same object for a message that did not change. */
export function looksSame(one: Item, other: Item): boolean {
  return (
    one.message === other.message &&
    one.day === other.day &&
    one.continues === other.continues &&
    one.isSeen === other.isSeen
  );
}

export function messageRow(first: Item, actions: Actions): Row<Item> {
  let { message } = first;
  let drawn: Item | null = null;
  const isSystem = message.type === "SystemMessage";
  const isMine = message.sender?.id === actions.me;
  const ref = actions.conversation.message(message.id);
  const day = h("p", { class: "day" });
  const face = h("div", { class: "face" });
  const from = h("p", { class: "from", dir: "auto" });
  const answered = h("div");
  const said = h("div");
  const when = h("p", { class: "when" });
  const reactions = reactionsRow(ref);
  const more = menu("What to do with this message", "⋯", choices);
  const bubble = h("div", { class: "bubble" }, from, answered, said, when);
  const element = h(
    "li",
    { class: `message ${isSystem ? "system" : isMine ? "mine" : "theirs"}`, "data-message": message.id },
    day,
    face,
    h("div", { class: "beside" }, bubble, reactions.element),
    !isSystem && more,
  );

  function choices(): HTMLElement[] {
    const emoji = OFFERED.map((one) => {
      const has = message.reactions.some(
        ({ emoji: used, currentUserReacted }) => used === one && currentUserReacted,
      );
      const button = choice(one, () => void react(ref, one, !has), "emoji");
      button.ariaLabel = `React with ${one}`;
      button.ariaPressed = String(has);
      return button;
    });
    return [
      h("div", { class: "emojis" }, ...(actions.mayWrite() ? emoji : [])),
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
      day.textContent = item.day;
      // Each part is compared with what was drawn: what did not change is the same object, and stays as it is.
      if (sender !== drawn?.message.sender || item.continues !== drawn?.continues) {
        fill(
          face,
          !isMine &&
            !item.continues &&
            sender !== null &&
            avatar(sender.id, sender.name, sender.photoUrl, "small"),
        );
      }
      // Sighted people see whose it is by its side; the others are told each time.
      from.className = isMine || item.continues ? "unseen" : "from";
      from.textContent = sender?.name ?? "";
      from.hidden = isSystem;
      const { referencedMessage, content } = message;
      if (referencedMessage !== drawn?.message.referencedMessage)
        fill(answered, referencedMessage && quote(referencedMessage));
      if (content !== drawn?.message.content) fill(said, contentView(content));
      const edited = message.editedAt === null ? "" : " · edited";
      const seen = item.isSeen ? " · read" : "";
      fill(when, timeOf(message.createdAt), edited + seen);
      reactions.update(message.reactions);
      drawn = item;
    },
  };
  row.update(first);
  return row;
}

/** The message that was answered, in short; a click goes there, if it is on the page. */
function quote(message: ReferencedMessageSnapshot): HTMLElement {
  const jump = (): void => {
    const there = [...document.querySelectorAll<HTMLElement>("[data-message]")].find(
      (row) => row.dataset["message"] === message.id,
    );
    there?.scrollIntoView({ block: "center" });
    there?.classList.add("pointed-at");
    setTimeout(() => there?.classList.remove("pointed-at"), 1_500);
  };
  return h(
    "button",
    { type: "button", class: "quote", onclick: jump },
    h("span", { class: "unseen" }, "In answer to "),
    h("b", { dir: "auto" }, message.sender.name),
    h("span", { dir: "auto" }, shortened(message.plaintext)),
  );
}

/** The first words of a text. */
export function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 120 ? `${[...line].slice(0, 120).join("")}…` : line;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** The time of day; all of it on hover. */
function timeOf(time: number): HTMLElement {
  return h("time", { datetime: new Date(time).toISOString(), title: EXACT.format(time) }, CLOCK.format(time));
}
