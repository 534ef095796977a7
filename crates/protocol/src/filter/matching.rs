//! Matches a filter against a conversation.

use super::{ConversationFilter, CustomFilter, NumberFilter, SimpleConversationFilter, StringFilter};
use crate::access::Access;
use crate::custom::Custom;

/// The data of a conversation and its viewer that a filter may test. Times are Unix milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The permission of the viewer.
    pub access: Access,
    /// The custom data of the conversation.
    pub custom: &'a Custom,
    /// Whether the conversation is unread for the viewer.
    pub is_unread: bool,
    /// The subject, if one was set.
    pub subject: Option<&'a str>,
    /// The time of the last message, or the time at which the viewer joined if that is later.
    pub last_activity_at: i64,
    /// The time at which the conversation was created.
    pub created_at: i64,
    /// The time at which the viewer became a participant.
    pub joined_at: i64,
    /// Whether the conversation has messages.
    pub has_messages: bool,
}

impl ConversationFilter {
    /// Whether the filter selects the conversation.
    #[must_use]
    pub fn matches(&self, candidate: &Candidate<'_>) -> bool {
        match self {
            ConversationFilter::Simple(filter) => filter.matches(candidate),
            ConversationFilter::Any(filters) => filters.iter().any(|filter| filter.matches(candidate)),
        }
    }
}

impl SimpleConversationFilter {
    /// Whether all conditions hold.
    #[must_use]
    pub fn matches(&self, candidate: &Candidate<'_>) -> bool {
        let SimpleConversationFilter {
            access,
            custom,
            is_unread,
            subject,
            last_activity_at,
            created_at,
            joined_at,
            has_messages,
        } = self;
        is_unread.is_none_or(|expected| expected == candidate.is_unread)
            && has_messages.is_none_or(|expected| expected == candidate.has_messages)
            && access.as_ref().is_none_or(|filter| filter.holds(|access| *access == candidate.access))
            && subject
                .as_ref()
                .is_none_or(|filter| filter.holds(|value| value.as_deref() == candidate.subject))
            && last_activity_at.is_none_or(|filter| filter.holds(candidate.last_activity_at))
            && created_at.is_none_or(|filter| filter.holds(candidate.created_at))
            && joined_at.is_none_or(|filter| filter.holds(candidate.joined_at))
            && custom.as_ref().is_none_or(|filters| {
                filters
                    .iter()
                    .all(|(key, filter)| filter.holds(candidate.custom.get(key).map(String::as_str)))
            })
    }
}

impl<T> StringFilter<T> {
    /// Whether the condition holds; `equal` compares a value of the filter with the tested one.
    fn holds(&self, equal: impl Fn(&T) -> bool) -> bool {
        match self {
            StringFilter::Is(value) => equal(value),
            StringFilter::IsNot(value) => !equal(value),
            StringFilter::OneOf(values) => values.iter().any(equal),
            StringFilter::NotOneOf(values) => !values.iter().any(equal),
        }
    }
}

impl CustomFilter {
    fn holds(&self, value: Option<&str>) -> bool {
        match self {
            CustomFilter::Exists => value.is_some(),
            CustomFilter::NotExists => value.is_none(),
            CustomFilter::Value(filter) => filter.holds(|expected| value == Some(expected.as_str())),
        }
    }
}

impl NumberFilter {
    fn holds(self, time: i64) -> bool {
        // Exact for every time that a JavaScript `Date` can hold.
        #[allow(clippy::cast_precision_loss)]
        let time = time as f64;
        match self {
            NumberFilter::Above(number) => time > number,
            NumberFilter::Below(number) => time < number,
            NumberFilter::AtLeast(number) => time >= number,
            NumberFilter::AtMost(number) => time <= number,
            NumberFilter::Between(low, high) => low <= time && time < high,
            NumberFilter::NotBetween(low, high) => time < low || high <= time,
        }
    }
}
