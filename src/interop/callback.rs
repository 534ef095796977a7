//! Calls of the program's own functions: in a task of their own, with nothing borrowed, so that an exception
//! in one of them affects nothing else.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::error::report;

/// Calls a function with one argument, in a task of its own. An exception is reported as an uncaught error
/// is.
pub(crate) fn call_later(function: Function, argument: JsValue) {
    spawn_local(async move {
        if let Err(error) = function.call1(&JsValue::UNDEFINED, &argument) {
            report(&error);
        }
    });
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
