//! Errors in JavaScript: one subclass of `Error` with the protocol's code, which `error.js` defines.

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

    /// Reports an error that a callback of the program threw.
    pub(crate) fn report(error: &JsValue);
}

/// Returns the error that a promise rejects with. `request_id` identifies the request in the server's logs.
pub(crate) fn to_js(error: ErrorBody, request_id: Option<String>) -> JsValue {
    let ErrorBody { code, message, field, retry_after } = error;
    causerie_error(code.name(), &message, code.retryable(), field, retry_after, request_id)
}

/// A value that was read from JavaScript, or the error to reject with. The error is a JavaScript object from
/// the start, because passing the protocol's errors from function to function was measured to cost 2 KB.
pub(crate) type JsResult<T> = Result<T, JsValue>;

/// Converts the result of a check of the protocol.
#[inline(never)]
pub(crate) fn checked(check: Result<(), ErrorBody>) -> JsResult<()> {
    check.map_err(|problem| to_js(problem, None))
}

/// Converts an error to the `TypeError` that the documentation promises for invalid arguments of synchronous
/// methods.
#[inline(never)]
pub(crate) fn to_type_error(error: JsValue) -> JsValue {
    as_type_error(&error)
}
