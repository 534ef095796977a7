//! Executes a write once, however often it is requested: its outcome is stored under the caller's key, in the
//! transaction of the write. An error is not stored, as it leaves nothing behind; the next request with the
//! key is executed. A refusal that must be repeated is stored by returning it as an outcome.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::context::WriteRules;
use super::error::RuleResult;
use super::refusal::Refusal;
use crate::store::records::{OutcomeKey, OutcomeRecord};

/// Returns a hash by which requests with the same key are compared.
pub(super) fn hash<T: Serialize>(request: &T) -> RuleResult<[u8; 32]> {
    Ok(Sha256::digest(&serde_json::to_vec(request)?).into())
}

/// Executes a write and returns its outcome, or returns the stored outcome if it was executed before under
/// this key. Refuses a key that was used for a request with another hash.
pub(super) fn execute_once(
    rules: &mut WriteRules<'_>,
    key: &OutcomeKey<'_>,
    request_hash: [u8; 32],
    execute: impl FnOnce(&mut WriteRules<'_>) -> RuleResult<String>,
) -> RuleResult<String> {
    if let Some(stored) = rules.store.outcome(key)? {
        return if stored.request_hash == request_hash {
            Ok(stored.result)
        } else {
            Err(Refusal::KeyReused { field: None }.into())
        };
    }
    let result = execute(rules)?;
    let created_at = rules.context.stored_at;
    rules.store.put_outcome(key, &OutcomeRecord { request_hash, result: result.clone(), created_at })?;
    Ok(result)
}
