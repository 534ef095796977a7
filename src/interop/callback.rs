//! Calls of the program's own functions, with nothing borrowed, so that an exception in one of them affects
//! nothing else.

use std::pin::Pin;

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::error::report;

/// Starts a task. All tasks have the same type, because the code that runs tasks is compiled once for each.
pub(crate) fn spawn(task: Pin<Box<dyn Future<Output = ()>>>) {
    spawn_local(task);
}

/// Calls a function and awaits its result: a promise (of this realm or another), any object with a `then`
/// method, or a plain value. Returns `None` if it throws or rejects, after reporting the error.
pub(crate) async fn call_and_wait(function: Function) -> Option<JsValue> {
    let outcome = match function.call0(&JsValue::UNDEFINED) {
        Ok(returned) => JsFuture::from(Promise::resolve(&returned)).await,
        Err(error) => Err(error),
    };
    outcome.inspect_err(report).ok()
}
