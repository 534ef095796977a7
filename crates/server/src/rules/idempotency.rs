//! Writes that have the effect of one, however often they come: the outcome is kept under the caller's key, in the
//! transaction of the write itself. A fault is not kept: it left nothing behind, and what comes again is judged anew.
//! What may be kept of a refusal is for the caller to say, by returning it as an answer.

use causerie_protocol::error::{ErrorBody, ErrorCode};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{RuleError, RuleResult, server_error};
use crate::store::Write;
use crate::store::records::{OutcomeKey, OutcomeRecord};

/// Tells one request from another.
pub(super) fn hash<T: Serialize>(request: &T) -> RuleResult<[u8; 32]> {
    let text = serde_json::to_vec(request).map_err(|error| server_error(&error.to_string()))?;
    Ok(Sha256::digest(&text).into())
}

/// Acts, unless it was done before under this key: then the answer is the one that was given then.
pub(super) fn execute_once(
    write: &mut dyn Write,
    key: &OutcomeKey<'_>,
    request_hash: [u8; 32],
    now: i64,
    act: impl FnOnce(&mut dyn Write) -> RuleResult<String>,
) -> RuleResult<String> {
    if let Some(earlier) = write.outcome(key)? {
        return if earlier.request_hash == request_hash { Ok(earlier.result) } else { Err(reused()) };
    }
    let answer = act(write)?;
    write.put_outcome(key, &OutcomeRecord { request_hash, result: answer.clone(), created_at: now })?;
    Ok(answer)
}

fn reused() -> RuleError {
    RuleError::Refused(ErrorBody::new(
        ErrorCode::KeyReused,
        "this idempotency key came before with another request: give every new request a key of its own",
    ))
}
