//! `ConversationRef`. `src/types/conversation.d.ts` documents its members.

use causerie_protocol::{OpName, Outcome, TopicKind};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::{MessageRef, ParticipantRef, Resource};
use crate::interop::params::{self, property};
use crate::snapshots::JsBody;

/// The ref of a conversation.
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
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented in src/types/conversation.d.ts")]
impl ConversationRef {
    #[wasm_bindgen(getter, skip_jsdoc)]
    #[must_use]
    pub fn id(&self) -> JsValue {
        self.resource.id("conversation")
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn get(&self) -> Promise {
        self.resource.request_snapshot(OpName::ConversationGet, TopicKind::Conversation)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn set(&self, params: &JsValue) -> Promise {
        self.resource.write_data(OpName::ConversationSet, params::plain_data("params", params))
    }

    #[wasm_bindgen(skip_jsdoc, js_name = createIfNotExists)]
    pub fn create_if_not_exists(&self, params: &JsValue) -> Promise {
        self.resource
            .write_data(OpName::ConversationCreateIfNotExists, params::optional_plain_data("params", params))
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn participant(&self, user: &JsValue) -> Result<JsValue, JsValue> {
        let id = if user.is_object() { &property(user, "id") } else { user };
        Ok(ParticipantRef::interned(self.resource.child("user", id)?))
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn message(&self, id: &JsValue) -> Result<JsValue, JsValue> {
        Ok(MessageRef::interned(self.resource.child("message", id)?))
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn send(&self, params: &JsValue, further: &JsValue) -> Promise {
        let resource = self.resource.clone();
        let convert = move |result: Outcome<JsBody>| {
            // The id comes from the server, so it is valid.
            let message = result.value.map(|id| resource.child("message", id.as_js()));
            message.and_then(Result::ok).map_or(JsValue::UNDEFINED, MessageRef::interned)
        };
        let data = params::message_data(params, further);
        self.resource.write_data_as(OpName::MessageSend, data, Box::new(convert))
    }

    #[wasm_bindgen(skip_jsdoc, js_name = markAsRead)]
    pub fn mark_as_read(&self) -> Promise {
        self.resource.write(OpName::ConversationMarkAsRead)
    }

    #[wasm_bindgen(skip_jsdoc, js_name = markAsUnread)]
    pub fn mark_as_unread(&self) -> Promise {
        self.resource.write(OpName::ConversationMarkAsUnread)
    }

    #[wasm_bindgen(skip_jsdoc, js_name = markAsTyping)]
    pub fn mark_as_typing(&self) -> Promise {
        self.resource.write(OpName::ConversationMarkAsTyping)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn subscribe(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe(TopicKind::Conversation, on_snapshot)
    }

    #[wasm_bindgen(skip_jsdoc, js_name = subscribeMessages)]
    pub fn subscribe_messages(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe(TopicKind::Messages, on_snapshot)
    }

    #[wasm_bindgen(skip_jsdoc, js_name = subscribeParticipants)]
    pub fn subscribe_participants(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe(TopicKind::Participants, on_snapshot)
    }

    #[wasm_bindgen(skip_jsdoc, js_name = subscribeTyping)]
    pub fn subscribe_typing(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe(TopicKind::Typing, on_snapshot)
    }
}
