//! What a program says when it creates or sets a thing. Deserialising checks types; `check` checks the values,
//! the same in the SDK before sending and on the server.

mod conversation;
mod message;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{ErrorBody, ErrorCode};
use crate::limits;
use crate::patch::Patch;

pub use conversation::{CreateConversation, CreateParticipant, SetConversation, SetParticipant};
pub use message::{EditMessage, SendMessage};

/// Custom data: strings by string.
pub type Custom = BTreeMap<String, String>;
/// A patch of custom data: a value of `None` deletes the key.
pub type CustomPatch = BTreeMap<String, Option<String>>;

/// One or several strings, as `email` and `phone` are given; on the wire always a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Strings(pub Vec<String>);

/// By hand rather than as an untagged enum, so that an error keeps its path: `email[1]`.
impl<'de> Deserialize<'de> for Strings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Strings;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }
            fn visit_str<E: de::Error>(self, one: &str) -> Result<Strings, E> {
                Ok(Strings(vec![one.to_owned()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut many: A) -> Result<Strings, A::Error> {
                let mut strings = Vec::new();
                while let Some(one) = many.next_element()? {
                    strings.push(one);
                }
                Ok(Strings(strings))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

/// What a user is created with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateUser {
    /// The name shown to others. Required; `None` only until [`CreateUser::check`] has said so.
    #[serde(default)]
    pub name: Option<String>,
    /// Custom data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<Custom>,
    /// E-mail addresses; never given to clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Strings>,
    /// Phone numbers; never given to clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Strings>,
    /// A language tag; absent means the app's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The URL of a photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo_url: Option<String>,
    /// Devices to push to, `provider:token_id`; never given to clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_tokens: Option<BTreeMap<String, bool>>,
    /// The role; absent means the app's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What a person sees when a chat with this user starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome_message: Option<String>,
}

/// What is changed of a user. Every field keeps, resets or sets; `custom` and `push_tokens` are patches within.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetUser {
    /// The name. It can be kept or set, never cleared.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<String>,
    /// Custom data, key by key.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub custom: Patch<CustomPatch>,
    /// E-mail addresses, replaced as a whole.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub email: Patch<Strings>,
    /// Phone numbers, replaced as a whole.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub phone: Patch<Strings>,
    /// A language tag.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub locale: Patch<String>,
    /// The URL of a photo.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub photo_url: Patch<String>,
    /// Devices to push to, key by key: `true` registers, `None` unregisters.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub push_tokens: Patch<BTreeMap<String, Option<bool>>>,
    /// The role.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub role: Patch<String>,
    /// What a person sees when a chat with this user starts.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub welcome_message: Patch<String>,
}

impl CreateUser {
    /// Checks every value.
    ///
    /// # Errors
    /// `name_required` without a name; `invalid_argument` with the field's name otherwise.
    pub fn check(&self) -> Result<(), ErrorBody> {
        if self.name.is_none() {
            return Err(name_required());
        }
        if let Some(tokens) = &self.push_tokens
            && let Some((key, _)) = tokens.iter().find(|(_, on)| !**on)
        {
            return Err(ErrorBody::invalid(limits::path_to("pushTokens", key), "must be true"));
        }
        check_fields(&Fields {
            name: self.name.as_deref(),
            email: self.email.as_ref(),
            phone: self.phone.as_ref(),
            locale: self.locale.as_deref(),
            photo_url: self.photo_url.as_deref(),
            role: self.role.as_deref(),
            welcome_message: self.welcome_message.as_deref(),
        })?;
        if let Some(custom) = &self.custom {
            limits::check_custom(
                "custom",
                custom.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))),
            )?;
        }
        self.push_tokens.as_ref().map_or(Ok(()), |tokens| limits::check_push_tokens("pushTokens", tokens))
    }
}

impl SetUser {
    /// Checks every value.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        if matches!(self.name, Patch::Clear) {
            return Err(name_cleared());
        }
        if let Some(tokens) = self.push_tokens.value()
            && let Some((key, _)) = tokens.iter().find(|(_, on)| **on == Some(false))
        {
            return Err(ErrorBody::invalid(limits::path_to("pushTokens", key), "must be true or null"));
        }
        check_fields(&Fields {
            name: self.name.value().map(String::as_str),
            email: self.email.value(),
            phone: self.phone.value(),
            locale: self.locale.value().map(String::as_str),
            photo_url: self.photo_url.value().map(String::as_str),
            role: self.role.value().map(String::as_str),
            welcome_message: self.welcome_message.value().map(String::as_str),
        })?;
        if let Some(custom) = self.custom.value() {
            limits::check_custom(
                "custom",
                custom.iter().map(|(key, value)| (key.as_str(), value.as_deref())),
            )?;
        }
        self.push_tokens.value().map_or(Ok(()), |tokens| limits::check_push_tokens("pushTokens", tokens))
    }
}

impl From<CreateUser> for SetUser {
    /// Creating is setting on an empty place.
    fn from(create: CreateUser) -> Self {
        fn set<T>(value: Option<T>) -> Patch<T> {
            value.map_or(Patch::Keep, Patch::Set)
        }
        SetUser {
            name: set(create.name),
            custom: set(create
                .custom
                .map(|all| all.into_iter().map(|(key, value)| (key, Some(value))).collect())),
            email: set(create.email),
            phone: set(create.phone),
            locale: set(create.locale),
            photo_url: set(create.photo_url),
            push_tokens: set(create
                .push_tokens
                .map(|all| all.into_iter().map(|(key, on)| (key, Some(on))).collect())),
            role: set(create.role),
            welcome_message: set(create.welcome_message),
        }
    }
}

/// The error for a user who would come to be without a name.
#[must_use]
pub fn name_required() -> ErrorBody {
    ErrorBody {
        code: ErrorCode::NameRequired,
        message: "name: is required to create a user; pass { name: \"…\" }".to_owned(),
        field: Some("name".to_owned()),
        retry_after: None,
    }
}

/// The error for a `null` as a user's name.
#[must_use]
pub fn name_cleared() -> ErrorBody {
    ErrorBody::invalid("name", "must not be null: a user always has a name")
}

/// The values that creating and setting check alike.
struct Fields<'a> {
    name: Option<&'a str>,
    email: Option<&'a Strings>,
    phone: Option<&'a Strings>,
    locale: Option<&'a str>,
    photo_url: Option<&'a str>,
    role: Option<&'a str>,
    welcome_message: Option<&'a str>,
}

fn check_fields(fields: &Fields<'_>) -> Result<(), ErrorBody> {
    let texts = [
        ("name", fields.name),
        ("locale", fields.locale),
        ("photoUrl", fields.photo_url),
        ("role", fields.role),
        ("welcomeMessage", fields.welcome_message),
    ];
    for (field, text) in texts {
        text.map_or(Ok(()), |text| limits::check_profile_text(field, text))?;
    }
    if let Some(email) = fields.email {
        limits::check_emails("email", &email.0)?;
    }
    fields.phone.map_or(Ok(()), |phone| limits::check_phones("phone", &phone.0))
}
