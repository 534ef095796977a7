//! An operation as the binding holds it: the protocol's name, and the parameters as the JavaScript object that is sent.

use causerie_client::Operation;
use causerie_protocol::ErrorBody;
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// What is asked of the server.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) op: &'static str,
    pub(crate) params: JsValue,
    writes: bool,
}

impl Ask {
    /// A question about the thing of this kind and id.
    pub(crate) fn read(op: &'static str, kind: &str, id: &str) -> Self {
        let params = Object::new();
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&params, &kind.into(), &id.into());
        Ask { op, params: params.into(), writes: false }
    }

    /// A change of it, with data that was read and checked in `params`.
    pub(crate) fn write(op: &'static str, kind: &str, id: &str, data: &JsValue) -> Self {
        let ask = Ask::read(op, kind, id);
        let _ = Reflect::set(&ask.params, &"data".into(), data);
        Ask { writes: true, ..ask }
    }
}

impl Operation for Ask {
    /// As the JavaScript object that is sent.
    type Topic = JsValue;

    fn writes(&self) -> bool {
        self.writes
    }

    /// Nothing is left to check: an id is checked when its ref is made, data when it is read.
    fn check(&self) -> Result<(), ErrorBody> {
        Ok(())
    }
}
