//! The TypeScript of filters, which the server reads.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A condition on a text: equal to a value or not, one of several or none of them. */
export type StringFilter<Value extends string | null = string> =
  | readonly ["==" | "!=", Value]
  | readonly ["oneOf" | "!oneOf", readonly Value[]];

/** A condition on a number, such as a time in Unix milliseconds. Of `between`, the low end is included, the high is not. */
export type NumberFilter =
  | readonly [">" | "<" | ">=" | "<=", number]
  | readonly ["between" | "!between", readonly [low: number, high: number]];

/** Conditions on custom data, by key: on the key's value, or on whether there is one. */
export type CustomFilter = Readonly<Record<string, StringFilter | "exists" | "!exists">>;

/** Any of several filters. */
export type CompoundFilter<Filter> = readonly ["any", readonly Filter[]];

/** Conditions on a conversation, all of which hold. */
export interface SimpleConversationFilter {
  /** What the current user may do. */
  access?: StringFilter<"ReadWrite" | "Read">;
  /** Custom data. */
  custom?: CustomFilter;
  /** Whether the conversation is unread for the current user. */
  isUnread?: boolean;
  /** The subject; `null` is that of a conversation without one. */
  subject?: StringFilter<string | null>;
  /** When the last message was sent, or the current user joined, whichever was later. */
  lastActivityAt?: NumberFilter;
  /** When the conversation was created. */
  createdAt?: NumberFilter;
  /** When the current user joined. */
  joinedAt?: NumberFilter;
  /** Whether there are messages. */
  hasMessages?: boolean;
}

/** Which conversations to list: those that meet all conditions of one filter, or of any of several. */
export type ConversationFilter = SimpleConversationFilter | CompoundFilter<SimpleConversationFilter>;
"#;
