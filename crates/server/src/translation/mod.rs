//! Translates the content of messages through an HTTP service with the API of LibreTranslate.
//!
//! The texts of a message are sent in one call and replaced one by one, so that marks, links, mentions, code
//! and emoji stay as they are. Nothing is stored.

mod texts;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use causerie_protocol::content::ContentBlock;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::UserId;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::apps::{Apps, TranslatorSettings};
use crate::http_client::{CallError, Client, Options, Response};

/// The longest time for one call of the translator.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// The longest time that a translation waits for its call to begin.
const WAIT_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest response, in bytes.
const RESPONSE_BYTES: usize = 512 << 10;
/// The most calls for one app at the same time.
const CALLS: usize = 16;
/// The most calls for one user at the same time. Further ones wait, so that they do not keep others waiting.
const CALLS_OF_USER: usize = 2;
/// The time after which to try again if the translator is busy, in milliseconds.
const BUSY_RETRY_MS: u32 = 5_000;

/// The translators of the apps that have one.
pub(crate) struct Translators(HashMap<String, Arc<Translator>>);

impl Translators {
    pub(crate) fn new(apps: &Apps) -> Self {
        let settings = apps.iter().filter_map(|app| Some((app.id.clone(), app.translator.as_ref()?)));
        Translators(settings.map(|(app, settings)| (app, Arc::new(Translator::new(settings)))).collect())
    }

    /// Returns the translator of an app.
    ///
    /// # Errors
    /// `unsupported` if the app has none.
    pub(crate) fn of(&self, app: &str) -> Result<Arc<Translator>, ErrorBody> {
        self.0.get(app).cloned().ok_or_else(|| {
            let text = "this app has no translator: the server's configuration can name one in \
                        `[apps.translator]`";
            ErrorBody::new(ErrorCode::Unsupported, text)
        })
    }
}

/// The translator of one app.
pub(crate) struct Translator {
    client: Result<Client, CallError>,
    api_key: Option<String>,
    calls: Semaphore,
    /// The calls of each user who has some.
    users: Mutex<HashMap<UserId, Weak<Semaphore>>>,
    /// Whether the last call failed. Only the first failure and the first success after it are logged.
    failing: AtomicBool,
}

/// The body of a call.
#[derive(Serialize)]
struct Call<'a> {
    q: &'a [String],
    source: &'static str,
    target: &'a str,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<&'a str>,
}

/// The body of a response.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Translated {
    translated_text: Vec<String>,
}

impl Translator {
    fn new(settings: &TranslatorSettings) -> Self {
        let options = Options {
            // The operator named the URL, and a translator often runs beside the server.
            allow_private: true,
            response_bytes: RESPONSE_BYTES,
            user_agent: "causerie-translations",
        };
        Translator {
            client: Client::new(&settings.url, options),
            api_key: settings.api_key.clone(),
            calls: Semaphore::new(CALLS),
            users: Mutex::default(),
            failing: AtomicBool::new(false),
        }
    }

    /// Translates the texts in the blocks.
    ///
    /// # Errors
    /// `invalid_argument` for a language that the translator does not support; `rate_limited`, `timed_out` or
    /// `server_error` if it is busy or fails.
    pub(crate) async fn translate(
        &self,
        user: &UserId,
        blocks: &mut [ContentBlock],
        language: &str,
    ) -> Result<(), ErrorBody> {
        let texts = texts::of(blocks);
        if texts.is_empty() {
            return Ok(());
        }
        let own = self.calls_of(user);
        let permits = async { (own.acquire().await, self.calls.acquire().await) };
        let _permits: (Result<SemaphorePermit<'_>, _>, Result<SemaphorePermit<'_>, _>) =
            timeout(WAIT_TIMEOUT, permits).await.map_err(|_| busy())?;
        let translated = self.call(&texts, language).await?;
        texts::replace(blocks, translated);
        Ok(())
    }

    /// Returns the semaphore of a user's calls.
    fn calls_of(&self, user: &UserId) -> Arc<Semaphore> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(calls) = users.get(user).and_then(Weak::upgrade) {
            return calls;
        }
        users.retain(|_, calls| calls.strong_count() > 0);
        let calls = Arc::new(Semaphore::new(CALLS_OF_USER));
        users.insert(user.clone(), Arc::downgrade(&calls));
        calls
    }

    async fn call(&self, texts: &[String], language: &str) -> Result<Vec<String>, ErrorBody> {
        let result = self.response(texts, language).await;
        let failed = match &result {
            Ok(response) => !matches!(response.status, 200 | 400),
            Err(_) => true,
        };
        let status = result.as_ref().ok().map(|response| response.status);
        let error = result.as_ref().err().map(ToString::to_string);
        match (failed, self.failing.swap(failed, Ordering::Relaxed)) {
            (true, false) => tracing::warn!(status, error, "the translator fails"),
            (false, true) => tracing::info!("the translator succeeds again"),
            _ => {}
        }
        let response = result.map_err(|error| match error {
            CallError::TimedOut => {
                ErrorBody::new(ErrorCode::TimedOut, "the translator did not answer in time: try again later")
            }
            _ => unavailable(),
        })?;
        match response.status {
            200 => read(response.body.as_deref(), texts.len()).ok_or_else(|| {
                tracing::warn!("the translator returned something else than a text for each text");
                unavailable()
            }),
            400 => {
                let problem =
                    format!("must be a language that the app's translator supports (got {language:?})");
                Err(ErrorBody::invalid("language", &problem))
            }
            429 => Err(busy()),
            _ => Err(unavailable()),
        }
    }

    async fn response(&self, texts: &[String], language: &str) -> Result<Response, CallError> {
        let client = self.client.as_ref().map_err(|error| CallError::Malformed(error.to_string()))?;
        let api_key = self.api_key.as_deref();
        let call = Call { q: texts, source: "auto", target: language, format: "text", api_key };
        let body = serde_json::to_vec(&call).map_err(|error| CallError::Malformed(error.to_string()))?;
        let called = timeout(CALL_TIMEOUT, client.post(&[], &Bytes::from(body))).await;
        called.unwrap_or(Err(CallError::TimedOut))
    }
}

/// Reads the body of a response: one text for each of `count`.
fn read(body: Option<&[u8]>, count: usize) -> Option<Vec<String>> {
    let Translated { translated_text } = serde_json::from_slice(body?).ok()?;
    (translated_text.len() == count).then_some(translated_text)
}

fn busy() -> ErrorBody {
    let text = "too many translations are running: try again later";
    ErrorBody::new(ErrorCode::RateLimited, text).after(BUSY_RETRY_MS)
}

fn unavailable() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::ServerError,
        "the translator failed, and the server logged why: try again later",
    )
}
