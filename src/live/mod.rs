//! Subscriptions. Their handles, lists and bodies are in JavaScript (`live.js`), which passes its requests to
//! the client through a [`Link`] and receives the frames of subscriptions.
//!
//! Lists and bodies are JavaScript because every visitor downloads the code, and every call between
//! JavaScript and Rust takes time: a frame is passed in one call, whatever it contains. The client
//! (`causerie-client`) decides which frames are sent, and when.

use std::rc::{Rc, Weak};

use causerie_protocol::limits::WINDOW;
use causerie_protocol::{ErrorBody, ErrorCode};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::interop::error::{JsResult, to_js};

#[wasm_bindgen(module = "/src/live/live.js")]
extern "C" {
    #[derive(Clone)]
    pub(crate) type Live;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new(link: Link) -> Live;
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

/// The requests of `live.js`, which the driver of the session executes.
pub(crate) trait Requests {
    /// Subscribes to a topic, and returns the subscription's id.
    fn subscribe(self: Rc<Self>, topic: JsValue) -> JsResult<u32>;
    /// Ends a subscription.
    fn unsubscribe(self: Rc<Self>, id: u32);
    /// Sets how many entries of a list are requested after a reconnect.
    fn set_window(&self, id: u32, count: u32);
    /// Requests a page of a list: at most `limit` entries after a cursor.
    fn load_page(self: Rc<Self>, topic: &JsValue, after: &JsValue, limit: u32) -> Promise;
}

/// The object through which `live.js` makes its requests.
#[wasm_bindgen(skip_typescript)]
pub struct Link {
    requests: Weak<dyn Requests>,
}

impl Link {
    pub(crate) const fn new(requests: Weak<dyn Requests>) -> Self {
        Link { requests }
    }
}

#[wasm_bindgen]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented by the trait")]
impl Link {
    #[wasm_bindgen(skip_jsdoc)]
    pub fn subscribe(&self, topic: JsValue) -> Result<u32, JsValue> {
        let Some(requests) = self.requests.upgrade() else {
            let text = "the session has ended; call getTalkSession again";
            return Err(to_js(ErrorBody::new(ErrorCode::SessionEnded, text), None));
        };
        requests.subscribe(topic)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn unsubscribe(&self, id: u32) {
        if let Some(requests) = self.requests.upgrade() {
            requests.unsubscribe(id);
        }
    }

    #[wasm_bindgen(skip_jsdoc, js_name = setWindow)]
    pub fn set_window(&self, id: u32, count: u32) {
        if let Some(requests) = self.requests.upgrade() {
            requests.set_window(id, count.clamp(WINDOW.0, WINDOW.1));
        }
    }

    #[wasm_bindgen(skip_jsdoc, js_name = loadPage)]
    pub fn load_page(&self, topic: &JsValue, after: &JsValue, limit: u32) -> Promise {
        match self.requests.upgrade() {
            Some(requests) => requests.load_page(topic, after, limit),
            None => Promise::resolve(&JsValue::UNDEFINED),
        }
    }
}
