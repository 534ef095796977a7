//! `ConversationRef`.

use std::rc::Rc;

use causerie_protocol::ConversationId;
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::boundary::ask::Ask;
use crate::driver::Driver;
use crate::snapshots;

/// References the conversation with a given id, as the current user sees it. Made by `TalkSession.conversation`.
#[wasm_bindgen(skip_typescript)]
pub struct ConversationRef {
    driver: Rc<Driver>,
    id: ConversationId,
}

impl ConversationRef {
    pub(crate) const fn new(driver: Rc<Driver>, id: ConversationId) -> Self {
        ConversationRef { driver, id }
    }
}

#[wasm_bindgen]
impl ConversationRef {
    /// The id of the referenced conversation.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn id(&self) -> String {
        self.id.as_str().to_owned()
    }

    /// Fetches a snapshot of the conversation.
    pub fn get(&self) -> Promise {
        let ask = Ask::read("conversation.get", "conversation", self.id.as_str());
        self.driver.request(Ok(ask), snapshots::conversation)
    }
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
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
}
"#;
