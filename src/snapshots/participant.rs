//! `ParticipantSnapshot`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/answers.js")]
extern "C" {
    /// The participant that an answer holds, or `null`.
    #[wasm_bindgen(js_name = participantSnapshot)]
    pub fn participant(answer: &JsValue) -> JsValue;
}
