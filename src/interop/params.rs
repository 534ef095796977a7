//! Reads the arguments of a program's calls. IDs and the options of a session are checked in the call, which
//! throws if they are invalid. Data is copied in the call, so that later changes to the program's object have
//! no effect. Only the server checks its values: doing so here too was measured to cost every visitor 5.8 KB
//! (brotli) for users alone.

use causerie_protocol::text::concat;
use causerie_protocol::{ErrorBody, validation};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::error::{JsResult, checked, to_js};
use super::operation::object;

#[wasm_bindgen(module = "/src/interop/copy.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = copy)]
    fn copy_plain(value: &JsValue) -> Result<JsValue, JsValue>;
}

/// Returns a copy of an object of plain data.
pub(crate) fn plain_data(path: &str, value: &JsValue) -> JsResult<JsValue> {
    let problem = "must be plain data, without cycles and big integers";
    copy_plain(expect_object(path, value)?).map_err(|_| to_js(ErrorBody::invalid(path, problem), None))
}

/// Returns a copy of an object of plain data, or an empty object for `undefined`.
pub(crate) fn optional_plain_data(path: &str, value: &JsValue) -> JsResult<JsValue> {
    if value.is_undefined() { Ok(Object::new().into()) } else { plain_data(path, value) }
}

/// Returns the data of a message, which is given as a text or as an object. An object after it is an error,
/// because the message would be stored without its custom data or its reference.
pub(crate) fn message_data(params: &JsValue, further: &JsValue) -> JsResult<JsValue> {
    if further.is_object() && !Array::is_array(further) {
        let problem = "must be one object, such as { text, custom } (got a second one)";
        return Err(to_js(ErrorBody::invalid("params", problem), None));
    }
    if params.is_string() {
        plain_data("params", &object(&[("text", params)]))
    } else {
        plain_data("params", params)
    }
}

/// Returns a property of a value, or `undefined`.
pub(crate) fn property(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Returns a string. A lone surrogate becomes U+FFFD, as in everything that browsers send; so callers send
/// this text and not the value, which would be invalid in a frame.
pub(crate) fn expect_string(path: &str, value: &JsValue) -> JsResult<String> {
    value.as_string().ok_or_else(|| type_mismatch(path, "a string", value))
}

/// Returns an id. A lone surrogate is an error, because replacing it would give different ids the same text.
#[inline(never)]
#[expect(clippy::cmp_owned, reason = "comparing with a Rust string would replace the surrogates first")]
pub(crate) fn expect_id(field: &str, value: &JsValue) -> JsResult<String> {
    let id = expect_string(field, value)?;
    checked(validation::check_id(field, &id))?;
    if *value != JsValue::from(&*id) {
        return Err(to_js(ErrorBody::invalid(field, "must not contain lone surrogates"), None));
    }
    Ok(id)
}

/// Returns an object that is neither an array nor null.
pub(crate) fn expect_object<'a>(path: &str, value: &'a JsValue) -> JsResult<&'a JsValue> {
    if value.is_object() && !Array::is_array(value) {
        Ok(value)
    } else {
        Err(type_mismatch(path, "an object", value))
    }
}

/// Returns the error for a value of the wrong type. It names the expected type and the actual one.
#[inline(never)]
pub(crate) fn type_mismatch(path: &str, expected: &str, got: &JsValue) -> JsValue {
    let got = type_name(got);
    to_js(ErrorBody::invalid(path, &concat(&["must be ", expected, " (got ", &got, ")"])), None)
}

/// Returns the name of a value's type, as in `typeof`, but with names of their own for null and arrays.
pub(crate) fn type_name(value: &JsValue) -> String {
    if value.is_null() {
        "null".to_owned()
    } else if Array::is_array(value) {
        "an array".to_owned()
    } else {
        value.js_typeof().as_string().unwrap_or_default()
    }
}
