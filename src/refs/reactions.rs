//! `ReactionsRef`. `src/types/reactions.d.ts` documents its members.

use causerie_protocol::{OpName, TopicKind};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::Resource;

/// The ref of a message's reactions with one emoji.
#[wasm_bindgen(skip_typescript)]
pub struct ReactionsRef {
    resource: Resource,
}

impl ReactionsRef {
    pub(crate) fn interned(resource: Resource) -> JsValue {
        resource.interned(|resource| ReactionsRef { resource }.into())
    }
}

#[wasm_bindgen]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented in src/types/reactions.d.ts")]
impl ReactionsRef {
    #[wasm_bindgen(getter, skip_jsdoc)]
    #[must_use]
    pub fn emoji(&self) -> JsValue {
        self.resource.id("emoji")
    }

    #[wasm_bindgen(getter, skip_jsdoc, js_name = messageId)]
    #[must_use]
    pub fn message_id(&self) -> JsValue {
        self.resource.id("message")
    }

    #[wasm_bindgen(getter, skip_jsdoc, js_name = conversationId)]
    #[must_use]
    pub fn conversation_id(&self) -> JsValue {
        self.resource.id("conversation")
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn add(&self) -> Promise {
        self.resource.write(OpName::ReactionAdd)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn remove(&self) -> Promise {
        self.resource.write(OpName::ReactionRemove)
    }

    #[wasm_bindgen(skip_jsdoc, js_name = getFirstReactions)]
    pub fn get_first_reactions(&self) -> Promise {
        self.resource.request_list(OpName::ReactionList, TopicKind::Reactions)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn subscribe(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe(TopicKind::Reactions, on_snapshot)
    }
}
