//! Executes a write once, however often it is requested: its outcome is stored under the caller's key, in the
//! transaction of the write. An error is not stored, as it leaves nothing behind; the next request with the
//! key is executed. A refusal that must be repeated is stored by returning it as an outcome.

use std::cell::Cell;

use causerie_protocol::ErrorBody;
use causerie_protocol::ids::ConversationId;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::context::WriteRules;
use super::error::RuleResult;
use super::refusal::Refusal;
use crate::store::records::{Appended, MessageRecord, OutcomeKey, OutcomeRecord};

/// Returns a hash by which requests with the same key are compared.
pub(super) fn hash<T: Serialize>(request: &T) -> RuleResult<[u8; 8]> {
    let hash = Sha256::digest(&serde_json::to_vec(request)?);
    Ok(hash.first_chunk().copied().unwrap_or_default())
}

/// The longest refusal that is stored with its own message, in bytes of JSON.
const REFUSAL_BYTES: usize = 320;

/// Returns a result as it is stored: the JSON of a refusal, which is an object, without its message and field
/// if ids make it long. The code remains.
fn stored_form(result: &str) -> RuleResult<String> {
    if result.len() <= REFUSAL_BYTES || !result.starts_with('{') {
        return Ok(result.to_owned());
    }
    let mut error: ErrorBody = serde_json::from_str(result)?;
    "the write was refused when it was first executed".clone_into(&mut error.message);
    error.field = None;
    Ok(serde_json::to_string(&error)?)
}

/// The key of a write that is being executed. A rule may store the outcome itself.
pub(super) struct Once<'a> {
    key: &'a OutcomeKey<'a>,
    request_hash: [u8; 8],
    is_stored: Cell<bool>,
}

impl Once<'_> {
    /// Sends a message of the caller, whose row then has the outcome.
    pub(super) fn send(
        &self,
        rules: &mut WriteRules<'_>,
        conversation: &ConversationId,
        message: &MessageRecord,
    ) -> RuleResult<Appended> {
        self.is_stored.set(true);
        Ok(rules.store.send_message(conversation, message, self.key, self.request_hash)?)
    }
}

/// Executes a write and returns its outcome, or returns the stored outcome if it was executed before under
/// this key. Refuses a key that was used for a request with another hash.
pub(super) fn execute_once(
    rules: &mut WriteRules<'_>,
    key: &OutcomeKey<'_>,
    request_hash: [u8; 8],
    execute: impl FnOnce(&mut WriteRules<'_>, &Once<'_>) -> RuleResult<String>,
) -> RuleResult<String> {
    if let Some(stored) = rules.store.outcome(key)? {
        return if stored.request_hash == request_hash {
            Ok(stored.result)
        } else {
            Err(Refusal::KeyReused { field: None }.into())
        };
    }
    let once = Once { key, request_hash, is_stored: Cell::new(false) };
    let result = execute(rules, &once)?;
    if once.is_stored.get() {
        return Ok(result);
    }
    let created_at = rules.context.stored_at;
    let record = OutcomeRecord { request_hash, result: stored_form(&result)?, created_at };
    rules.store.put_outcome(key, &record)?;
    Ok(result)
}
