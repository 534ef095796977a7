//! Reading what a program passes. An id and the options of a session are checked at the call, and thrown back if they are
//! wrong. Data is copied whole at the call, so that what the program does with its object afterwards changes nothing, and
//! judged by the server, which has to judge it anyway: readers that say the same beforehand were measured to cost every
//! visitor 5.8 KB (brotli) for users alone.

use causerie_protocol::ErrorBody;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::error::{Read, to_js};
use super::operation;

#[wasm_bindgen(module = "/src/interop/copy.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = copy)]
    fn copy_plain(value: &JsValue) -> Result<JsValue, JsValue>;
}

/// A copy of an object of plain data, for the server to judge.
pub(crate) fn data(path: &str, value: &JsValue) -> Read<JsValue> {
    let problem = "must be plain data, without cycles and big integers";
    copy_plain(object(path, value)?).map_err(|_| to_js(ErrorBody::invalid(path, problem), None))
}

/// The same, where there may be none: an empty object then.
pub(crate) fn data_or_none(path: &str, value: &JsValue) -> Read<JsValue> {
    if value.is_undefined() { Ok(Object::new().into()) } else { data(path, value) }
}

/// What is said: a text, or an object.
pub(crate) fn said(params: &JsValue) -> Read<JsValue> {
    if params.is_string() {
        data("params", &operation::object(&[("text", params)]))
    } else {
        data("params", params)
    }
}

/// A property, as it is.
pub(crate) fn property(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A string. Half of a surrogate pair becomes U+FFFD, as in everything browsers send; so what goes on is this text, and
/// not the value, which printed as JSON would be no frame.
pub(crate) fn string(path: &str, value: &JsValue) -> Read<String> {
    value.as_string().ok_or_else(|| wrong(path, "a string", value))
}

/// An object that is neither an array nor null.
pub(crate) fn object<'a>(path: &str, value: &'a JsValue) -> Read<&'a JsValue> {
    if value.is_object() && !Array::is_array(value) {
        Ok(value)
    } else {
        Err(wrong(path, "an object", value))
    }
}

/// Says what was expected, and what came instead.
#[inline(never)]
pub(crate) fn wrong(path: &str, expected: &str, got: &JsValue) -> JsValue {
    let got = if got.is_null() {
        "null".to_owned()
    } else if Array::is_array(got) {
        "an array".to_owned()
    } else {
        got.js_typeof().as_string().unwrap_or_default()
    };
    to_js(ErrorBody::invalid(path, &["must be ", expected, ", and is ", &got].concat()), None)
}
