//! An operation as the binding holds it: the protocol's name, and the parameters as the JavaScript object that is sent.

use causerie_protocol::ErrorBody;
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// What is asked of the server.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) op: &'static str,
    pub(crate) params: JsValue,
    writes: bool,
}

impl Operation {
    /// A question, or a change that is not stored.
    pub(crate) const fn read(op: &'static str, params: JsValue) -> Self {
        Operation { op, params, writes: false }
    }

    /// A change that is stored.
    pub(crate) const fn write(op: &'static str, params: JsValue) -> Self {
        Operation { op, params, writes: true }
    }
}

/// An object.
pub(crate) fn object(properties: &[(&str, &JsValue)]) -> JsValue {
    with(&JsValue::NULL, properties)
}

/// A copy of an object with further properties.
pub(crate) fn with(object: &JsValue, more: &[(&str, &JsValue)]) -> JsValue {
    let made = Object::new();
    if let Some(object) = Object::try_from(object) {
        Object::assign(&made, object);
    }
    for (name, value) in more {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&made, &(*name).into(), value);
    }
    made.into()
}

impl causerie_client::Operation for Operation {
    type Topic = JsValue;

    fn writes(&self) -> bool {
        self.writes
    }

    /// Nothing is left to check: an id is checked when its ref is made, data when it is read.
    fn check(&self) -> Result<(), ErrorBody> {
        Ok(())
    }
}
