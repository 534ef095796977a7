//! Snapshots: from an entity's body, as parsed by the JS engine, to a frozen object of an exported class.
//!
//! The classes are JavaScript (`snapshots.js`), because nothing of a snapshot lives in wasm memory: own, enumerable,
//! frozen properties, so that spread, `JSON.stringify`, `structuredClone` and devtools just work. One call a
//! snapshot crosses the boundary.

mod conversation;
mod user;

pub use conversation::conversation;
pub use user::user;
#[cfg(feature = "bench")]
pub(crate) use user::user_snapshot;

use causerie_protocol::Outcome;
use wasm_bindgen::JsValue;

use crate::boundary::frames::id_of;

/// The body among `bodies` that the outcome's value names.
fn named<'a>(value: Option<&JsValue>, bodies: &'a [JsValue]) -> Option<&'a JsValue> {
    let id = value?;
    bodies.iter().find(|body| id_of(body) == *id)
}

/// What an answer refers to, as a snapshot, or `null`.
fn snapshot(outcome: &Outcome<JsValue>, bodies: &[JsValue], make: impl Fn(&JsValue) -> JsValue) -> JsValue {
    named(outcome.value.as_ref(), bodies).map_or(JsValue::NULL, make)
}
