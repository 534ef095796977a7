//! `ConversationSnapshot`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/answers.js")]
extern "C" {
    /// The conversation that an answer names, or `null`.
    #[wasm_bindgen(js_name = conversationSnapshot)]
    pub fn conversation(answer: &JsValue) -> JsValue;
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * A conversation at one moment, as the current user sees it, with the current user's part in it. Plain, deeply frozen
 * data; it does not change when the conversation does. All dates are Unix
 * timestamps in milliseconds.
 */
export declare class ConversationSnapshot {
  private constructor();
  /** The conversation's ID. */
  readonly id: string;
  /** The subject, or `null`. */
  readonly subject: string | null;
  /** The URL of a photo, or `null`. */
  readonly photoUrl: string | null;
  /** What a person sees before the first message. */
  readonly welcomeMessages: string[];
  /** Custom data that was set on the conversation. */
  readonly custom: Record<string, string>;
  /** When the conversation was created. */
  readonly createdAt: number;
  /** When the current user joined it. */
  readonly joinedAt: number;
  /** The newest message, or `null` if there is none. */
  readonly lastMessage: MessageSnapshot | null;
  /** When the newest message was sent; when the conversation was created if there is none. Sort by this. */
  readonly lastMessageAt: number;
  /** How many messages the current user has not read. */
  readonly unreadMessageCount: number;
  /** The current user has read everything that was sent up to this time. */
  readonly readUntil: number;
  /** All participants have read everything that was sent up to this time. */
  readonly everyoneReadUntil: number;
  /** Whether the conversation counts as unread. May be true with a count of 0, when it was marked as unread by hand. */
  readonly isUnread: boolean;
  /** What the current user may do here. */
  readonly access: "Read" | "ReadWrite";
  /** Which messages the current user is notified of: all, none, or those with a mention. */
  readonly notify: boolean | "MentionsOnly";
}
"#;
