//! Whether a conversation is wanted.

use super::{ConversationFilter, CustomFilter, NumberFilter, SimpleConversationFilter, StringFilter};
use crate::entities::Access;
use crate::params::Custom;

/// What a filter may ask of a conversation and the participant who looks at it. Times are Unix milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What the viewer may do.
    pub access: Access,
    /// Custom data of the conversation.
    pub custom: &'a Custom,
    /// Whether it counts as unread for the viewer, by count or by hand.
    pub is_unread: bool,
    /// The subject.
    pub subject: Option<&'a str>,
    /// When the last message was sent, or when the viewer joined if that was later.
    pub last_activity_at: i64,
    /// When it was created.
    pub created_at: i64,
    /// When the viewer joined.
    pub joined_at: i64,
    /// Whether it has messages.
    pub has_messages: bool,
}

impl ConversationFilter {
    /// Whether a conversation is wanted.
    #[must_use]
    pub fn matches(&self, facts: &Facts<'_>) -> bool {
        match self {
            ConversationFilter::Simple(filter) => filter.matches(facts),
            ConversationFilter::Any(filters) => filters.iter().any(|filter| filter.matches(facts)),
        }
    }
}

impl SimpleConversationFilter {
    /// Whether all of it holds.
    #[must_use]
    pub fn matches(&self, facts: &Facts<'_>) -> bool {
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
        is_unread.is_none_or(|wanted| wanted == facts.is_unread)
            && has_messages.is_none_or(|wanted| wanted == facts.has_messages)
            && access.as_ref().is_none_or(|filter| filter.holds(|access| *access == facts.access))
            && subject.as_ref().is_none_or(|filter| filter.holds(|value| value.as_deref() == facts.subject))
            && last_activity_at.is_none_or(|filter| filter.holds(facts.last_activity_at))
            && created_at.is_none_or(|filter| filter.holds(facts.created_at))
            && joined_at.is_none_or(|filter| filter.holds(facts.joined_at))
            && custom.as_ref().is_none_or(|filters| {
                filters.iter().all(|(key, filter)| filter.holds(facts.custom.get(key).map(String::as_str)))
            })
    }
}

impl<T> StringFilter<T> {
    /// Whether it holds, given what is equal to the value in question.
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
    fn holds(&self, there: Option<&str>) -> bool {
        match self {
            CustomFilter::Exists => there.is_some(),
            CustomFilter::NotExists => there.is_none(),
            CustomFilter::Value(filter) => filter.holds(|value| there == Some(value.as_str())),
        }
    }
}

impl NumberFilter {
    fn holds(self, time: i64) -> bool {
        // Exact for all times that JavaScript can name.
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
