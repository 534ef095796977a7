//! Searches for messages and conversations: the parameters of the ops `search.messages` and
//! `search.conversations`, and the form of their values.

use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::ErrorBody;
use crate::filter::ConversationFilter;
use crate::ids::{ConversationId, MessageId};
use crate::limits::{QUERY_CHARS, SEARCH};
use crate::subscription::Cursor;
use crate::validation::{check_count, check_text};

/// A search in the caller's own conversations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Search {
    /// The words to find. Each must be the beginning of a word; case and accents do not matter.
    pub query: String,
    /// Restricts the search.
    #[serde(default, skip_serializing_if = "SearchFilters::is_empty")]
    pub filters: SearchFilters,
    /// The most results of the page.
    pub limit: u32,
    /// The cursor of the page before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<SearchCursor>,
}

/// The filters of a search. An absent one selects everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SearchFilters {
    /// Selects the conversations to search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationFilter>,
}

/// The place at which the next page of a search begins. A client returns it as it got it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchCursor {
    /// The last message of the page before; absent if the search of the next conversations begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Cursor>,
    /// The last conversation before those that are searched; absent if they are the first ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Cursor>,
}

/// A page of the results of a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchPage {
    /// The results, newest first. There can be fewer than were asked for, or none, although more follow: one
    /// page examines a bounded number of conversations.
    pub items: Vec<Found>,
    /// The place at which the next page begins; absent if there are no more results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<SearchCursor>,
}

/// A result of a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The id of the conversation.
    pub conversation: ConversationId,
    /// The id of the message, if messages were searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
}

impl SearchFilters {
    /// Whether no filter is set.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.conversation.is_none()
    }
}

/// Accepts an object only, and no unknown field: a misread filter would search the wrong conversations.
impl<'de> Deserialize<'de> for SearchFilters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FiltersVisitor;
        struct UnknownField;
        impl<'de> Deserialize<'de> for UnknownField {
            fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                Err(de::Error::custom("must not be given: the only filter of a search is conversation"))
            }
        }
        impl<'de> Visitor<'de> for FiltersVisitor {
            type Value = SearchFilters;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SearchFilters, A::Error> {
                let mut filters = SearchFilters::default();
                while let Some(key) = map.next_key::<String>()? {
                    if key != "conversation" {
                        map.next_value::<UnknownField>()?;
                    } else if filters.conversation.replace(map.next_value()?).is_some() {
                        return Err(de::Error::duplicate_field("conversation"));
                    }
                }
                Ok(filters)
            }
        }
        deserializer.deserialize_map(FiltersVisitor)
    }
}

impl Search {
    /// Checks the length of the query, the filters and the limit. The server also counts the words.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        check_text("query", &self.query, QUERY_CHARS)?;
        if let Some(filter) = &self.filters.conversation {
            filter.check_at("filters.conversation")?;
        }
        check_count("limit", self.limit, (1, SEARCH.max))
    }
}
