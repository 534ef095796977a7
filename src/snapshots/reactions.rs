//! `SingleReactionSnapshot`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/answers.js")]
extern "C" {
    /// The list of reactions that an answer holds, or `null`.
    #[wasm_bindgen(js_name = reactionSnapshots)]
    pub fn reactions(answer: &JsValue) -> JsValue;
}
