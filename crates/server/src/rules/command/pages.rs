//! The pages of lists that a backend can ask for.

use std::collections::BTreeSet;

use causerie_protocol::error::ErrorBody;
use causerie_protocol::filter::ConversationFilter;
use causerie_protocol::ids::UserId;
use serde::Deserialize;

pub use crate::store::records::OrderBy;

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

/// A page of all users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsersPage {
    /// The page itself.
    pub page: Page,
    /// Leaves out the users who are not online, or those who are.
    pub is_online: Option<bool>,
    /// The users who are online. The service sets it if `is_online` is given.
    pub online: Option<BTreeSet<UserId>>,
}

/// A page of conversations: of all, or of those of a user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConversationsPage {
    /// The page itself.
    pub page: Page,
    /// Leaves out conversations that are not unread for the user.
    pub unreads_only: bool,
    /// Leaves out conversations whose last message was not sent before this time, in milliseconds since 1970.
    pub last_message_before: Option<i64>,
    /// Leaves out conversations whose last message was not sent after this time, in milliseconds since 1970.
    pub last_message_after: Option<i64>,
    /// Leaves out conversations that the filter does not match.
    pub filter: Option<ConversationFilter>,
    /// The order; that of a user's conversations is always the last activity.
    pub order_by: OrderBy,
    /// Whether the list begins with the oldest conversation.
    pub ascending: bool,
}

impl ConversationsPage {
    /// Checks the limit and the filter.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        self.page.check()?;
        self.filter.as_ref().map_or(Ok(()), |filter| filter.check())
    }

    /// Whether the last message of a conversation is in the range of times.
    pub(in crate::rules) fn has_last_message(&self, last: Option<i64>) -> bool {
        self.last_message_before.is_none_or(|time| last.is_some_and(|last| last < time))
            && self.last_message_after.is_none_or(|time| last.is_some_and(|last| last > time))
    }
}

/// A page of webhook events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsPage {
    /// The page itself. It starts after a key.
    pub page: Page,
    /// Whether to list the events that failed; otherwise those that wait.
    pub failed: bool,
}
