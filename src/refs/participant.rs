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

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What a participant may do, and is notified of, to begin with. */
export interface CreateParticipantParams {
  /** `"ReadWrite"` (the default): may read and send. `"Read"`: may read. */
  access?: "ReadWrite" | "Read";
  /** Which messages the participant is notified of: all (`true`, the default), none, or those that mention them. */
  notify?: boolean | "MentionsOnly";
}

/** What to change of a participant: a field that is absent or `undefined` stays, `null` resets it to its default. */
export interface SetParticipantParams {
  /** `"ReadWrite"`: may read and send. `"Read"`: may read. */
  access?: "ReadWrite" | "Read" | null;
  /** Which messages the participant is notified of: all (`true`), none, or those that mention them. */
  notify?: boolean | "MentionsOnly" | null;
}

/**
 * References a user's part in a conversation. It holds no data: call {@link ParticipantRef.get} for a snapshot.
 *
 * Made by {@link ConversationRef.participant}. The same IDs give the same object.
 */
export declare class ParticipantRef {
  private constructor();
  /** The ID of the user. */
  readonly userId: string;
  /** The ID of the conversation. */
  readonly conversationId: string;
  /**
   * Fetches a snapshot of the participant.
   *
   * @returns the snapshot, or `null` if the user is not a participant. Rejects with `not_found` if the current user is
   * not a participant of the conversation and asks about somebody else.
   */
  get(): Promise<ParticipantSnapshot | null>;
  /** Sets what the participant may do. The user becomes a participant if they are none. */
  set(params: SetParticipantParams): Promise<void>;
  /** Changes what the participant may do. Rejects with `not_found` if the user is not a participant. */
  edit(params: SetParticipantParams): Promise<void>;
  /** Makes the user a participant, or does nothing if they are one. */
  createIfNotExists(params?: CreateParticipantParams): Promise<void>;
  /** Takes the user out of the conversation, or does nothing if they are not in it. */
  delete(): Promise<void>;
  /** Calls `onSnapshot` with the participant now, and whenever anything in the snapshot changes; `null` for none. */
  subscribe(onSnapshot?: (snapshot: ParticipantSnapshot | null) => void): SingleParticipantSubscription;
}
"#;
