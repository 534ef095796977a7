//! Bodies as JavaScript values, which the JS engine parsed, and the snapshots that are made of them.

use causerie_client::store::{Body, FlagField, Kind, ListField, View};
use js_sys::Array;
use wasm_bindgen::prelude::*;

use crate::interop::fields::{self, Name};
use crate::interop::operation::object;

#[wasm_bindgen(module = "/src/snapshots/snapshots.js")]
extern "C" {
    /// Returns a snapshot: one call for each.
    fn snapshot(view: u32, body: &JsValue, part: &JsValue, second: &JsValue) -> JsValue;
    /// `users` is absent if there are too many to list.
    fn typing(users: Option<Vec<JsValue>>) -> JsValue;
}

#[wasm_bindgen(module = "/src/snapshots/values.js")]
extern "C" {
    /// Returns the ids in bodies or values of this kind (see [`Body::ids`]).
    fn ids(kind: u32, bodies: &Array) -> String;
    /// Returns the latest time in it, or 0 (see [`Body::time`]).
    fn time(kind: u32, body: &JsValue) -> f64;
    fn merge(old: &JsValue, body: &JsValue) -> JsValue;
    fn splice(old: &JsValue, start: usize, removed: usize, added: &Array) -> JsValue;
}

/// A JSON value of the server.
#[derive(Clone, Debug)]
pub(crate) struct JsBody(JsValue);

impl JsBody {
    /// Returns the value; `None` if it is absent or null.
    pub(crate) fn new(value: JsValue) -> Option<Self> {
        if value.is_undefined() || value.is_null() { None } else { Some(JsBody(value)) }
    }

    /// Returns the entries of an array that are not null; none if the value is not an array.
    pub(crate) fn list(value: JsValue) -> Vec<Self> {
        let mut list = Vec::new();
        if let Ok(array) = value.dyn_into::<Array>() {
            for index in 0..array.length() {
                list.extend(JsBody::new(array.get(index)));
            }
        }
        list
    }

    pub(crate) const fn as_js(&self) -> &JsValue {
        &self.0
    }

    fn get(&self, field: Name) -> JsValue {
        fields::get(&self.0, field)
    }
}

impl Body for JsBody {
    type Snapshot = JsValue;

    fn as_text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn ids(kind: Kind, bodies: &[Self]) -> String {
        if bodies.is_empty() {
            return String::new();
        }
        let array = Array::new();
        for body in bodies {
            array.push(&body.0);
        }
        ids(kind as u32, &array)
    }

    #[allow(clippy::cast_possible_truncation, reason = "a time is an integer below 2^53")]
    fn time(&self, kind: Kind) -> i64 {
        time(kind as u32, &self.0) as i64
    }

    fn list(&self, field: ListField) -> Option<Vec<Self>> {
        let list = self.get(match field {
            ListField::Items => Name::Items,
            ListField::Users => Name::Users,
        });
        Array::is_array(&list).then(|| JsBody::list(list))
    }

    #[allow(clippy::cast_possible_truncation, reason = "a time is an integer below 2^53")]
    fn next(&self) -> Option<(i64, String)> {
        let next = JsBody::new(self.get(Name::Next))?;
        Some((next.get(Name::At).as_f64()? as i64, next.get(Name::Id).as_string()?))
    }

    fn flag(&self, field: FlagField) -> bool {
        let field = match field {
            FlagField::More => Name::More,
            FlagField::Many => Name::Many,
        };
        self.get(field).is_truthy()
    }

    fn put(&self) -> Option<Self> {
        JsBody::new(self.get(Name::Put))
    }

    fn nobody_types() -> Self {
        JsBody(object(&[("users", &Array::new())]))
    }

    fn merge(old: Option<&Self>, new: Self) -> Option<Self> {
        JsBody::new(merge(old.map_or(&JsValue::UNDEFINED, JsBody::as_js), &new.0))
    }

    fn snapshot(&self, view: View, part: Option<&JsValue>, second: Option<&JsValue>) -> JsValue {
        let null = JsValue::NULL;
        snapshot(view as u32, &self.0, part.unwrap_or(&null), second.unwrap_or(&null))
    }

    fn typing(users: Option<Vec<JsValue>>) -> JsValue {
        typing(users)
    }

    fn splice(old: Option<&JsValue>, start: usize, removed: usize, added: &[&JsValue]) -> JsValue {
        // To pass a vector would clone each value.
        let array = Array::new();
        for value in added {
            array.push(value);
        }
        splice(old.unwrap_or(&JsValue::UNDEFINED), start, removed, &array)
    }
}
