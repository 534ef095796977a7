//! Calling the program's own functions: later, with nothing borrowed, and never letting one harm another.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::error::report;

/// Calls a function with one argument, as a task of its own. What it throws is reported as an uncaught error is.
pub(crate) fn call_later(function: Function, argument: JsValue) {
    spawn_local(async move {
        if let Err(error) = function.call1(&JsValue::UNDEFINED, &argument) {
            report(&error);
        }
    });
}

/// Calls a function and waits for what it returns, be it a promise (of this realm or another), anything with a
/// `then`, or a plain value. What it throws or rejects with is reported, and makes `None`.
pub(crate) async fn call_and_wait(function: Function) -> Option<JsValue> {
    let outcome = match function.call0(&JsValue::UNDEFINED) {
        Ok(returned) => JsFuture::from(Promise::resolve(&returned)).await,
        Err(error) => Err(error),
    };
    outcome.inspect_err(report).ok()
}
