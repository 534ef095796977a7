//! The object through which `live.js` makes its requests, and the way from a ref to a handle.

use std::rc::{Rc, Weak};

use causerie_protocol::limits::WINDOW;
use causerie_protocol::{ErrorBody, ErrorCode, OpName};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::Driver;
use crate::interop::error::{to_js, to_type_error};
use crate::interop::operation::{Operation, extended, object};
use crate::interop::params::{property, type_mismatch};
use crate::live::Live;

/// Opens a handle on the topic of this kind that `params` identifies (see [`to_topic`]). Throws a `TypeError`
/// if the callback is not a function.
pub(crate) fn open(
    driver: &Rc<Driver>,
    kind: &'static str,
    params: &JsValue,
    on_snapshot: &JsValue,
) -> Result<JsValue, JsValue> {
    if !on_snapshot.is_undefined() && !on_snapshot.is_function() {
        return Err(to_type_error(type_mismatch("onSnapshot", "a function", on_snapshot)));
    }
    let live = driver.live(|| Live::new(Link { driver: Rc::downgrade(driver) }.into()));
    Ok(live.open(&to_topic(kind, params), on_snapshot))
}

/// Returns a topic as it is sent. Its `id` is the conversation's id if there is one, else the user's.
fn to_topic(kind: &'static str, params: &JsValue) -> JsValue {
    let conversation = property(params, "conversation");
    let kind = JsValue::from(kind);
    if conversation.is_undefined() {
        let topic =
            [("kind", &kind), ("id", &property(params, "user")), ("filter", &property(params, "filter"))];
        return object(&topic);
    }
    extended(params, &[("kind", &kind), ("id", &conversation), ("conversation", &JsValue::UNDEFINED)])
}

/// The requests of `live.js`, which the driver of the session executes.
#[wasm_bindgen(skip_typescript)]
pub struct Link {
    driver: Weak<Driver>,
}

#[wasm_bindgen]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented in live.js")]
impl Link {
    #[wasm_bindgen(skip_jsdoc)]
    pub fn subscribe(&self, topic: JsValue) -> Result<u32, JsValue> {
        let text = "the session has ended; call getTalkSession again";
        let ended = || ErrorBody::new(ErrorCode::SessionEnded, text);
        let subscribed = self.driver.upgrade().ok_or_else(ended).and_then(|driver| driver.subscribe(topic));
        subscribed.map_err(|problem| to_js(problem, None))
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn unsubscribe(&self, id: u32) {
        if let Some(driver) = self.driver.upgrade() {
            driver.unsubscribe(id);
        }
    }

    #[wasm_bindgen(skip_jsdoc, js_name = setWindow)]
    pub fn set_window(&self, id: u32, count: u32) {
        if let Some(driver) = self.driver.upgrade() {
            driver.set_window(id, count.clamp(WINDOW.0, WINDOW.1));
        }
    }

    #[wasm_bindgen(skip_jsdoc, js_name = loadPage)]
    pub fn load_page(&self, topic: &JsValue, after: &JsValue, limit: u32) -> Promise {
        let params = object(&[("topic", topic), ("after", after), ("limit", &limit.into())]);
        let operation = Operation { name: OpName::More, params };
        match self.driver.upgrade() {
            Some(driver) => driver.request(Ok(operation), Box::new(JsValue::clone)),
            None => Promise::resolve(&JsValue::UNDEFINED),
        }
    }
}
