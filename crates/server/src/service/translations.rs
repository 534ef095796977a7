//! Translates the result of `message.translate`, which the rules return in the language of the message.

use std::sync::Arc;

use causerie_markup::plaintext;
use causerie_protocol::Op;
use causerie_protocol::content::ContentBlock;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::frames::{Entities, Outcome};
use causerie_protocol::ids::UserId;
use serde::Serialize;
use serde_json::value::to_raw_value;

use super::Service;
use crate::apps::App;
use crate::rules::{EncodedOutcome, Json};
use crate::translation::Translator;

/// A translation that a user requested.
#[derive(Clone)]
pub(super) struct Translation {
    translator: Arc<Translator>,
    user: UserId,
    language: String,
}

/// The value of `message.translate`.
#[derive(Serialize)]
struct Translated<'a> {
    content: &'a [ContentBlock],
    plaintext: String,
}

impl Service {
    /// Returns the translation that an op requests; `None` for all other ops.
    ///
    /// # Errors
    /// `unsupported` if the app has no translator.
    pub(super) fn prepare_translation(
        &self,
        app: &App,
        user: &UserId,
        op: &Op,
    ) -> Result<Option<Translation>, ErrorBody> {
        let Op::MessageTranslate { language, .. } = op else { return Ok(None) };
        let translator = self.inner.translators.of(&app.id)?;
        Ok(Some(Translation { translator, user: user.clone(), language: language.clone() }))
    }
}

impl Translation {
    /// Translates the content that an outcome has as its value.
    pub(super) async fn apply(self, outcome: EncodedOutcome) -> EncodedOutcome {
        let Some(content) = &outcome.value else { return outcome };
        match self.translate(content).await {
            Ok(value) => Outcome::ok(outcome.id, Some(value), Entities::none()),
            Err(error) => Outcome::failed(outcome.id, error),
        }
    }

    async fn translate(&self, content: &Json) -> Result<Json, ErrorBody> {
        let mut content: Vec<ContentBlock> = serde_json::from_str(content.get()).map_err(failed)?;
        self.translator.translate(&self.user, &mut content, &self.language).await?;
        let plaintext = plaintext(&content);
        to_raw_value(&Translated { content: &content, plaintext }).map_err(failed)
    }
}

fn failed(error: serde_json::Error) -> ErrorBody {
    tracing::error!(%error, "the content of a message could not be translated");
    ErrorBody::new(ErrorCode::ServerError, "the server failed and logged why: try again later")
}
