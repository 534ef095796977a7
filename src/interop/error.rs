//! Errors as JavaScript sees them: one subclass of `Error` with the protocol's code, made in `error.js`.

use causerie_protocol::ErrorBody;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/interop/error.js")]
extern "C" {
    #[wasm_bindgen(js_name = causerieError)]
    fn causerie_error(
        code: &str,
        message: &str,
        retryable: bool,
        field: Option<String>,
        retry_after: Option<u32>,
        request_id: Option<String>,
    ) -> JsValue;

    #[wasm_bindgen(js_name = asTypeError)]
    fn as_type_error(error: &JsValue) -> JsValue;

    /// Reports what a callback of the program threw.
    pub(crate) fn report(error: &JsValue);
}

/// The error that a promise rejects with. `request` names the request in the server's logs.
pub(crate) fn to_js(error: ErrorBody, request: Option<String>) -> JsValue {
    let ErrorBody { code, message, field, retry_after } = error;
    causerie_error(code.name(), &message, code.retryable(), field, retry_after, request)
}

/// What reading a value from JavaScript gives: the value, or the error to reject with, which is a JavaScript object
/// from the start. (Passing the protocol's errors from reader to reader costs 2 KB of moving them about.)
pub(crate) type Read<T> = Result<T, JsValue>;

/// A check of the protocol, as a reader has it.
#[inline(never)]
pub(crate) fn checked(check: Result<(), ErrorBody>) -> Read<()> {
    check.map_err(|problem| to_js(problem, None))
}

/// The error of a reader as it is thrown at once: a `TypeError`, as the documents say.
#[inline(never)]
pub(crate) fn thrown(error: JsValue) -> JsValue {
    as_type_error(&error)
}
