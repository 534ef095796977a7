//! The result of a rule, and why a rule can fail.

use causerie_protocol::error::ErrorBody;
use thiserror::Error;

use super::refusal::Refusal;
use crate::store::StoreError;

/// The result of a rule.
pub type RuleResult<T> = Result<T, RuleError>;

/// Why a rule failed. A failed rule has changed nothing: its transaction is rolled back.
#[derive(Debug, Error)]
pub enum RuleError {
    /// The caller may not do this, or asked for something impossible. The refusal is sent to the caller; all
    /// other errors are logged, and the caller only receives that the server failed.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The store failed, is closed or has too many writes waiting.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// A value could not be converted to or from JSON.
    #[error("a value could not be converted to or from JSON")]
    Json(#[from] serde_json::Error),
    /// The operating system supplied no random numbers.
    #[error("no random numbers")]
    Random(#[from] getrandom::Error),
    /// A fault of this program.
    #[error("{0}")]
    Internal(&'static str),
}

impl RuleError {
    /// The same error with the field of a refusal put inside `parent`, as `parent.field` or `parent[1]`.
    pub(super) fn within(self, parent: &str) -> Self {
        match self {
            RuleError::Refused(refusal) => Refusal::Invalid(ErrorBody::from(refusal).within(parent)).into(),
            error => error,
        }
    }
}

/// The checks of the protocol return the error for the caller.
impl From<ErrorBody> for RuleError {
    fn from(error: ErrorBody) -> Self {
        RuleError::Refused(Refusal::Invalid(error))
    }
}
