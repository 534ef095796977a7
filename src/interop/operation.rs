//! Operations and topics as the binding holds them: the protocol's names, and the parameters as the
//! JavaScript object that is sent.

use causerie_protocol::{ErrorBody, Op, Topic};
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// An operation to request from the server.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) params: JsValue,
    writes: bool,
}

impl Operation {
    /// An operation that stores nothing.
    pub(crate) const fn read(name: &'static str, params: JsValue) -> Self {
        Operation { name, params, writes: false }
    }

    /// An operation that changes stored data, so that it is sent with an idempotency key.
    pub(crate) const fn write(name: &'static str, params: JsValue) -> Self {
        Operation { name, params, writes: true }
    }
}

impl causerie_client::Operation for Operation {
    type Topic = JsValue;

    fn writes(&self) -> bool {
        self.writes
    }

    /// Accepts every operation: ids were checked when their refs were made, and the server checks the data.
    fn check(&self) -> Result<(), ErrorBody> {
        Ok(())
    }
}

/// Returns the name of an operation. Called in a `const` block, so that a name which the protocol does not
/// have fails the build.
pub(crate) const fn op(name: &'static str) -> &'static str {
    assert!(contains(Op::NAMES, name), "the protocol has no operation of this name");
    name
}

/// Returns the kind of a topic. Called in a `const` block, so that a kind which the protocol does not have
/// fails the build.
pub(crate) const fn topic(kind: &'static str) -> &'static str {
    assert!(contains(Topic::KINDS, kind), "the protocol has no topic of this kind");
    kind
}

const fn contains(mut names: &[&str], name: &str) -> bool {
    while let [first, others @ ..] = names {
        if equal(first.as_bytes(), name.as_bytes()) {
            return true;
        }
        names = others;
    }
    false
}

const fn equal(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([first, one_rest @ ..], [second, other_rest @ ..]) = (one, other) {
        if *first != *second {
            return false;
        }
        (one, other) = (one_rest, other_rest);
    }
    one.is_empty() && other.is_empty()
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
