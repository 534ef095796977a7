//! The settings of the service that translates an app's messages.

/// An HTTP service with the API of LibreTranslate.
#[derive(Clone, PartialEq, Eq)]
pub struct TranslatorSettings {
    /// The URL that translations are posted to, such as `https://translate.example.com/translate`.
    pub url: String,
    /// The key that the service requires.
    pub api_key: Option<String>,
}

impl std::fmt::Debug for TranslatorSettings {
    /// Omits the key, so that no log contains it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TranslatorSettings").field("url", &self.url).finish_non_exhaustive()
    }
}
