//! Snapshots: frozen objects of exported classes, made from bodies as the JS engine parsed them.
//!
//! They are made in JavaScript, because nothing of a snapshot is in wasm memory: its properties are own,
//! enumerable and frozen, so that spread, `JSON.stringify`, `structuredClone` and devtools work.
//! `snapshots.js` has the classes, `bodies.js` joins bodies into snapshots whose unchanged parts stay the
//! same objects, and `results.js` makes the snapshots of `get()`. (Those of subscriptions are made in
//! `live/`.) A result is passed to JavaScript in one call, however many bodies it has: one call for each body
//! was measured to take four times as long.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/results.js")]
extern "C" {
    /// Returns the snapshot of the user that a result names, or `null`.
    #[wasm_bindgen(js_name = userSnapshot)]
    pub(crate) fn user(result: &JsValue) -> JsValue;

    /// Returns the snapshot of the conversation that a result names, or `null`.
    #[wasm_bindgen(js_name = conversationSnapshot)]
    pub(crate) fn conversation(result: &JsValue) -> JsValue;

    /// Returns the snapshot of the message that a result names, or `null`.
    #[wasm_bindgen(js_name = messageSnapshot)]
    pub(crate) fn message(result: &JsValue) -> JsValue;

    /// Returns the snapshot of the participant in a result, or `null`.
    #[wasm_bindgen(js_name = participantSnapshot)]
    pub(crate) fn participant(result: &JsValue) -> JsValue;

    /// Returns the list of the reactions in a result, or `null`.
    #[wasm_bindgen(js_name = reactionSnapshots)]
    pub(crate) fn reactions(result: &JsValue) -> JsValue;

    /// Returns the snapshots of all users that a result names.
    #[cfg(feature = "bench")]
    #[wasm_bindgen(js_name = userSnapshots)]
    pub(crate) fn users(result: &JsValue) -> js_sys::Array;
}

// The files that `results.js` imports: wasm-bindgen includes only files that Rust names, in a module from
// which the linker keeps something, which here are the functions above.
#[wasm_bindgen(module = "/src/snapshots/snapshots.js")]
extern "C" {
    type UserSnapshot;
}
#[wasm_bindgen(module = "/src/snapshots/bodies.js")]
extern "C" {
    type Bodies;
}
