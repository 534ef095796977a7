//! `ParticipantRef`. `src/types/participant.d.ts` documents its members.

use causerie_protocol::{OpName, TopicKind};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::Resource;
use crate::interop::params;

/// The ref of a user's participation in a conversation.
#[wasm_bindgen(skip_typescript)]
pub struct ParticipantRef {
    resource: Resource,
}

impl ParticipantRef {
    pub(crate) fn interned(resource: Resource) -> JsValue {
        resource.interned(|resource| ParticipantRef { resource }.into())
    }
}

#[wasm_bindgen]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented in src/types/participant.d.ts")]
impl ParticipantRef {
    #[wasm_bindgen(getter, skip_jsdoc, js_name = userId)]
    #[must_use]
    pub fn user_id(&self) -> JsValue {
        self.resource.id("user")
    }

    #[wasm_bindgen(getter, skip_jsdoc, js_name = conversationId)]
    #[must_use]
    pub fn conversation_id(&self) -> JsValue {
        self.resource.id("conversation")
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn get(&self) -> Promise {
        self.resource.request_snapshot(OpName::ParticipantGet, TopicKind::Participant)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn set(&self, params: &JsValue) -> Promise {
        self.resource.write_data(OpName::ParticipantSet, params::plain_data("params", params))
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn edit(&self, params: &JsValue) -> Promise {
        self.resource.write_data(OpName::ParticipantEdit, params::plain_data("params", params))
    }

    #[wasm_bindgen(skip_jsdoc, js_name = createIfNotExists)]
    pub fn create_if_not_exists(&self, params: &JsValue) -> Promise {
        self.resource
            .write_data(OpName::ParticipantCreateIfNotExists, params::optional_plain_data("params", params))
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn delete(&self) -> Promise {
        self.resource.write(OpName::ParticipantDelete)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn subscribe(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe(TopicKind::Participant, on_snapshot)
    }
}
