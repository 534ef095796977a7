//! `ReactionsRef`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::Resource;
use crate::snapshots;

/// References one emoji on a message. Made by `MessageRef.reactions`.
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
impl ReactionsRef {
    /// The emoji.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn emoji(&self) -> JsValue {
        self.resource.name("emoji")
    }

    /// The id of the message.
    #[wasm_bindgen(getter, js_name = messageId)]
    #[must_use]
    pub fn message_id(&self) -> JsValue {
        self.resource.name("message")
    }

    /// The id of the conversation.
    #[wasm_bindgen(getter, js_name = conversationId)]
    #[must_use]
    pub fn conversation_id(&self) -> JsValue {
        self.resource.name("conversation")
    }

    /// Reacts with the emoji, or does nothing.
    pub fn add(&self) -> Promise {
        self.resource.write("reaction.add")
    }

    /// Takes the reaction back, or does nothing.
    pub fn remove(&self) -> Promise {
        self.resource.write("reaction.remove")
    }

    /// Fetches who reacted first.
    #[wasm_bindgen(js_name = getFirstReactions)]
    pub fn get_first_reactions(&self) -> Promise {
        self.resource.read("reaction.list", snapshots::reactions)
    }

    /// Subscribes to who reacted.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no function.
    pub fn subscribe(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe("reactions", on_snapshot)
    }
}
