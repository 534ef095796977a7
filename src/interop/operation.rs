//! Operations as the binding holds them: the name from the protocol's list, and the parameters as the
//! JavaScript object that is sent.

use causerie_protocol::{ErrorBody, OpName};
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// An operation to request from the server.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) name: OpName,
    pub(crate) params: JsValue,
}

impl causerie_client::Operation for Operation {
    type Topic = JsValue;

    fn writes(&self) -> bool {
        self.name.writes()
    }

    /// Accepts every operation: ids were checked when their refs were made, and the server checks the data.
    fn check(&self) -> Result<(), ErrorBody> {
        Ok(())
    }
}

/// Returns a new object with these properties.
pub(crate) fn object(properties: &[(&str, &JsValue)]) -> JsValue {
    extended(&JsValue::NULL, properties)
}

/// Returns a copy of an object with further properties.
pub(crate) fn extended(object: &JsValue, properties: &[(&str, &JsValue)]) -> JsValue {
    let copy = Object::new();
    if let Some(object) = Object::try_from(object) {
        Object::assign(&copy, object);
    }
    for (name, value) in properties {
        // Setting a property of a new object cannot fail.
        let _ = Reflect::set(&copy, &(*name).into(), value);
    }
    copy.into()
}
