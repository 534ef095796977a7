//! `UserRef`. `src/types/user.d.ts` documents its members.

use causerie_protocol::{OpName, TopicKind};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::Resource;
use crate::interop::params;

/// The ref of a user.
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
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented in src/types/user.d.ts")]
impl UserRef {
    #[wasm_bindgen(getter, skip_jsdoc)]
    #[must_use]
    pub fn id(&self) -> JsValue {
        self.resource.id("user")
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn get(&self) -> Promise {
        self.resource.request_snapshot(OpName::UserGet, TopicKind::User)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn set(&self, params: &JsValue) -> Promise {
        self.resource.write_data(OpName::UserSet, params::plain_data("params", params))
    }

    #[wasm_bindgen(skip_jsdoc, js_name = createIfNotExists)]
    pub fn create_if_not_exists(&self, params: &JsValue) -> Promise {
        self.resource.write_data(OpName::UserCreateIfNotExists, params::plain_data("params", params))
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn subscribe(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe(TopicKind::User, on_snapshot)
    }

    #[wasm_bindgen(skip_jsdoc, js_name = subscribeOnline)]
    pub fn subscribe_online(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe(TopicKind::Online, on_snapshot)
    }
}
