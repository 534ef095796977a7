//! `SingleReactionSnapshot`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/answers.js")]
extern "C" {
    /// The list of reactions that an answer holds, or `null`.
    #[wasm_bindgen(js_name = reactionSnapshots)]
    pub fn reactions(answer: &JsValue) -> JsValue;
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** One user's reaction to a message. Plain, deeply frozen data. */
export interface SingleReactionSnapshot {
  /** Who reacted. */
  readonly user: UserSnapshot;
  /** When, as a Unix timestamp in milliseconds. */
  readonly createdAt: number;
}
"#;
