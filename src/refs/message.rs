//! `MessageRef`. `src/types/message.d.ts` documents its members.

use causerie_protocol::{OpName, TopicKind};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::{ReactionsRef, Resource};
use crate::interop::params;

/// The ref of a message.
#[wasm_bindgen(skip_typescript)]
pub struct MessageRef {
    resource: Resource,
}

impl MessageRef {
    pub(crate) fn interned(resource: Resource) -> JsValue {
        resource.interned(|resource| MessageRef { resource }.into())
    }
}

#[wasm_bindgen]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented in src/types/message.d.ts")]
impl MessageRef {
    #[wasm_bindgen(getter, skip_jsdoc)]
    #[must_use]
    pub fn id(&self) -> JsValue {
        self.resource.id("message")
    }

    #[wasm_bindgen(getter, skip_jsdoc, js_name = conversationId)]
    #[must_use]
    pub fn conversation_id(&self) -> JsValue {
        self.resource.id("conversation")
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn get(&self) -> Promise {
        self.resource.request_snapshot(OpName::MessageGet, TopicKind::Messages)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn edit(&self, params: &JsValue, further: &JsValue) -> Promise {
        self.resource.write_data(OpName::MessageEdit, params::message_data(params, further))
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn delete(&self) -> Promise {
        self.resource.write(OpName::MessageDelete)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn translate(&self, language: &JsValue) -> Promise {
        self.resource.request_value(OpName::MessageTranslate, "language", language)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn reactions(&self, emoji: &JsValue) -> Result<JsValue, JsValue> {
        Ok(ReactionsRef::interned(self.resource.child("emoji", emoji)?))
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn reaction(&self, emoji: &JsValue) -> Result<JsValue, JsValue> {
        self.reactions(emoji)
    }
}
