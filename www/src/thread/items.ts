// What the list shows of each message besides its snapshot: the day, the line before the first unread
// message, and whether it continues the previous one.

import type { MessageSnapshot } from "causerie";

/** Messages of one sender within this time are grouped. */
const GROUPING_MS = 5 * 60_000;

/** A message with the facts about it that depend on its neighbours. */
export interface Item {
  message: MessageSnapshot;
  /** The day, if this is its first message. */
  day: string | null;
  /** Whether it is the first message that the user had not read. */
  isFirstUnread: boolean;
  /** Whether it continues the previous message, so that the sender's name is not repeated. */
  continues: boolean;
  /** Whether it is the user's last message that everyone has read. */
  isSeen: boolean;
}

/** What the items of a list depend on besides the messages. */
export interface Context {
  me: string;
  /** The time until which everyone has read. */
  readByAll: number;
  /** The time until which the user had read; `null` if there is nothing to mark. */
  unreadSince: number | null;
}

/** Returns the items of a snapshot, which has the newest message first; the oldest item is first. */
export function itemsOf(newestFirst: readonly MessageSnapshot[], context: Context): Item[] {
  const { me, readByAll, unreadSince } = context;
  const isOwn = ({ sender }: MessageSnapshot): boolean => sender?.id === me;
  const seen = newestFirst.find((message) => isOwn(message) && message.createdAt <= readByAll);
  const messages = [...newestFirst].reverse();
  const firstUnread =
    unreadSince === null
      ? undefined
      : messages.find((message) => message.createdAt > unreadSince && !isOwn(message));
  return messages.map((message, index) => {
    const previous = messages[index - 1];
    const isNewDay = previous === undefined || !isSameDay(previous.createdAt, message.createdAt);
    const isFirstUnread = message === firstUnread;
    const continues =
      !isNewDay &&
      !isFirstUnread &&
      previous.sender !== null &&
      previous.sender.id === message.sender?.id &&
      message.createdAt - previous.createdAt < GROUPING_MS &&
      message.referencedMessage === null;
    const day = isNewDay ? dayOf(message.createdAt) : null;
    return { message, day, isFirstUnread, continues, isSeen: message === seen };
  });
}

/** Whether two items look the same; an unchanged message is the same object. */
export function looksSame(one: Item, other: Item): boolean {
  return (
    one.message === other.message &&
    one.day === other.day &&
    one.isFirstUnread === other.isFirstUnread &&
    one.continues === other.continues &&
    one.isSeen === other.isSeen
  );
}

const DAYS = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const WITH_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

/** Returns "Today", "Yesterday", or the date; with its year, if that is another one. */
function dayOf(time: number): string {
  const midnight = (date: Date): number => new Date(date).setHours(0, 0, 0, 0);
  const [day, now] = [new Date(time), new Date()];
  // A day with a change of the clock has 23 or 25 hours.
  const ago = Math.round((midnight(now) - midnight(day)) / 86_400_000);
  if (ago === 0 || ago === 1) return capitalized(RELATIVE.format(-ago, "day"));
  return (day.getFullYear() === now.getFullYear() ? DAYS : WITH_YEAR).format(time);
}

function capitalized(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
