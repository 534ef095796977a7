//! Reading what a program passes: small typed readers that name the wrong field and what was expected of it.
//! (A deserialiser would cost every visitor 12 KB and know the field less exactly.)

use std::collections::BTreeMap;

use causerie_protocol::params::Strings;
use causerie_protocol::{CreateUser, ErrorBody, Patch, SetUser};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

type Read<T> = Result<T, ErrorBody>;

/// Reads the parameters of `createIfNotExists`.
pub(crate) fn create_user(params: &JsValue) -> Read<CreateUser> {
    let params = object("params", params)?;
    Ok(CreateUser {
        name: optional(params, "name", string)?,
        custom: optional(params, "custom", |path, value| record(path, value, string))?,
        email: optional(params, "email", strings)?,
        phone: optional(params, "phone", strings)?,
        locale: optional(params, "locale", string)?,
        photo_url: optional(params, "photoUrl", string)?,
        push_tokens: optional(params, "pushTokens", |path, value| record(path, value, yes))?,
        role: optional(params, "role", string)?,
        welcome_message: optional(params, "welcomeMessage", string)?,
    })
}

/// Reads the parameters of `set`.
pub(crate) fn set_user(params: &JsValue) -> Read<SetUser> {
    let params = object("params", params)?;
    Ok(SetUser {
        name: patch(params, "name", string)?,
        custom: patch(params, "custom", |path, value| record(path, value, |p, v| or_null(p, v, string)))?,
        email: patch(params, "email", strings)?,
        phone: patch(params, "phone", strings)?,
        locale: patch(params, "locale", string)?,
        photo_url: patch(params, "photoUrl", string)?,
        push_tokens: patch(params, "pushTokens", |path, value| record(path, value, |p, v| or_null(p, v, yes)))?,
        role: patch(params, "role", string)?,
        welcome_message: patch(params, "welcomeMessage", string)?,
    })
}

/// A property, as it is.
pub(crate) fn property(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A string.
pub(crate) fn string(path: &str, value: &JsValue) -> Read<String> {
    value.as_string().ok_or_else(|| wrong(path, "a string", value))
}

/// An object that is neither an array nor null.
pub(crate) fn object<'a>(path: &str, value: &'a JsValue) -> Read<&'a JsValue> {
    if value.is_object() && !Array::is_array(value) { Ok(value) } else { Err(wrong(path, "an object", value)) }
}

/// Says what was expected, and what came instead.
pub(crate) fn wrong(path: &str, expected: &str, got: &JsValue) -> ErrorBody {
    let got = if got.is_null() {
        "null".to_owned()
    } else if Array::is_array(got) {
        "an array".to_owned()
    } else {
        got.js_typeof().as_string().unwrap_or_default()
    };
    ErrorBody::invalid(path, &["must be ", expected, ", and is ", &got].concat())
}

fn optional<T>(params: &JsValue, name: &str, read: impl Fn(&str, &JsValue) -> Read<T>) -> Read<Option<T>> {
    let value = property(params, name);
    if value.is_undefined() { Ok(None) } else { read(name, &value).map(Some) }
}

fn patch<T>(params: &JsValue, name: &str, read: impl Fn(&str, &JsValue) -> Read<T>) -> Read<Patch<T>> {
    let value = property(params, name);
    if value.is_undefined() {
        Ok(Patch::Keep)
    } else if value.is_null() {
        Ok(Patch::Clear)
    } else {
        read(name, &value).map(Patch::Set)
    }
}

fn or_null<T>(path: &str, value: &JsValue, read: impl Fn(&str, &JsValue) -> Read<T>) -> Read<Option<T>> {
    if value.is_null() { Ok(None) } else { read(path, value).map(Some) }
}

/// Only `true`.
fn yes(path: &str, value: &JsValue) -> Read<bool> {
    if value.as_bool() == Some(true) { Ok(true) } else { Err(wrong(path, "true", value)) }
}

fn strings(path: &str, value: &JsValue) -> Read<Strings> {
    if let Some(one) = value.as_string() {
        return Ok(Strings(vec![one]));
    }
    let array = value.dyn_ref::<Array>().ok_or_else(|| wrong(path, "an array of strings", value))?;
    let entries = array.iter().enumerate();
    let read = entries.map(|(place, entry)| string(&[path, "[", &place.to_string(), "]"].concat(), &entry));
    Ok(Strings(read.collect::<Read<_>>()?))
}

/// The own enumerable properties of an object. A value of `undefined` is as good as absent.
fn record<T>(path: &str, value: &JsValue, read: impl Fn(&str, &JsValue) -> Read<T>) -> Read<BTreeMap<String, T>> {
    let mut all = BTreeMap::new();
    let keys = Object::keys(object(path, value)?.unchecked_ref::<Object>());
    for key in keys.iter() {
        let (entry, key) = (Reflect::get(value, &key).unwrap_or(JsValue::UNDEFINED), key.as_string().unwrap_or_default());
        if !entry.is_undefined() {
            let read = read(&[path, ".", &key].concat(), &entry)?;
            all.insert(key, read);
        }
    }
    Ok(all)
}
