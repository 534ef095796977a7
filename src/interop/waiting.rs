//! What waits for the module and must end if the module fails (`waiting.js`): the promises that methods
//! return, and the error handlers of a session.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/interop/waiting.js")]
extern "C" {
    /// A pending promise.
    pub(crate) type Deferred;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new(is_waiting: bool) -> Deferred;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn promise(this: &Deferred) -> Promise;
    /// Resolves the promise with a value, or rejects it with an error.
    #[wasm_bindgen(method)]
    fn settle(this: &Deferred, value: &JsValue, failed: bool);

    /// The error handlers of a session.
    pub(crate) type ErrorHandlers;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new() -> ErrorHandlers;
    /// Adds a handler. Returns an object with a method that removes it.
    #[wasm_bindgen(method)]
    pub(crate) fn add(this: &ErrorHandlers, handler: &Function) -> JsValue;
    /// Calls the handlers, and those that are added later, with the error that ended the session.
    #[wasm_bindgen(method)]
    pub(crate) fn fail(this: &ErrorHandlers, error: &JsValue);
}

impl Deferred {
    /// Settles the promise.
    pub(crate) fn complete(&self, result: Result<JsValue, JsValue>) {
        match result {
            Ok(value) => self.settle(&value, false),
            Err(error) => self.settle(&error, true),
        }
    }
}
