//! Subscriptions and searches: the way from a ref to a handle. The client (`causerie-client`) decides what a
//! handle shows, and when; `handle.js` has the object that the program gets.

mod link;
mod search;

use std::rc::Rc;

use causerie_protocol::TopicKind;
use wasm_bindgen::prelude::*;

use crate::driver::Driver;
use crate::interop::error::to_type_error;
use crate::interop::operation::{Topic, extended};
use crate::interop::params::{property, type_mismatch};
use link::Link;
pub(crate) use search::add_searches;

/// Opens a handle on the topic of this kind that `params` identifies. Throws a `TypeError` if the callback is
/// not a function.
pub(crate) fn open(
    driver: &Rc<Driver>,
    kind: TopicKind,
    params: &JsValue,
    on_snapshot: &JsValue,
) -> Result<JsValue, JsValue> {
    if !on_snapshot.is_undefined() && !on_snapshot.is_function() {
        return Err(to_type_error(type_mismatch("onSnapshot", "a function", on_snapshot)));
    }
    let (id, handle) = driver.open(&to_topic(kind, params), on_snapshot);
    let link = driver.link.get_or_init(|| Link::new(Rc::downgrade(driver)).into());
    Ok(handle.expose(link, id, kind.page_sizes().map_or(0, |sizes| sizes.max)))
}

/// Returns a topic. Its `id` is the conversation's id if there is one, else the user's.
fn to_topic(kind: TopicKind, params: &JsValue) -> Topic {
    let conversation = property(params, "conversation");
    let name = JsValue::from(kind.as_str());
    let value = if conversation.is_undefined() {
        let (user, filter) = (property(params, "user"), property(params, "filter"));
        extended(&JsValue::NULL, &[("kind", &name), ("id", &user), ("filter", &filter)])
    } else {
        extended(params, &[("kind", &name), ("id", &conversation), ("conversation", &JsValue::UNDEFINED)])
    };
    Topic { kind, value }
}
