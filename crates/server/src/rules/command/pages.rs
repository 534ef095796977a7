//! The pages of lists that a backend can ask for.

use causerie_protocol::error::ErrorBody;
use serde::Deserialize;

use crate::store::records::ViewRecord;

/// The number of entries in a page if the caller gives no limit.
pub const PAGE_DEFAULT: u32 = 30;
/// The largest number of entries in a page.
pub const PAGE_MAX: u32 = 100;

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// The number of entries, 1 to [`PAGE_MAX`]; by default [`PAGE_DEFAULT`].
    #[serde(default)]
    pub limit: Option<u32>,
    /// The id of the entry after which the page starts; by default it starts with the first entry of the
    /// list.
    #[serde(default)]
    pub starting_after: Option<String>,
}

impl Page {
    /// Checks the limit.
    ///
    /// # Errors
    /// `invalid_argument` with the field `limit`.
    pub fn check(&self) -> Result<(), ErrorBody> {
        match self.limit {
            Some(limit) if !(1..=PAGE_MAX).contains(&limit) => {
                let problem = format!("must be a number from 1 to {PAGE_MAX} (got {limit})");
                Err(ErrorBody::invalid("limit", &problem))
            }
            _ => Ok(()),
        }
    }
}

/// A page of a user's conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationsPage {
    /// The number of conversations, 1 to [`PAGE_MAX`]; by default [`PAGE_DEFAULT`].
    pub limit: Option<u32>,
    /// The id of the conversation after which the page starts.
    pub starting_after: Option<String>,
    /// Leaves out conversations that are not unread for the user.
    pub unreads_only: bool,
    /// Leaves out conversations whose last message was not sent before this time, in milliseconds since 1970.
    pub last_message_before: Option<i64>,
    /// Leaves out conversations whose last message was not sent after this time, in milliseconds since 1970.
    pub last_message_after: Option<i64>,
}

impl ConversationsPage {
    /// Checks the limit.
    ///
    /// # Errors
    /// `invalid_argument` with the field `limit`.
    pub fn check(&self) -> Result<(), ErrorBody> {
        Page { limit: self.limit, starting_after: None }.check()
    }

    /// Whether the filters of the page let this conversation through.
    pub(in crate::rules) fn matches(&self, view: &ViewRecord) -> bool {
        let last = view.conversation.last_message_at;
        (!self.unreads_only || view.is_unread())
            && self.last_message_before.is_none_or(|time| last.is_some_and(|last| last < time))
            && self.last_message_after.is_none_or(|time| last.is_some_and(|last| last > time))
    }
}
