//! `MessageSnapshot` and what is in it.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/answers.js")]
extern "C" {
    /// The message that an answer names, or `null`.
    #[wasm_bindgen(js_name = messageSnapshot)]
    pub fn message(answer: &JsValue) -> JsValue;
}
