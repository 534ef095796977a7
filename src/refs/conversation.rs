//! `ConversationRef`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::{MessageRef, ParticipantRef, Resource};
use crate::interop::params::{self, property};
use crate::snapshots;

/// References the conversation with a given id, as the current user sees it. Made by `TalkSession.conversation`.
#[wasm_bindgen(skip_typescript)]
pub struct ConversationRef {
    resource: Resource,
}

impl ConversationRef {
    pub(crate) fn interned(resource: Resource) -> JsValue {
        resource.interned(|resource| ConversationRef { resource }.into())
    }
}

#[wasm_bindgen]
impl ConversationRef {
    /// The id of the referenced conversation.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn id(&self) -> JsValue {
        self.resource.name("conversation")
    }

    /// Fetches a snapshot of the conversation.
    pub fn get(&self) -> Promise {
        self.resource.read("conversation.get", snapshots::conversation)
    }

    /// Sets properties of the conversation.
    pub fn set(&self, params: &JsValue) -> Promise {
        self.resource.write_with("conversation.set", params::data("params", params))
    }

    /// Creates the conversation, or does nothing if there is one.
    #[wasm_bindgen(js_name = createIfNotExists)]
    pub fn create_if_not_exists(&self, params: &JsValue) -> Promise {
        self.resource.write_with("conversation.createIfNotExists", params::data_or_none("params", params))
    }

    /// The ref of a user's part in the conversation, by the user's id or ref.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is neither.
    pub fn participant(&self, user: &JsValue) -> Result<JsValue, JsValue> {
        let id = if user.is_object() { &property(user, "id") } else { user };
        Ok(ParticipantRef::interned(self.resource.within("user", id)?))
    }

    /// The ref of a message of the conversation.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no id.
    pub fn message(&self, id: &JsValue) -> Result<JsValue, JsValue> {
        Ok(MessageRef::interned(self.resource.within("message", id)?))
    }

    /// Sends a message; promises its ref.
    pub fn send(&self, params: &JsValue) -> Promise {
        let resource = self.resource.clone();
        let finish = move |answer: &JsValue| {
            // The server's own id is one.
            let message = resource.within("message", &property(answer, "value"));
            message.map_or(JsValue::UNDEFINED, MessageRef::interned)
        };
        self.resource.write_for("message.send", params::said(params), Box::new(finish))
    }

    /// Notes that the current user has read all there is.
    #[wasm_bindgen(js_name = markAsRead)]
    pub fn mark_as_read(&self) -> Promise {
        self.resource.write("conversation.markAsRead")
    }

    /// Marks the conversation as unread for the current user.
    #[wasm_bindgen(js_name = markAsUnread)]
    pub fn mark_as_unread(&self) -> Promise {
        self.resource.write("conversation.markAsUnread")
    }

    /// Says that the current user is typing.
    #[wasm_bindgen(js_name = markAsTyping)]
    pub fn mark_as_typing(&self) -> Promise {
        self.resource.read("conversation.markAsTyping", crate::driver::nothing)
    }

    /// Subscribes to the conversation.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no function, as all of these.
    pub fn subscribe(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe("conversation", on_snapshot)
    }

    /// Subscribes to the newest messages.
    ///
    /// # Errors
    /// See `subscribe`.
    #[wasm_bindgen(js_name = subscribeMessages)]
    pub fn subscribe_messages(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe("messages", on_snapshot)
    }

    /// Subscribes to the participants.
    ///
    /// # Errors
    /// See `subscribe`.
    #[wasm_bindgen(js_name = subscribeParticipants)]
    pub fn subscribe_participants(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe("participants", on_snapshot)
    }

    /// Subscribes to who is typing.
    ///
    /// # Errors
    /// See `subscribe`.
    #[wasm_bindgen(js_name = subscribeTyping)]
    pub fn subscribe_typing(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe("typing", on_snapshot)
    }
}
