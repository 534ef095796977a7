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

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A text to send. */
export interface SendTextMessageParams {
  /** The text, in which `*bold*`, `_italic_`, `~strikethrough~`, code between three backticks, and bullets are marked. */
  text: string;
  /** Custom data to keep with the message. */
  custom?: Record<string, string>;
  /** The message that is answered, of the same conversation. */
  referencedMessage?: string | MessageRef;
}

/** Content to send. */
export interface SendMessageParams {
  /** The content: exactly one block. */
  content: [SendContentBlock];
  /** Custom data to keep with the message. */
  custom?: Record<string, string>;
  /** The message that is answered, of the same conversation. */
  referencedMessage?: string | MessageRef;
}

/** What to change of a message, its text given as a string. What is absent or `undefined` stays. */
export interface EditTextMessageParams {
  /** The new text, with the same marks as when it is sent. */
  text?: string;
  /** Custom data, key by key: `null` deletes a key, and for the whole all keys. */
  custom?: Record<string, string | null> | null;
}

/** What to change of a message, its text given as content. What is absent or `undefined` stays. */
export interface EditMessageParams {
  /** The new content: exactly one block. */
  content?: [SendContentBlock];
  /** Custom data, key by key: `null` deletes a key, and for the whole all keys. */
  custom?: Record<string, string | null> | null;
}

/**
 * References the message with a given ID. It holds no data: call {@link MessageRef.get} for a snapshot.
 *
 * Made by {@link ConversationRef.message} and {@link ConversationRef.send}. The same IDs give the same object.
 */
export declare class MessageRef {
  private constructor();
  /** The ID of the message. */
  readonly id: string;
  /** The ID of the conversation. */
  readonly conversationId: string;
  /**
   * Fetches a snapshot of the message.
   *
   * @returns the snapshot, or `null` if there is no such message, or the current user may not read it.
   */
  get(): Promise<MessageSnapshot | null>;
  /**
   * Changes the message. Rejects with `forbidden` if it is somebody else's, with `not_found` if there is none, and with
   * `invalid_argument` if a value will not do.
   */
  edit(params: string | EditTextMessageParams | EditMessageParams): Promise<void>;
  /** Deletes the message, or does nothing if there is none. Rejects with `forbidden` if it is somebody else's. */
  delete(): Promise<void>;
  /** References the reactions with an emoji. Throws a `TypeError` if it is not a non-empty string. */
  reactions(emoji: string): ReactionsRef;
  /** The older name of {@link MessageRef.reactions}. */
  reaction(emoji: string): ReactionsRef;
}
"#;
