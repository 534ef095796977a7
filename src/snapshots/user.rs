//! `UserSnapshot`.

use causerie_protocol::Outcome;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/snapshots.js")]
extern "C" {
    /// Makes the snapshot of a user's body. The body becomes part of it.
    #[wasm_bindgen(js_name = userSnapshot)]
    pub(crate) fn user_snapshot(body: &JsValue) -> JsValue;
}

/// The user that an answer names, or `null`.
pub fn user(outcome: Outcome<JsValue>) -> JsValue {
    super::snapshot(&outcome, &outcome.entities.users, user_snapshot)
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * A user's public attributes at one moment. Plain, deeply frozen data, made by {@link UserRef.get}; it does not change
 * when the user does.
 */
export declare class UserSnapshot {
  private constructor();
  /** The user's ID. */
  readonly id: string;
  /** The user's name, as others see it. */
  readonly name: string;
  /** Custom data that was set on the user. */
  readonly custom: Readonly<Record<string, string>>;
  /** An IETF (BCP 47) language tag; the app's own locale if none was set. */
  readonly locale: string;
  /** The URL of a photo, or `null`. */
  readonly photoUrl: string | null;
  /** The user's role; the app's default role if none was set. */
  readonly role: string;
  /** What a person sees when a chat with this user starts, or `null`. */
  readonly welcomeMessage: string | null;
}
"#;
