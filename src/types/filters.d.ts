/** A condition on a string: equal to a value or not, one of several values or none of them. */
export type StringFilter<Value extends string | null = string> =
  readonly ["==" | "!=", Value] | readonly ["oneOf" | "!oneOf", readonly Value[]];

/**
 * A condition on a number, such as a time in Unix milliseconds. `between` includes `low` and excludes `high`.
 */
export type NumberFilter =
  | readonly [">" | "<" | ">=" | "<=", number]
  | readonly ["between" | "!between", readonly [low: number, high: number]];

/** Conditions on custom data, by key: on the key's value, or on whether the key is present. */
export type CustomFilter = Readonly<Record<string, StringFilter | "exists" | "!exists">>;

/** Matches if any of several filters matches. */
export type CompoundFilter<Filter> = readonly ["any", readonly Filter[]];

/** Conditions on a conversation. It matches if all of them hold. */
export interface SimpleConversationFilter {
  /** What the current user may do. */
  access?: StringFilter<"ReadWrite" | "Read">;
  /** Custom data, by key. */
  custom?: CustomFilter;
  /** Whether the conversation is unread for the current user. */
  isUnread?: boolean;
  /** The subject; `null` stands for a conversation without one. */
  subject?: StringFilter<string | null>;
  /** The later of two times: when the last message was sent, and when the current user joined. */
  lastActivityAt?: NumberFilter;
  /** When the conversation was created. */
  createdAt?: NumberFilter;
  /** When the current user joined. */
  joinedAt?: NumberFilter;
  /** Whether the conversation has messages. */
  hasMessages?: boolean;
}

/** Selects conversations: those that match one filter, or any of several. */
export type ConversationFilter = SimpleConversationFilter | CompoundFilter<SimpleConversationFilter>;
