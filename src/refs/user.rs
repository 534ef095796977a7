//! `UserRef`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::Resource;
use crate::interop::params;
use crate::snapshots;

/// References the user with a given id. Made by `TalkSession.user`.
#[wasm_bindgen(skip_typescript)]
pub struct UserRef {
    resource: Resource,
}

impl UserRef {
    pub(crate) fn interned(resource: Resource) -> JsValue {
        resource.interned(|resource| UserRef { resource }.into())
    }
}

#[wasm_bindgen]
impl UserRef {
    /// The id of the referenced user.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn id(&self) -> JsValue {
        self.resource.name("user")
    }

    /// Fetches a snapshot of the user.
    pub fn get(&self) -> Promise {
        self.resource.read("user.get", snapshots::user)
    }

    /// Sets properties of the user.
    pub fn set(&self, params: &JsValue) -> Promise {
        self.resource.write_with("user.set", params::data("params", params))
    }

    /// Creates the user, or does nothing if there is one.
    #[wasm_bindgen(js_name = createIfNotExists)]
    pub fn create_if_not_exists(&self, params: &JsValue) -> Promise {
        self.resource.write_with("user.createIfNotExists", params::data("params", params))
    }

    /// Subscribes to the user.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no function.
    pub fn subscribe(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe("user", on_snapshot)
    }

    /// Subscribes to whether the user is online.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no function.
    #[wasm_bindgen(js_name = subscribeOnline)]
    pub fn subscribe_online(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe("online", on_snapshot)
    }
}
