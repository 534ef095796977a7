//! Which part of a list a backend asks for.

use causerie_protocol::error::ErrorBody;
use serde::Deserialize;

use crate::store::records::ViewRecord;

/// How many messages a page has where the caller does not say.
pub const PAGE_DEFAULT: u32 = 30;
/// The most messages a page has.
pub const PAGE_MAX: u32 = 100;

/// Which page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// How many entries, 1 to [`PAGE_MAX`]; by default [`PAGE_DEFAULT`].
    #[serde(default)]
    pub limit: Option<u32>,
    /// The id of the entry after which the page starts; by default it starts with the newest.
    #[serde(default)]
    pub starting_after: Option<String>,
}

impl Page {
    /// Checks the limit.
    ///
    /// # Errors
    /// `invalid_argument`.
    pub fn check(&self) -> Result<(), ErrorBody> {
        match self.limit {
            Some(limit) if !(1..=PAGE_MAX).contains(&limit) => {
                Err(ErrorBody::invalid("limit", &format!("must be a number from 1 to {PAGE_MAX}")))
            }
            _ => Ok(()),
        }
    }
}

/// Which of the conversations of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationsPage {
    /// How many, 1 to [`PAGE_MAX`]; by default [`PAGE_DEFAULT`].
    pub limit: Option<u32>,
    /// The id of the conversation after which the page starts.
    pub starting_after: Option<String>,
    /// Only those that are unread for the user.
    pub unreads_only: bool,
    /// Only those whose last message was sent before this time.
    pub last_message_before: Option<i64>,
    /// Only those whose last message was sent after this time.
    pub last_message_after: Option<i64>,
}

impl ConversationsPage {
    /// Checks the limit.
    ///
    /// # Errors
    /// `invalid_argument`.
    pub fn check(&self) -> Result<(), ErrorBody> {
        Page { limit: self.limit, starting_after: None }.check()
    }

    /// Whether this one is asked for.
    pub(super) fn takes(&self, view: &ViewRecord) -> bool {
        let last = view.conversation.last_message_at;
        (!self.unreads_only || view.is_unread())
            && self.last_message_before.is_none_or(|time| last.is_some_and(|last| last < time))
            && self.last_message_after.is_none_or(|time| last.is_some_and(|last| last > time))
    }
}
