//! Snapshots: frozen objects of exported classes, made from bodies as the JS engine parsed them.
//!
//! The client's store decides when a snapshot is made (`causerie_client::store`). Nothing of a snapshot is in
//! wasm memory: its properties are own, enumerable and frozen, so that spread, `JSON.stringify`,
//! `structuredClone` and devtools work. The types are declared in `causerie_client::snapshots`, where native
//! programs use them too; the classes in `snapshots.js` are generated from these declarations. `values.js`
//! has what visits every property of a body: freezing and structural comparison.

mod body;

pub(crate) use body::JsBody;
use causerie_client::store;
use causerie_protocol::{Outcome, TopicKind};
use wasm_bindgen::JsValue;

use crate::interop::fields::{Name, get};
use crate::interop::operation::object;

/// Returns the snapshot of the value in a result, or `null` if there is none.
pub(crate) fn of_result(kind: TopicKind, result: Outcome<JsBody>) -> JsValue {
    result.value.and_then(|value| store::snapshot(kind, value, result.entities)).unwrap_or(JsValue::NULL)
}

/// Returns the value in a result as it is, or `null` if there is none.
pub(crate) fn value_of_result(result: Outcome<JsBody>) -> JsValue {
    result.value.map_or(JsValue::NULL, |value| value.as_js().clone())
}

/// Returns a page of a search: the list `results` of the snapshots, and `next`, the cursor of the next page,
/// which is absent after the last.
pub(crate) fn page_of_result(kind: TopicKind, result: Outcome<JsBody>) -> JsValue {
    let Some(page) = result.value else { return JsValue::NULL };
    let list = JsBody::list(get(page.as_js(), Name::Items));
    let list = store::snapshots(kind, list, result.entities);
    object(&[("results", &list), ("next", &get(page.as_js(), Name::Next))])
}

/// Returns the snapshots of the list in a result, or `null` if there is none.
pub(crate) fn list_of_result(kind: TopicKind, result: Outcome<JsBody>) -> JsValue {
    let list = result.value.map(|value| JsBody::list(value.as_js().clone()));
    list.map_or(JsValue::NULL, |list| store::snapshots(kind, list, result.entities))
}
