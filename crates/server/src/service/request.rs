//! The context of a call on the thread that executes it, and the conversion of its error.

use std::error::Error;
use std::sync::Arc;

use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::RequestId;

use crate::apps::App;
use crate::clock::Clock;
use crate::rules::{Caller, Context, RandomBits, RuleError};
use crate::store::StoreError;

/// How long a caller should wait if the writer's queue was full, in milliseconds.
const BUSY_RETRY_MS: u32 = 1_000;

/// The call that a job is for.
pub(super) struct RequestContext {
    pub(super) app: Arc<App>,
    pub(super) caller: Caller,
    pub(super) clock: Arc<dyn Clock>,
    /// The time of the store when the call came.
    pub(super) stored_at: i64,
    pub(super) random: RandomBits,
}

impl RequestContext {
    /// The context of the rules at the time when the job runs.
    pub(super) fn at_now(&self) -> Context<'_> {
        Context {
            app: &self.app,
            caller: &self.caller,
            now: self.clock.now_ms(),
            stored_at: self.stored_at,
            random: self.random,
        }
    }
}

/// Returns 128 random bits of the operating system.
pub(super) fn system_random() -> Result<u128, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(u128::from_le_bytes(bytes))
}

/// The call that failed, for the log.
pub(super) struct ErrorContext {
    pub(super) app: Arc<App>,
    pub(super) op: &'static str,
    pub(super) request: Option<RequestId>,
}

impl ErrorContext {
    /// Converts an error to the one that the caller receives. Logs an error whose details are not for
    /// callers.
    pub(super) fn into_client_error(self, error: RuleError) -> ErrorBody {
        match error {
            RuleError::Refused(refusal) => refusal.into(),
            RuleError::Store(StoreError::Busy) => {
                let text = "the server has too many pending writes: wait a second and try again";
                ErrorBody::new(ErrorCode::RateLimited, text).after(BUSY_RETRY_MS)
            }
            RuleError::Store(StoreError::Closed) => {
                ErrorBody::new(ErrorCode::Offline, "the server is shutting down: try again when it is back")
            }
            error => {
                let source = error.source().map(ToString::to_string);
                let ErrorContext { app, op, request } = self;
                tracing::error!(app = app.id, op, request, %error, source, "a call failed");
                ErrorBody::new(ErrorCode::ServerError, "the server failed and logged why: try again later")
            }
        }
    }
}
