//! `TypingSnapshot` and `UserOnlineSnapshot`, which only subscriptions give.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Who is typing in a conversation: a few users by name, or many. The current user is never among them. */
export type TypingSnapshot = FewTypingSnapshot | ManyTypingSnapshot;

/** At most five users are typing, or nobody. */
export interface FewTypingSnapshot {
  /** Tells it from {@link ManyTypingSnapshot}. */
  readonly many: false;
  /** Who is typing; who began first comes first. */
  readonly users: UserSnapshot[];
}

/** More than five users are typing. */
export interface ManyTypingSnapshot {
  /** Tells it from {@link FewTypingSnapshot}. */
  readonly many: true;
}

/** Whether a user is online. */
export interface UserOnlineSnapshot {
  /** The user. */
  readonly user: UserSnapshot;
  /** Whether a client of the user's is connected. */
  readonly isConnected: boolean;
}
"#;
