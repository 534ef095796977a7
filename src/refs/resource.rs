//! What every ref is underneath: the session's driver, and the names of the thing as the object that is sent.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::JsValue;

use crate::driver::{Driver, Finish, nothing};
use crate::interop::error::{Read, checked, thrown};
use crate::interop::operation::{Operation, with};
use crate::interop::params::{property, string};
use causerie_protocol::limits;

/// See the module.
#[derive(Clone)]
pub(crate) struct Resource {
    driver: Rc<Driver>,
    /// Such as `{conversation, message}`: the parameters of every op on it.
    names: JsValue,
}

impl Resource {
    /// The thing of this kind and id. Throws a `TypeError` for what is no id.
    pub(crate) fn new(driver: &Rc<Driver>, kind: &str, id: &JsValue) -> Result<Self, JsValue> {
        Resource { driver: driver.clone(), names: JsValue::NULL }.within(kind, id)
    }

    /// A thing within this one. Throws a `TypeError` for what is no id.
    #[inline(never)]
    pub(crate) fn within(&self, kind: &str, id: &JsValue) -> Result<Self, JsValue> {
        let field = if kind == "emoji" { kind.to_owned() } else { [kind, " id"].concat() };
        let text = string(&field, id).map_err(thrown)?;
        checked(limits::check_id(&field, &text)).map_err(thrown)?;
        // The text and not the value: half of a surrogate pair is none.
        Ok(Resource { driver: self.driver.clone(), names: with(&self.names, &[(kind, &text.into())]) })
    }

    /// One of its names.
    pub(crate) fn name(&self, kind: &str) -> JsValue {
        property(&self.names, kind)
    }

    /// The one ref to it, made if there is none.
    #[inline(never)]
    pub(crate) fn interned(self, make: fn(Self) -> JsValue) -> JsValue {
        let driver = self.driver.clone();
        // The names of one kind stand in one order, so their text tells things apart.
        let key = js_sys::JSON::stringify(&self.names).map_or(JsValue::NULL, JsValue::from);
        driver.refs.get(&key, || make(self))
    }

    /// Asks for something about it.
    #[inline(never)]
    pub(crate) fn read(&self, op: &'static str, finish: fn(&JsValue) -> JsValue) -> Promise {
        self.driver.request(Ok(Operation::read(op, self.names.clone())), Box::new(finish))
    }

    /// Changes it.
    pub(crate) fn write(&self, op: &'static str) -> Promise {
        self.driver.request(Ok(Operation::write(op, self.names.clone())), Box::new(nothing))
    }

    /// Changes it, with data that was read.
    pub(crate) fn write_with(&self, op: &'static str, data: Read<JsValue>) -> Promise {
        self.write_for(op, data, Box::new(nothing))
    }

    /// Changes it, with data that was read, and makes something of the answer.
    #[inline(never)]
    pub(crate) fn write_for(&self, op: &'static str, data: Read<JsValue>, finish: Finish) -> Promise {
        let operation = data.map(|data| Operation::write(op, with(&self.names, &[("data", &data)])));
        self.driver.request(operation, finish)
    }

    /// Subscribes to a topic of it. Throws a `TypeError` for what is no function.
    pub(crate) fn subscribe(&self, kind: &str, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.driver.subscribe(kind, &self.names, on_snapshot)
    }
}
