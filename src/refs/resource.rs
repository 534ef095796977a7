//! The common part of all refs: the session's driver, and the IDs of a resource as the object that is sent.

use causerie_protocol::text::concat;
use std::rc::Rc;

use causerie_protocol::{OpName, TopicKind};
use js_sys::Promise;
use wasm_bindgen::JsValue;

use crate::driver::{Convert, Driver, to_undefined};
use crate::interop::error::{JsResult, to_type_error};
use crate::interop::operation::{Operation, extended};
use crate::interop::params::{expect_id, property};
use crate::{live, snapshots};

/// A resource of the server: a user, a conversation, or a part of one.
#[derive(Clone)]
pub(crate) struct Resource {
    driver: Rc<Driver>,
    /// The IDs by kind, such as `{conversation, message}`: the parameters of every operation on the resource.
    ids: JsValue,
}

impl Resource {
    /// Returns the resource of this kind and id. Throws a `TypeError` for an invalid id.
    pub(crate) fn new(driver: &Rc<Driver>, kind: &str, id: &JsValue) -> Result<Self, JsValue> {
        Resource { driver: driver.clone(), ids: JsValue::NULL }.child(kind, id)
    }

    /// Returns a resource within this one. Throws a `TypeError` for an invalid id.
    #[inline(never)]
    pub(crate) fn child(&self, kind: &str, id: &JsValue) -> Result<Self, JsValue> {
        let field = if kind == "emoji" { kind.to_owned() } else { concat(&[kind, " id"]) };
        expect_id(&field, id).map_err(to_type_error)?;
        Ok(Resource { driver: self.driver.clone(), ids: extended(&self.ids, &[(kind, id)]) })
    }

    /// Returns the id of this kind.
    pub(crate) fn id(&self, kind: &str) -> JsValue {
        property(&self.ids, kind)
    }

    /// Returns the one ref of the resource, and makes it if there is none.
    #[inline(never)]
    pub(crate) fn interned(self, make: fn(Self) -> JsValue) -> JsValue {
        let driver = self.driver.clone();
        // The IDs of one kind of resource always have the same order, so their JSON is unique.
        let key = js_sys::JSON::stringify(&self.ids).map_or(JsValue::NULL, JsValue::from);
        let known = driver.refs.get(&key);
        if !known.is_undefined() {
            return known;
        }
        let made = make(self);
        driver.refs.set(&key, &made);
        made
    }

    /// Requests a read. The promise resolves with the snapshot of the result.
    pub(crate) fn request_snapshot(&self, op: OpName, kind: TopicKind) -> Promise {
        self.request(op, Box::new(move |result| snapshots::of_result(kind, result)))
    }

    /// Requests a read of a list. The promise resolves with the snapshots of the result.
    pub(crate) fn request_list(&self, op: OpName, kind: TopicKind) -> Promise {
        self.request(op, Box::new(move |result| snapshots::list_of_result(kind, result)))
    }

    /// Requests a read with a further parameter. The promise resolves with the value of the result.
    pub(crate) fn request_value(&self, op: OpName, name: &str, parameter: &JsValue) -> Promise {
        let ids = extended(&self.ids, &[(name, parameter)]);
        Resource { driver: self.driver.clone(), ids }.request(op, Box::new(snapshots::value_of_result))
    }

    /// Requests an operation without data. The promise resolves with the converted result.
    #[inline(never)]
    fn request(&self, op: OpName, convert: Convert) -> Promise {
        self.driver.request(Ok(Operation { name: op, params: self.ids.clone() }), convert)
    }

    /// Requests a write without data. The promise resolves with `undefined`.
    pub(crate) fn write(&self, op: OpName) -> Promise {
        self.request(op, Box::new(to_undefined))
    }

    /// Requests a write of this data. The promise resolves with `undefined`.
    pub(crate) fn write_data(&self, op: OpName, data: JsResult<JsValue>) -> Promise {
        self.write_data_as(op, data, Box::new(to_undefined))
    }

    /// Requests a write of this data. The promise resolves with the converted result.
    #[inline(never)]
    pub(crate) fn write_data_as(&self, op: OpName, data: JsResult<JsValue>, convert: Convert) -> Promise {
        let operation =
            data.map(|data| Operation { name: op, params: extended(&self.ids, &[("data", &data)]) });
        self.driver.request(operation, convert)
    }

    /// Subscribes to a topic of the resource. Throws a `TypeError` if the callback is not a function.
    pub(crate) fn subscribe(&self, kind: TopicKind, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        live::open(&self.driver, kind, &self.ids, on_snapshot)
    }
}
