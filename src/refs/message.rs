//! `MessageRef`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::{ReactionsRef, Resource};
use crate::interop::params;
use crate::snapshots;

/// References the message with a given id in a conversation. Made by `ConversationRef.message`.
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
impl MessageRef {
    /// The id of the message.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn id(&self) -> JsValue {
        self.resource.name("message")
    }

    /// The id of the conversation.
    #[wasm_bindgen(getter, js_name = conversationId)]
    #[must_use]
    pub fn conversation_id(&self) -> JsValue {
        self.resource.name("conversation")
    }

    /// Fetches a snapshot of the message.
    pub fn get(&self) -> Promise {
        self.resource.read("message.get", snapshots::message)
    }

    /// Changes the message.
    pub fn edit(&self, params: &JsValue) -> Promise {
        self.resource.write_with("message.edit", params::said(params))
    }

    /// Deletes the message, or does nothing.
    pub fn delete(&self) -> Promise {
        self.resource.write("message.delete")
    }

    /// The ref of the reactions with an emoji.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no emoji.
    pub fn reactions(&self, emoji: &JsValue) -> Result<JsValue, JsValue> {
        Ok(ReactionsRef::interned(self.resource.within("emoji", emoji)?))
    }

    /// The older name of `reactions`.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no emoji.
    pub fn reaction(&self, emoji: &JsValue) -> Result<JsValue, JsValue> {
        self.reactions(emoji)
    }
}
