//! The queries of REST calls: their parameters by name, and the check that a route knows each of them.

use causerie_protocol::ErrorBody;

/// A parameter of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name in the query.
    pub name: &'static str,
    /// The form of the value.
    pub form: Form,
    /// The effect of the parameter, for the documentation.
    pub description: &'static str,
}

/// The form of a parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A number of entries.
    Limit,
    /// A time in Unix milliseconds.
    Time,
    /// `true` or `false`.
    Flag,
    /// A text.
    Text,
    /// One of some words.
    OneOf(&'static [&'static str]),
}

const LIMIT: Parameter = Parameter {
    name: "limit",
    form: Form::Limit,
    description: "The number of entries, 1 to 100; 30 by default.",
};
const STARTING_AFTER: Parameter = Parameter {
    name: "startingAfter",
    form: Form::Text,
    description: "The id of the entry after which the page starts.",
};
const UNREADS_ONLY: Parameter = Parameter {
    name: "unreadsOnly",
    form: Form::Flag,
    description: "Only conversations that are unread for the user.",
};
const LAST_MESSAGE_BEFORE: Parameter = Parameter {
    name: "lastMessageBefore",
    form: Form::Time,
    description: "Only conversations whose last message was sent before this time.",
};
const LAST_MESSAGE_AFTER: Parameter = Parameter {
    name: "lastMessageAfter",
    form: Form::Time,
    description: "Only conversations whose last message was sent after this time.",
};
const FILTER: Parameter =
    Parameter { name: "filter", form: Form::Text, description: "A filter of conversations, as JSON." };
const IS_ONLINE: Parameter = Parameter {
    name: "isOnline",
    form: Form::Flag,
    description: "Only users who are online, or who are not.",
};
/// The orders of a list of conversations.
pub(super) const ORDERS: &[&str] = &["lastActivity", "createdAt"];
const ORDER_BY: Parameter = Parameter {
    name: "orderBy",
    form: Form::OneOf(ORDERS),
    description: "The time that orders the conversations; lastActivity by default.",
};
const ORDER_BY_ACTIVITY: Parameter = Parameter {
    name: "orderBy",
    form: Form::OneOf(&["lastActivity"]),
    description: "The time that orders the conversations.",
};
/// The directions of a list.
pub(super) const DIRECTIONS: &[&str] = &["DESC", "ASC"];
const ORDER_DIRECTION: Parameter = Parameter {
    name: "orderDirection",
    form: Form::OneOf(DIRECTIONS),
    description: "DESC, the default, for the newest first; ASC for the oldest first.",
};
const ORDER_DESCENDING: Parameter =
    Parameter { name: "orderDirection", form: Form::OneOf(&["DESC"]), description: "The newest first." };

/// A page of a list.
pub(super) const PAGE: &[Parameter] = &[LIMIT, STARTING_AFTER];
/// A page of all users.
pub(super) const USERS: &[Parameter] = &[LIMIT, STARTING_AFTER, IS_ONLINE];
/// A page of all conversations.
pub(super) const CONVERSATIONS: &[Parameter] =
    &[LIMIT, STARTING_AFTER, LAST_MESSAGE_BEFORE, LAST_MESSAGE_AFTER, FILTER, ORDER_BY, ORDER_DIRECTION];
/// A page of a user's conversations.
pub(super) const USER_CONVERSATIONS: &[Parameter] = &[
    LIMIT,
    STARTING_AFTER,
    UNREADS_ONLY,
    LAST_MESSAGE_BEFORE,
    LAST_MESSAGE_AFTER,
    FILTER,
    ORDER_BY_ACTIVITY,
    ORDER_DESCENDING,
];

/// A page of webhook events.
pub(super) const EVENTS: &[Parameter] = &[
    LIMIT,
    Parameter {
        name: "startingAfter",
        form: Form::Text,
        description: "The key after which the page starts.",
    },
    Parameter {
        name: "failed",
        form: Form::Flag,
        description: "Whether to list the events that failed; otherwise those that wait.",
    },
];

/// The names and values of a query, decoded.
pub(super) type Query = Vec<(String, String)>;

/// Decodes a query.
pub(super) fn parse(query: &str) -> Result<Query, ErrorBody> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = percent_decoded("query", name)?;
            let value = percent_decoded(&name, value)?;
            Ok((name, value))
        })
        .collect()
}

/// Refuses a parameter that the route does not know, that is given twice, or whose value is not one of the
/// words that it may be.
pub(super) fn check(query: &[(String, String)], known: &[Parameter]) -> Result<(), ErrorBody> {
    for (index, (name, value)) in query.iter().enumerate() {
        let Some(parameter) = known.iter().find(|parameter| parameter.name == *name) else {
            let names = known.iter().map(|parameter| parameter.name).collect::<Vec<_>>().join(", ");
            let problem = match names.as_str() {
                "" => "is unknown: this call has no query parameters".to_owned(),
                names => format!("is unknown: the query parameters of this call are {names}"),
            };
            let shown: String = name.chars().take(64).collect();
            return Err(ErrorBody::invalid(shown, &problem));
        };
        if query.iter().take(index).any(|(earlier, _)| earlier == name) {
            return Err(ErrorBody::invalid(name, "must not be given twice"));
        }
        if let Form::OneOf(words) = parameter.form
            && !words.iter().any(|word| word.eq_ignore_ascii_case(value))
        {
            return Err(ErrorBody::invalid(name, &format!("must be {}", words.join(" or "))));
        }
    }
    Ok(())
}

/// Decodes a part of the query, in which `+` is a space.
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

    #[test]
    fn a_query_is_decoded_and_malformed_parts_name_the_parameter() {
        let read = parse("limit=5&startingAfter=a%2Fb+c&unreadsOnly").unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read, [pair("limit", "5"), pair("startingAfter", "a/b c"), pair("unreadsOnly", "")]);
        for malformed in ["%", "%2", "%zz", "%ff"] {
            let error = parse(&format!("startingAfter={malformed}")).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("startingAfter"), "{malformed}");
        }
    }

    #[test]
    fn parameters_that_are_unknown_or_given_twice_are_refused() {
        let refused =
            |query: &str| check(&parse(query).unwrap(), CONVERSATIONS).map_err(|error| error.message);
        assert_eq!(refused("limit=1&orderBy=createdAt&orderDirection=asc"), Ok(()));
        assert_eq!(refused("limit=1&limit=2"), Err("limit: must not be given twice".to_owned()));
        assert_eq!(refused("orderBy=name"), Err("orderBy: must be lastActivity or createdAt".to_owned()));
        assert!(refused("unreadsOnly=true").unwrap_err().starts_with("unreadsOnly: is unknown"));
    }
}
