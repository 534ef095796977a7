//! Reading what a program passes: small typed readers that name the wrong field and what was expected of it, check
//! every value against the protocol's limits, and copy what is good into a fresh object, which is what is sent.
//!
//! The copy is taken at the call: what the program does with its object afterwards changes nothing. That it is a
//! JavaScript object all along, and no Rust struct, saves every visitor some 12 KB (brotli) of maps, readers and
//! printers. Both sides call the same checks of `protocol::limits`; the browser tests see that the server refuses by itself
//! what is refused here.

use causerie_protocol::params::{name_cleared, name_required};
use causerie_protocol::{ErrorBody, limits};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::error::{Read, checked, to_js};

/// What a program does with a user.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// `createIfNotExists`: there must be a name, and nothing to reset.
    Create,
    /// `set`: `null` resets.
    Set,
}

/// Reads the parameters of `createIfNotExists` and `set`.
pub(crate) fn user(params: &JsValue, intent: Intent) -> Read<JsValue> {
    let params = object("params", params)?;
    let data = Object::new();
    for field in ["name", "locale", "photoUrl", "role", "welcomeMessage"] {
        copy(params, &data, field, intent, &|value| {
            let text = string(field, value)?;
            checked(limits::check_profile_text(field, &text))?;
            Ok(text.into())
        })?;
    }
    copy(params, &data, "email", intent, &|value| strings("email", value, limits::check_emails))?;
    copy(params, &data, "phone", intent, &|value| strings("phone", value, limits::check_phones))?;
    copy(params, &data, "custom", intent, &|value| custom("custom", value, intent))?;
    copy(params, &data, "pushTokens", intent, &|value| push_tokens("pushTokens", value, intent))?;
    let name = property(&data, "name");
    if name.is_null() {
        return Err(to_js(name_cleared(), None));
    }
    if name.is_undefined() && intent == Intent::Create {
        return Err(to_js(name_required(), None));
    }
    Ok(data.into())
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

/// Copies one field as `read` gives it. A field that is absent or `undefined` stays absent; `null` stays `null` where
/// it resets.
fn copy(
    params: &JsValue,
    data: &Object,
    field: &str,
    intent: Intent,
    read: &dyn Fn(&JsValue) -> Read<JsValue>,
) -> Read<()> {
    let value = property(params, field);
    if !value.is_undefined() {
        put(
            data,
            &field.into(),
            &if value.is_null() && intent == Intent::Set { value } else { read(&value)? },
        );
    }
    Ok(())
}

/// Sets a property of a fresh object, which cannot fail.
fn put(object: &Object, key: &JsValue, value: &JsValue) {
    let _ = Reflect::set(object, key, value);
}

/// An object without a prototype, in which `__proto__` is a key like any other.
fn bare_object() -> Object {
    Object::create(JsValue::NULL.unchecked_ref())
}

/// One string or several, as a list.
fn strings(
    path: &str,
    value: &JsValue,
    check: fn(&str, &[String]) -> Result<(), ErrorBody>,
) -> Read<JsValue> {
    let entries = if value.is_string() {
        Array::of1(value)
    } else {
        value.dyn_ref::<Array>().cloned().unwrap_or_default()
    };
    if !value.is_string() && !Array::is_array(value) {
        return Err(wrong(path, "an array of strings", value));
    }
    let place = |index: usize| [path, "[", &index.to_string(), "]"].concat();
    let read = entries.iter().enumerate().map(|(index, entry)| string(&place(index), &entry));
    let texts = read.collect::<Read<Vec<_>>>()?;
    checked(check(path, &texts))?;
    Ok(texts.iter().map(|text| JsValue::from(text.as_str())).collect::<Array>().into())
}

/// Custom data: strings by string, and `null` for a key that a `set` deletes.
fn custom(path: &str, value: &JsValue, intent: Intent) -> Read<JsValue> {
    let data = bare_object();
    let mut entries = Vec::new();
    each(path, value, &mut |name, entry| {
        let deletes = entry.is_null() && intent == Intent::Set;
        let text = if deletes { None } else { Some(string(&limits::path_to(path, &name), entry)?) };
        put(&data, &name.as_str().into(), &text.as_deref().map_or(JsValue::NULL, JsValue::from));
        entries.push((name, text));
        Ok(())
    })?;
    checked(limits::check_custom(path, entries.iter().map(|(key, text)| (key.as_str(), text.as_deref()))))?;
    Ok(data.into())
}

/// Push tokens: `true` by `provider:token_id`, and `null` for one that a `set` unregisters.
fn push_tokens(path: &str, value: &JsValue, intent: Intent) -> Read<JsValue> {
    let data = bare_object();
    let mut count = 0;
    each(path, value, &mut |name, entry| {
        checked(limits::check_push_token(path, &name))?;
        if entry.as_bool() != Some(true) && !(entry.is_null() && intent == Intent::Set) {
            return Err(wrong(&limits::path_to(path, &name), "true", entry));
        }
        put(&data, &name.as_str().into(), entry);
        count += 1;
        Ok(())
    })?;
    checked(limits::check_push_token_count(path, count))?;
    Ok(data.into())
}

/// The own enumerable properties of an object. A value of `undefined` is as good as absent.
fn each(path: &str, value: &JsValue, read: &mut dyn FnMut(String, &JsValue) -> Read<()>) -> Read<()> {
    for key in Object::keys(object(path, value)?.unchecked_ref::<Object>()).iter() {
        let entry = Reflect::get(value, &key).unwrap_or(JsValue::UNDEFINED);
        if !entry.is_undefined() {
            read(key.as_string().unwrap_or_default(), &entry)?;
        }
    }
    Ok(())
}
