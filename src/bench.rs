//! A function for benchmarks: the path of a frame from its text to snapshots, without a network.

use causerie_protocol::{ServerFrame, TopicKind};
use js_sys::JsString;
use wasm_bindgen::prelude::*;

use crate::driver::frames;
use crate::snapshots;

/// Decodes a result frame, as the task of the socket does, and returns a snapshot of every user in it.
#[wasm_bindgen(js_name = benchDecode, skip_typescript)]
#[must_use]
pub fn bench_decode(text: &JsString) -> JsValue {
    match frames::decode(text) {
        Some(ServerFrame::Result(outcome)) => snapshots::list_of_result(TopicKind::User, outcome),
        _ => JsValue::NULL,
    }
}
