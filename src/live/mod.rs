//! Subscriptions: what the program holds of them and what they hold, in JavaScript (`live.js`), which asks the engine
//! through a [`Link`] and is told what came.
//!
//! Lists and bodies are JavaScript because every visitor pays for bytes and for each step across the boundary: a frame
//! crosses it once, whatever it carries. What is asked of the server, and when, is the engine's to decide.

use std::rc::Weak;

use causerie_protocol::limits::WINDOW;
use causerie_protocol::{ErrorBody, ErrorCode};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::driver::Driver;
use crate::interop::error::to_js;
use crate::interop::operation::{Operation, object};

#[wasm_bindgen(module = "/src/live/live.js")]
extern "C" {
    #[derive(Clone)]
    pub(crate) type Live;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new(user: &str, link: Link) -> Live;
    /// A new handle of the topic's subscription.
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
    /// The session is over.
    #[wasm_bindgen(method)]
    pub(crate) fn end(this: &Live, error: &JsValue);
}

/// What `live.js` asks of the session.
#[wasm_bindgen(skip_typescript)]
pub struct Link {
    driver: Weak<Driver>,
}

impl Link {
    pub(crate) const fn new(driver: Weak<Driver>) -> Self {
        Link { driver }
    }
}

#[wasm_bindgen]
impl Link {
    /// Subscribes; returns the subscription's id.
    ///
    /// # Errors
    /// Throws what there is against it.
    pub fn subscribe(&self, topic: JsValue, limit: Option<u32>) -> Result<u32, JsValue> {
        let gone =
            || ErrorBody::new(ErrorCode::SessionEnded, "the session has ended; call getTalkSession again");
        let begun = self.driver.upgrade().ok_or_else(gone).and_then(|driver| driver.begin(topic, limit));
        begun.map_err(|problem| to_js(problem, None))
    }

    /// Ends a subscription.
    pub fn unsubscribe(&self, id: u32) {
        if let Some(driver) = self.driver.upgrade() {
            driver.unsubscribe(id);
        }
    }

    /// Says how much of a list is held.
    pub fn window(&self, id: u32, count: u32) {
        if let Some(driver) = self.driver.upgrade() {
            driver.window(id, count.clamp(WINDOW.0, WINDOW.1));
        }
    }

    /// Reads on in a list; promises the answer.
    pub fn more(&self, topic: &JsValue, after: &JsValue, limit: u32) -> Promise {
        let params = object(&[("topic", topic), ("after", after), ("limit", &limit.into())]);
        let asked = |driver: std::rc::Rc<Driver>| {
            driver.request(Ok(Operation::read("more", params)), Box::new(|answer: &JsValue| answer.clone()))
        };
        self.driver.upgrade().map_or_else(|| Promise::resolve(&JsValue::UNDEFINED), asked)
    }
}
