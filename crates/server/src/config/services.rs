//! The settings of the other servers that an app calls: webhooks and a translator.

use serde::Deserialize;
use url::Url;

use crate::apps::{TranslatorSettings, Webhook, WebhookKind};

/// The settings of one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookEntry {
    url: String,
    events: Option<Vec<String>>,
    #[serde(default)]
    allow_private: bool,
}

impl WebhookEntry {
    /// A webhook that receives all events.
    pub(super) const fn of_all_events(url: String) -> Self {
        WebhookEntry { url, events: None, allow_private: false }
    }

    /// Checks the settings and makes the webhook, or returns the problem.
    pub(super) fn build(self) -> Result<Webhook, String> {
        check_url(&self.url, "check the signature instead")?;
        let mut webhook = Webhook::new(&self.url);
        webhook.allow_private = self.allow_private;
        if let Some(events) = self.events {
            webhook.kinds.clear();
            for name in events {
                let named = WebhookKind::named(&name);
                if named.is_empty() {
                    return Err(format!(
                        "\"{name}\" is not an event, such as \"message.sent\" or \"message.*\""
                    ));
                }
                webhook.kinds.extend(named);
            }
        }
        Ok(webhook)
    }
}

/// The settings of an app's translator.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TranslatorEntry {
    url: String,
    api_key: Option<String>,
}

impl TranslatorEntry {
    pub(super) const fn new(url: String, api_key: Option<String>) -> Self {
        TranslatorEntry { url, api_key }
    }

    /// Checks the settings, or returns the problem.
    pub(super) fn build(self) -> Result<TranslatorSettings, String> {
        check_url(&self.url, "use `api_key`")?;
        Ok(TranslatorSettings { url: self.url, api_key: self.api_key })
    }
}

/// Checks a URL. `instead` is what to use instead of a password.
fn check_url(url: &str, instead: &str) -> Result<(), String> {
    let parsed = Url::parse(url).map_err(|error| format!("\"{url}\" is not a URL: {error}"))?;
    if !matches!(parsed.scheme(), "https" | "http") || parsed.host_str().is_none() {
        return Err(format!("\"{url}\" must start with https:// or http://"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(format!("a URL must not have a user name or a password: {instead}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_cannot_be_called_is_refused_with_its_problem() {
        let build = |url: &str| TranslatorEntry::new(url.to_owned(), None).build();
        assert_eq!(build("http://127.0.0.1:5000/translate").unwrap().url, "http://127.0.0.1:5000/translate");
        assert!(build("translate").unwrap_err().contains("is not a URL"));
        assert!(build("ftp://a.test/").unwrap_err().contains("must start with https://"));
        assert!(build("https://key@a.test/").unwrap_err().ends_with("use `api_key`"));
    }

    #[test]
    fn logs_do_not_contain_the_key_of_a_translator() {
        let entry = TranslatorEntry::new("https://a.test/".to_owned(), Some("secret".to_owned()));
        assert!(!format!("{:?}", entry.build().unwrap()).contains("secret"));
    }
}
