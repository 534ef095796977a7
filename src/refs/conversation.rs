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

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What a conversation is created with. */
export interface CreateConversationParams {
  /** The subject. Default: none. */
  subject?: string;
  /** The URL of a photo. Default: no photo. */
  photoUrl?: string;
  /** What a person sees before the first message. These are not messages. Default: none. */
  welcomeMessages?: string[];
  /** Custom data. Default: none. */
  custom?: Record<string, string>;
  /** What the current user, who becomes a participant, may do. Default: `"ReadWrite"`. */
  access?: "ReadWrite" | "Read";
  /** Which messages the current user is notified of. Default: `true`, all of them. */
  notify?: boolean | "MentionsOnly";
}

/** What is changed of a conversation: absent or `undefined` keeps a field, `null` resets it, a value replaces it. */
export interface SetConversationParams {
  /** The subject. `null`: none. */
  subject?: string | null;
  /** The URL of a photo. `null`: no photo. */
  photoUrl?: string | null;
  /** What a person sees before the first message, replacing what there was. `null`: nothing. */
  welcomeMessages?: string[] | null;
  /** Custom data, merged key by key: `null` for a key deletes it. `null` for all: no custom data. */
  custom?: Record<string, string | null> | null;
  /** What the current user may do. `null`: `"ReadWrite"`. */
  access?: "ReadWrite" | "Read" | null;
  /** Which messages the current user is notified of. `null`: all of them. */
  notify?: boolean | "MentionsOnly" | null;
}

/**
 * References the conversation with a given ID, as the current user sees it. It holds no data: call
 * {@link ConversationRef.get} for a snapshot.
 *
 * Made by {@link TalkSession.conversation}. The same ID gives the same object.
 */
export declare class ConversationRef {
  private constructor();
  /** The ID of the referenced conversation. To reference another conversation, get another ref. */
  readonly id: string;
  /**
   * Fetches a snapshot of the conversation and of the current user's part in it.
   *
   * @returns the snapshot, or `null` if the current user is not a participant, or there is no such conversation.
   */
  get(): Promise<ConversationSnapshot | null>;
  /**
   * Sets properties of the conversation, which is created if there is none. The current user becomes a participant.
   *
   * Rejects with `conversation_sync_disabled` if the app lets only its backend do this: then only a participant may,
   * and only `notify`.
   */
  set(params: SetConversationParams): Promise<void>;
  /**
   * Creates the conversation, or changes nothing of it if there is one. The current user becomes a participant.
   *
   * Rejects with `conversation_sync_disabled` if the app lets only its backend do this and the current user is not a
   * participant already.
   */
  createIfNotExists(params?: CreateConversationParams): Promise<void>;
  /**
   * References a user's part in the conversation. Throws a `TypeError` if given neither a `UserRef` nor a non-empty
   * string.
   */
  participant(user: string | UserRef): ParticipantRef;
  /** References a message of the conversation. Throws a `TypeError` if the ID is not a non-empty string. */
  message(id: string): MessageRef;
  /**
   * Sends a message as the current user. A string is a text with markup, see {@link SendTextMessageParams}.
   *
   * Calls are carried out in the order they are made, and each has the effect of one, however often the connection is
   * lost. Rejects with `not_found` if the current user is not a participant, with `forbidden` if they may only read, and
   * with `invalid_argument` if a value will not do.
   *
   * @returns the ref of the new message, once it is stored.
   */
  send(params: string | SendTextMessageParams | SendMessageParams): Promise<MessageRef>;
  /** Notes that the current user has read all messages. Rejects with `not_found` if they are not a participant. */
  markAsRead(): Promise<void>;
  /** Marks the conversation as unread for the current user. Rejects with `not_found` if they are not a participant. */
  markAsUnread(): Promise<void>;
  /**
   * Shows the other participants that the current user is typing: for 10 seconds, or until the user sends a message.
   * Call it while the user types; more often than every few seconds is not needed.
   */
  markAsTyping(): Promise<void>;
  /**
   * Calls `onSnapshot` with the conversation now, and whenever anything in the snapshot changes, the last message and its
   * sender included; `null` while the current user is not a participant.
   */
  subscribe(onSnapshot?: (snapshot: ConversationSnapshot | null) => void): ConversationSubscription;
  /**
   * Calls `onSnapshot` with the newest 30 messages, the newest first, now and whenever anything in them changes;
   * `null` while the current user is not a participant. {@link MessageSubscription.loadMore} loads older ones.
   */
  subscribeMessages(
    onSnapshot?: (snapshot: MessageSnapshot[] | null, loadedAll: boolean) => void,
  ): MessageSubscription;
  /**
   * Calls `onSnapshot` with the 10 participants who joined last, now and whenever anything in them changes; `null` while
   * the current user is not a participant. {@link ParticipantSubscription.loadMore} loads others.
   */
  subscribeParticipants(
    onSnapshot?: (snapshot: ParticipantSnapshot[] | null, loadedAll: boolean) => void,
  ): ParticipantSubscription;
  /**
   * Calls `onSnapshot` with the other users who are typing, now and whenever that changes; `null` while the current user
   * is not a participant.
   */
  subscribeTyping(onSnapshot?: (snapshot: TypingSnapshot | null) => void): TypingSubscription;
}
"#;
