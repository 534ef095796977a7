//! `ConversationSnapshot`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/answers.js")]
extern "C" {
    /// The conversation that an answer names, or `null`.
    #[wasm_bindgen(js_name = conversationSnapshot)]
    pub fn conversation(answer: &JsValue) -> JsValue;
}
