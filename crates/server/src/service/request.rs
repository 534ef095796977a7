//! The context of a call on the thread that executes it, and the conversion of its error.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::RequestId;

use crate::apps::App;
use crate::clock::Clock;
use crate::file_links::FilePolicy;
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
    pub(super) scan_rows: u32,
    pub(super) files: Option<Arc<FilePolicy>>,
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
            scan_rows: self.scan_rows,
            files: self.files.as_deref(),
        }
    }
}

/// Returns 128 random bits of the operating system.
pub(super) fn system_random() -> Result<u128, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(u128::from_le_bytes(bytes))
}

/// Whether calls fail because of the database. Only the first failure and the first success after it are
/// logged, so that a full disk does not also fill the log.
#[derive(Debug, Default)]
pub(super) struct FailureLog {
    reads: AtomicBool,
    writes: AtomicBool,
}

/// The call that failed, for the log.
pub(super) struct ErrorContext {
    pub(super) app: Arc<App>,
    pub(super) op: &'static str,
    pub(super) request: Option<RequestId>,
    pub(super) writes: bool,
    pub(super) log: Arc<FailureLog>,
}

impl ErrorContext {
    /// Converts the error of a result to the one that the caller receives, and logs if the database begins or
    /// ceases to fail.
    pub(super) fn finish<T>(self, result: Result<T, RuleError>) -> Result<T, ErrorBody> {
        match result {
            Ok(value) => {
                let failing = self.failing();
                if failing.load(Ordering::Relaxed) && failing.swap(false, Ordering::Relaxed) {
                    tracing::info!(writes = self.writes, "calls succeed again");
                }
                Ok(value)
            }
            Err(error) => Err(self.into_client_error(error)),
        }
    }

    fn failing(&self) -> &AtomicBool {
        if self.writes { &self.log.writes } else { &self.log.reads }
    }

    /// Converts an error to the one that the caller receives. Logs an error whose details are not for
    /// callers.
    fn into_client_error(self, error: RuleError) -> ErrorBody {
        match error {
            RuleError::Refused(refusal) => refusal.into(),
            RuleError::Store(StoreError::Busy) => {
                let text =
                    "too many writes of this user, or of all, are pending: wait a second and try again";
                ErrorBody::new(ErrorCode::RateLimited, text).after(BUSY_RETRY_MS)
            }
            RuleError::Store(StoreError::Closed) => {
                ErrorBody::new(ErrorCode::Offline, "the server is shutting down: try again when it is back")
            }
            error => {
                let source = error.source().map(ToString::to_string);
                let is_store = matches!(error, RuleError::Store(_));
                let repeated = is_store && self.failing().swap(true, Ordering::Relaxed);
                let ErrorContext { app, op, request, .. } = self;
                if repeated {
                    tracing::debug!(app = app.id, op, request, %error, source, "a call failed");
                } else {
                    tracing::error!(app = app.id, op, request, %error, source, "a call failed");
                }
                ErrorBody::new(ErrorCode::ServerError, "the server failed and logged why: try again later")
            }
        }
    }
}
