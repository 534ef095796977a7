//! `ParticipantRef`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::Resource;
use crate::interop::params;
use crate::snapshots;

/// References a user's part in a conversation. Made by `ConversationRef.participant`.
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
impl ParticipantRef {
    /// The id of the user.
    #[wasm_bindgen(getter, js_name = userId)]
    #[must_use]
    pub fn user_id(&self) -> JsValue {
        self.resource.name("user")
    }

    /// The id of the conversation.
    #[wasm_bindgen(getter, js_name = conversationId)]
    #[must_use]
    pub fn conversation_id(&self) -> JsValue {
        self.resource.name("conversation")
    }

    /// Fetches a snapshot of the participant.
    pub fn get(&self) -> Promise {
        self.resource.read("participant.get", snapshots::participant)
    }

    /// Sets what the participant is; makes the user one who was none.
    pub fn set(&self, params: &JsValue) -> Promise {
        self.resource.write_with("participant.set", params::data("params", params))
    }

    /// Sets what the participant is.
    pub fn edit(&self, params: &JsValue) -> Promise {
        self.resource.write_with("participant.edit", params::data("params", params))
    }

    /// Makes the user a participant, or does nothing.
    #[wasm_bindgen(js_name = createIfNotExists)]
    pub fn create_if_not_exists(&self, params: &JsValue) -> Promise {
        self.resource.write_with("participant.createIfNotExists", params::data_or_none("params", params))
    }

    /// Takes the user out of the conversation, or does nothing.
    pub fn delete(&self) -> Promise {
        self.resource.write("participant.delete")
    }

    /// Subscribes to the participant.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no function.
    pub fn subscribe(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe("participant", on_snapshot)
    }
}
