//! The parameters that create or set a user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::strings::Strings;
use crate::custom::{Custom, CustomPatch, map_option, map_patch};
use crate::error::{ErrorBody, ErrorCode};
use crate::patch::Patch;
use crate::validation::{
    check_custom, check_emails, check_phones, check_push_tokens, check_user_text, path_to,
};

/// The fields of a new user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateUser {
    /// The display name. Required; [`CreateUser::check`] rejects `None`.
    #[serde(default)]
    pub name: Option<String>,
    /// The custom data.
    #[serde(default, deserialize_with = "map_option", skip_serializing_if = "Option::is_none")]
    pub custom: Option<Custom>,
    /// E-mail addresses, which are never sent to clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Strings>,
    /// Phone numbers, which are never sent to clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Strings>,
    /// A language tag; the app's default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The URL of a photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo_url: Option<String>,
    /// The devices for push notifications, as `provider:token_id`. They are never sent to clients.
    #[serde(default, deserialize_with = "map_option", skip_serializing_if = "Option::is_none")]
    pub push_tokens: Option<BTreeMap<String, bool>>,
    /// The role; the app's default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The text that is shown when a chat with this user starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome_message: Option<String>,
}

/// The changes of a user. `custom` and `push_tokens` are patches of their keys; all other fields are replaced
/// whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetUser {
    /// The display name, which cannot be cleared.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<String>,
    /// A patch of the custom data.
    #[serde(default, deserialize_with = "map_patch", skip_serializing_if = "Patch::is_keep")]
    pub custom: Patch<CustomPatch>,
    /// The new list of e-mail addresses.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub email: Patch<Strings>,
    /// The new list of phone numbers.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub phone: Patch<Strings>,
    /// The language tag.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub locale: Patch<String>,
    /// The URL of a photo.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub photo_url: Patch<String>,
    /// A patch of the push tokens: `true` registers a device, `None` unregisters it.
    #[serde(default, deserialize_with = "map_patch", skip_serializing_if = "Patch::is_keep")]
    pub push_tokens: Patch<BTreeMap<String, Option<bool>>>,
    /// The role; a reset gives the app's default.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub role: Patch<String>,
    /// The text that is shown when a chat with this user starts.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub welcome_message: Patch<String>,
}

impl CreateUser {
    /// Checks the value of every field.
    ///
    /// # Errors
    /// `name_required` if there is no name; `invalid_argument` with the field's name otherwise.
    pub fn check(&self) -> Result<(), ErrorBody> {
        if self.name.is_none() {
            return Err(name_required());
        }
        if let Some(tokens) = &self.push_tokens
            && let Some((key, _)) = tokens.iter().find(|(_, on)| !**on)
        {
            return Err(ErrorBody::invalid(path_to("pushTokens", key), "must be true"));
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
            check_custom("custom", custom.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))))?;
        }
        self.push_tokens.as_ref().map_or(Ok(()), |tokens| check_push_tokens("pushTokens", tokens))
    }
}

impl SetUser {
    /// Checks the value of every field.
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
            return Err(ErrorBody::invalid(path_to("pushTokens", key), "must be true or null"));
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
            check_custom("custom", custom.iter().map(|(key, value)| (key.as_str(), value.as_deref())))?;
        }
        self.push_tokens.value().map_or(Ok(()), |tokens| check_push_tokens("pushTokens", tokens))
    }
}

impl From<CreateUser> for SetUser {
    /// Converts to a `set` that has the same effect on a new user.
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

/// Makes the error for a new user without a name.
#[must_use]
pub fn name_required() -> ErrorBody {
    ErrorBody {
        code: ErrorCode::NameRequired,
        message: "name: is required to create a user; pass { name: \"…\" }".to_owned(),
        field: Some("name".to_owned()),
        retry_after: None,
    }
}

/// Makes the error for the name `null`.
#[must_use]
pub fn name_cleared() -> ErrorBody {
    ErrorBody::invalid("name", "must not be null")
}

/// The fields that are checked in the same way for a new and an existing user.
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
        text.map_or(Ok(()), |text| check_user_text(field, text))?;
    }
    if let Some(email) = fields.email {
        check_emails("email", &email.0)?;
    }
    fields.phone.map_or(Ok(()), |phone| check_phones("phone", &phone.0))
}
