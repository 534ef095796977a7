//! `ParticipantSnapshot`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/answers.js")]
extern "C" {
    /// The participant that an answer holds, or `null`.
    #[wasm_bindgen(js_name = participantSnapshot)]
    pub fn participant(answer: &JsValue) -> JsValue;
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A user's part in a conversation at one moment. Plain, deeply frozen data; it does not change when the part does. */
export declare class ParticipantSnapshot {
  private constructor();
  /** The user who takes part. */
  readonly user: UserSnapshot;
  /** What the user may do here: read, or read and send. */
  readonly access: "ReadWrite" | "Read";
  /** Which messages the user is notified of: all, none, or those with a mention. */
  readonly notify: boolean | "MentionsOnly";
  /** When the user joined, as a Unix timestamp in milliseconds. */
  readonly joinedAt: number;
}
"#;
