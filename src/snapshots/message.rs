//! `MessageSnapshot` and what is in it.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/answers.js")]
extern "C" {
    /// The message that an answer names, or `null`.
    #[wasm_bindgen(js_name = messageSnapshot)]
    pub fn message(answer: &JsValue) -> JsValue;
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * A message at one moment. Plain, deeply frozen data; it does not change when the message does. All dates are Unix
 * timestamps in milliseconds.
 */
export declare class MessageSnapshot {
  private constructor();
  /** The message's ID. */
  readonly id: string;
  /** `"SystemMessage"` for what the app's backend said in nobody's name. */
  readonly type: "UserMessage" | "SystemMessage";
  /** Who sent it; `null` for a system message. */
  readonly sender: UserSnapshot | null;
  /** Custom data that was set on the message. */
  readonly custom: Record<string, string>;
  /** When it was sent. */
  readonly createdAt: number;
  /** When it was last edited, or `null`. */
  readonly editedAt: number | null;
  /** The message that this one replies to; `null` if it is no reply, or that message was deleted. */
  readonly referencedMessage: ReferencedMessageSnapshot | null;
  /** How it came: from a browser, by the REST API, by an import, or by e-mail. */
  readonly origin: "rest" | "import" | "email" | "web";
  /** The content as text without any formatting. */
  readonly plaintext: string;
  /** What the message says, with its formatting. */
  readonly content: ContentBlock[];
  /** The reactions by emoji, the emoji that was used first in front. */
  readonly reactions: ReactionsSummarySnapshot[];
}

/**
 * A message that another one replies to. It goes one level deep: of the message that this one replies to in its turn,
 * only the ID is here.
 */
export declare class ReferencedMessageSnapshot {
  private constructor();
  /** The message's ID. */
  readonly id: string;
  /** Nobody replies to a system message. */
  readonly type: "UserMessage";
  /** Who sent it. */
  readonly sender: UserSnapshot;
  /** Custom data that was set on the message. */
  readonly custom: Record<string, string>;
  /** When it was sent. */
  readonly createdAt: number;
  /** When it was last edited, or `null`. */
  readonly editedAt: number | null;
  /** The ID of the message that this one replies to, or `null`. */
  readonly referencedMessageId: string | null;
  /** How it came: from a browser, by the REST API, by an import, or by e-mail. */
  readonly origin: "rest" | "import" | "email" | "web";
  /** The content as text without any formatting. */
  readonly plaintext: string;
  /** What the message says, with its formatting. */
  readonly content: ContentBlock[];
  /** The reactions by emoji, the emoji that was used first in front. */
  readonly reactions: ReactionsSummarySnapshot[];
}

/** How often one emoji was used on a message. */
export interface ReactionsSummarySnapshot {
  /** The emoji, or the name of a custom one between colons. */
  readonly emoji: string;
  /** How many users reacted with it. */
  readonly count: number;
  /** Whether the current user is one of them. */
  readonly currentUserReacted: boolean;
}

/** An older name of {@link ReactionsSummarySnapshot}. */
export type ReactionSnapshot = ReactionsSummarySnapshot;

/** A message that a search found, and the conversation it is in. */
export interface SearchMessageSnapshot {
  /** The conversation. */
  readonly conversation: ConversationSnapshot;
  /** The message. */
  readonly message: MessageSnapshot;
}
"#;
