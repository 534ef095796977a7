//! The parameters, the query and the body of a REST call, read into types.

use std::collections::HashMap;
use std::str::FromStr;

use causerie_protocol::{ConversationId, ErrorBody, MessageId, UserId, decode};
use serde::de::DeserializeOwned;

use crate::rules::command::{ConversationsPage, Page};

/// The input of a REST call.
pub(super) struct Call<'a> {
    /// The parameters of the path, decoded.
    pub(super) parameters: &'a HashMap<String, String>,
    /// The query, still percent-encoded.
    pub(super) query: &'a str,
    /// The JSON of the body, or "" if the method has no body.
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

    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, ErrorBody> {
        decode::typed(self.body)
    }

    pub(super) fn page(&self) -> Result<Page, ErrorBody> {
        let mut page = Page::default();
        for (name, value) in self.query() {
            match name {
                "limit" => page.limit = Some(number("limit", value)?),
                "startingAfter" => page.starting_after = Some(percent_decoded("startingAfter", value)?),
                _ => {}
            }
        }
        Ok(page)
    }

    pub(super) fn conversations_page(&self) -> Result<ConversationsPage, ErrorBody> {
        let Page { limit, starting_after } = self.page()?;
        let mut page = ConversationsPage { limit, starting_after, ..ConversationsPage::default() };
        for (name, value) in self.query() {
            match (name, value) {
                ("unreadsOnly", "true" | "1" | "") => page.unreads_only = true,
                ("unreadsOnly", "false" | "0") => page.unreads_only = false,
                ("unreadsOnly", _) => {
                    return Err(ErrorBody::invalid("unreadsOnly", "must be \"true\" or \"false\""));
                }
                ("lastMessageBefore", time) => {
                    page.last_message_before = Some(number("lastMessageBefore", time)?);
                }
                ("lastMessageAfter", time) => {
                    page.last_message_after = Some(number("lastMessageAfter", time)?);
                }
                _ => {}
            }
        }
        Ok(page)
    }

    fn parameter(&self, name: &str) -> String {
        self.parameters.get(name).cloned().unwrap_or_default()
    }

    /// The names and values of the query, still encoded. Callers ignore unknown names, like unknown fields of
    /// a body, so that a newer backend can call an older server.
    fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }
}

fn number<T: FromStr>(field: &str, value: &str) -> Result<T, ErrorBody> {
    value.parse().map_err(|_| ErrorBody::invalid(field, "must be a whole number"))
}

/// Decodes a value of the query, in which `+` is a space.
fn percent_decoded(field: &str, value: &str) -> Result<String, ErrorBody> {
    let invalid = || ErrorBody::invalid(field, "is not percent-encoded UTF-8");
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
                let (high, low) = (digit().ok_or_else(invalid)?, digit().ok_or_else(invalid)?);
                u8::try_from(high * 16 + low).map_err(|_| invalid())?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Result<Page, ErrorBody> {
        Call { parameters: &HashMap::new(), query, body: "" }.page()
    }

    #[test]
    fn a_page_is_read_from_the_query_and_errors_name_the_field() {
        let read = page("limit=5&startingAfter=a%2Fb+c&new=1").unwrap();
        assert_eq!(read, Page { limit: Some(5), starting_after: Some("a/b c".to_owned()) });
        assert_eq!(page("").unwrap(), Page::default());
        assert_eq!(page("limit=many").unwrap_err().field.as_deref(), Some("limit"));
        for malformed in ["%", "%2", "%zz", "%ff"] {
            let error = page(&format!("startingAfter={malformed}")).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("startingAfter"), "{malformed}");
        }
    }

    fn conversations_page(query: &str) -> Result<ConversationsPage, ErrorBody> {
        Call { parameters: &HashMap::new(), query, body: "" }.conversations_page()
    }

    #[test]
    fn a_page_of_conversations_is_read_with_its_filters() {
        let read =
            conversations_page("limit=5&unreadsOnly=true&lastMessageBefore=20&lastMessageAfter=-3").unwrap();
        let expected = ConversationsPage {
            limit: Some(5),
            starting_after: None,
            unreads_only: true,
            last_message_before: Some(20),
            last_message_after: Some(-3),
        };
        assert_eq!(read, expected);
        assert_eq!(conversations_page("unreadsOnly=false").unwrap(), ConversationsPage::default());
        for (query, field) in [
            ("unreadsOnly=maybe", "unreadsOnly"),
            ("lastMessageBefore=today", "lastMessageBefore"),
            ("lastMessageAfter=", "lastMessageAfter"),
            ("limit=-1", "limit"),
        ] {
            assert_eq!(conversations_page(query).unwrap_err().field.as_deref(), Some(field), "{query}");
        }
    }
}
