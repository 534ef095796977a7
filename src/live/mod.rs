//! Subscriptions. Their handles, lists and bodies are in JavaScript (`live.js`), which passes its requests to
//! the client through a `Link` (see `driver`) and receives the frames of subscriptions.
//!
//! Lists and bodies are JavaScript because every visitor downloads the code, and every call between
//! JavaScript and Rust takes time: a frame is passed in one call, whatever it contains. The client
//! (`causerie-client`) decides which frames are sent, and when.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/live/live.js")]
extern "C" {
    #[derive(Clone)]
    pub(crate) type Live;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new(link: JsValue) -> Live;
    /// Returns a new handle of the topic's subscription.
    #[wasm_bindgen(method)]
    pub(crate) fn open(this: &Live, topic: &JsValue, on_snapshot: &JsValue) -> JsValue;
    #[wasm_bindgen(method)]
    pub(crate) fn reset(this: &Live, frame: &JsValue);
    #[wasm_bindgen(method)]
    pub(crate) fn events(this: &Live, frame: &JsValue);
    #[wasm_bindgen(method)]
    pub(crate) fn update(this: &Live, frame: &JsValue);
    #[wasm_bindgen(method)]
    pub(crate) fn ended(this: &Live, id: u32, error: &JsValue);
    /// Ends all subscriptions, because the session has ended.
    #[wasm_bindgen(method)]
    pub(crate) fn end(this: &Live, error: &JsValue);
}
