//! A function for benchmarks: the path of a frame from its text to snapshots, without a network.

use causerie_protocol::ServerFrame;
use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;

use crate::interop::frames;
use crate::snapshots::users;

/// Decodes a result frame, as the task of the socket does, and returns a snapshot of every user in it.
#[wasm_bindgen(js_name = benchDecode, skip_typescript)]
#[must_use]
pub fn bench_decode(text: &JsString) -> Array {
    match frames::decode(text) {
        Some(ServerFrame::Result(outcome)) => outcome.value.as_ref().map(users).unwrap_or_default(),
        _ => Array::new(),
    }
}
