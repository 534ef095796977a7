//! `UserSnapshot`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/answers.js")]
extern "C" {
    /// The user that an answer names, or `null`.
    #[wasm_bindgen(js_name = userSnapshot)]
    pub fn user(answer: &JsValue) -> JsValue;

    /// Every user that an answer names.
    #[cfg(feature = "bench")]
    #[wasm_bindgen(js_name = userSnapshots)]
    pub(crate) fn users(answer: &JsValue) -> js_sys::Array;
}

// What the other files import: wasm-bindgen takes along only the files that Rust names. They are named here, beside a
// function that is called, because a linker leaves out of a library whatever nobody calls, and what stands beside it.
#[wasm_bindgen(module = "/src/snapshots/snapshots.js")]
extern "C" {
    type UserSnapshot;
}
#[wasm_bindgen(module = "/src/snapshots/bodies.js")]
extern "C" {
    type Bodies;
}
