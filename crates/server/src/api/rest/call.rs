//! The parameters, the query and the body of a REST call, read into types.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

use causerie_protocol::filter::ConversationFilter;
use causerie_protocol::{ConversationId, ErrorBody, ErrorCode, MessageId, UserId, decode};
use serde::de::DeserializeOwned;

use super::query::{DIRECTIONS, ORDERS};
use crate::rules::command::{ConversationsPage, EventsPage, OrderBy, Page, UsersPage};

/// The input of a REST call.
pub(super) struct Call<'a> {
    /// The parameters of the path, decoded.
    pub(super) parameters: &'a HashMap<String, String>,
    /// The names and values of the query, decoded.
    pub(super) query: &'a [(String, String)],
    /// The JSON of the body, or "" if there is none.
    pub(super) body: &'a str,
}

impl Call<'_> {
    pub(super) fn user(&self) -> Result<UserId, ErrorBody> {
        UserId::new(self.parameter("user"))
    }

    pub(super) fn conversation(&self) -> Result<ConversationId, ErrorBody> {
        ConversationId::new(self.parameter("conversation"))
    }

    pub(super) fn message(&self) -> Result<MessageId, ErrorBody> {
        MessageId::new(self.parameter("message"))
    }

    pub(super) fn emoji(&self) -> String {
        self.parameter("emoji")
    }

    /// Reads a body that is an object. No body means an object without fields, and so does an empty array,
    /// because clients in PHP, which has one type for both, send it.
    pub(super) fn object<T: DeserializeOwned>(&self) -> Result<T, ErrorBody> {
        let body: String = self.body.chars().filter(|c| !c.is_ascii_whitespace()).take(3).collect();
        decode::object(if matches!(body.as_str(), "" | "[]") { "{}" } else { self.body })
    }

    /// Reads a body that is an object or a list.
    pub(super) fn object_or_list<T: DeserializeOwned>(&self) -> Result<T, ErrorBody> {
        self.require_body("a list or an object")?;
        decode::typed(self.body)
    }

    /// Reads a body that is an array of objects.
    pub(super) fn objects<T: DeserializeOwned>(&self) -> Result<Vec<T>, ErrorBody> {
        self.require_body("an array")?;
        decode::objects(self.body)
    }

    /// Reads a body that is an object of objects by their ids.
    pub(super) fn object_map<T: DeserializeOwned>(&self) -> Result<BTreeMap<UserId, T>, ErrorBody> {
        self.require_body("an object")?;
        decode::object_map(self.body)
    }

    fn require_body(&self, form: &str) -> Result<(), ErrorBody> {
        if self.body.trim().is_empty() {
            let message = format!("the call needs a body: {form}, as JSON");
            return Err(ErrorBody::new(ErrorCode::InvalidArgument, message));
        }
        Ok(())
    }

    pub(super) fn page(&self) -> Result<Page, ErrorBody> {
        Ok(Page {
            limit: self.optional("limit", |value| number("limit", value))?,
            starting_after: self.value("startingAfter").map(str::to_owned),
        })
    }

    pub(super) fn users_page(&self) -> Result<UsersPage, ErrorBody> {
        let is_online = self.optional("isOnline", |value| flag("isOnline", value))?;
        Ok(UsersPage { page: self.page()?, is_online, online: None })
    }

    pub(super) fn events_page(&self) -> Result<EventsPage, ErrorBody> {
        let failed = self.optional("failed", |value| flag("failed", value))?.unwrap_or(false);
        Ok(EventsPage { page: self.page()?, failed })
    }

    pub(super) fn conversations_page(&self) -> Result<ConversationsPage, ErrorBody> {
        let filter = self.optional("filter", |value| {
            decode::typed::<ConversationFilter>(value).map_err(|error| match error.code {
                ErrorCode::InvalidFrame => ErrorBody::invalid("filter", "must be JSON"),
                _ => error.within("filter"),
            })
        })?;
        let word = |name, words: &[&str]| {
            let value = self.value(name);
            value.and_then(|value| words.iter().position(|word| word.eq_ignore_ascii_case(value)))
        };
        Ok(ConversationsPage {
            page: self.page()?,
            unreads_only: self.optional("unreadsOnly", |value| flag("unreadsOnly", value))?.unwrap_or(false),
            last_message_before: self.time("lastMessageBefore")?,
            last_message_after: self.time("lastMessageAfter")?,
            filter,
            order_by: match word("orderBy", ORDERS) {
                Some(1) => OrderBy::CreatedAt,
                _ => OrderBy::LastActivity,
            },
            ascending: word("orderDirection", DIRECTIONS) == Some(1),
        })
    }

    fn parameter(&self, name: &str) -> String {
        self.parameters.get(name).cloned().unwrap_or_default()
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, ErrorBody>,
    ) -> Result<Option<T>, ErrorBody> {
        self.value(name).map(read).transpose()
    }

    fn time(&self, name: &str) -> Result<Option<i64>, ErrorBody> {
        self.optional(name, |value| number(name, value))
    }
}

fn number<T: FromStr>(field: &str, value: &str) -> Result<T, ErrorBody> {
    value.parse().map_err(|_| ErrorBody::invalid(field, "must be a whole number"))
}

fn flag(field: &str, value: &str) -> Result<bool, ErrorBody> {
    match value {
        "true" | "1" | "" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(ErrorBody::invalid(field, "must be \"true\" or \"false\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::query;
    use super::*;

    fn page(text: &str) -> Result<ConversationsPage, ErrorBody> {
        Call { parameters: &HashMap::new(), query: &query::parse(text).unwrap(), body: "" }
            .conversations_page()
    }

    #[test]
    fn a_page_of_conversations_is_read_with_its_filters() {
        let read = page("limit=5&unreadsOnly=true&lastMessageBefore=20&lastMessageAfter=-3").unwrap();
        let expected = ConversationsPage {
            page: Page { limit: Some(5), starting_after: None },
            unreads_only: true,
            last_message_before: Some(20),
            last_message_after: Some(-3),
            ..ConversationsPage::default()
        };
        assert_eq!(read, expected);
        assert_eq!(page("unreadsOnly=false").unwrap(), ConversationsPage::default());
        let ordered = page("orderBy=createdAt&orderDirection=asc").unwrap();
        assert!(ordered.order_by == OrderBy::CreatedAt && ordered.ascending);
        for (query, field) in [
            ("unreadsOnly=maybe", "unreadsOnly"),
            ("lastMessageBefore=today", "lastMessageBefore"),
            ("lastMessageAfter=", "lastMessageAfter"),
            ("limit=-1", "limit"),
            ("filter=", "filter"),
            ("filter=%7B", "filter"),
            ("filter=%7B%22isUnread%22%3A5%7D", "filter.isUnread"),
        ] {
            assert_eq!(page(query).unwrap_err().field.as_deref(), Some(field), "{query}");
        }
    }

    #[test]
    fn no_body_and_an_empty_array_are_an_object_without_fields() {
        let read = |body| {
            let call = Call { parameters: &HashMap::new(), query: &[], body };
            call.object::<BTreeMap<String, String>>()
        };
        for empty in ["", " \n", "{}", "[]", " [ ]\n"] {
            assert_eq!(read(empty), Ok(BTreeMap::new()), "{empty:?}");
        }
        assert!(read("[{}]").is_err() && read("null").is_err());
    }
}
