//! Decodes the frames of a client, and, for native tests of the client, those of a server. No input panics or
//! is read as something else. An error names the problem, the field and, if possible, the request, so that it
//! can be answered.
//!
//! A frame is first split into its parts, which stay raw JSON. Its type decides which parts are deserialized.
//! A request with invalid parameters therefore still has its id, and only that request fails.

mod json;
mod params;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

pub use json::{object, object_map, objects, typed};

use crate::error::{ErrorBody, ErrorCode};
use crate::frames::{ClientFrame, Hello, Request, ServerFrame, Subscribe};
use crate::ids::{ClientId, IdempotencyKey, RequestId, UserId};
use crate::limits::BATCH_REQUESTS;
use crate::subscription::{Position, Window};
use crate::validation;
use crate::version::VERSION;
use json::{object_part, part, unsupported};

/// The reason why a text is not a valid frame, which decides whether the connection stays open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The text is not a frame: the server sends an `error` frame and closes the connection with
    /// `InvalidFrame`. The code of the error is `invalid_frame`.
    NotAFrame(ErrorBody),
    /// The type of the frame is unknown: the server sends an `error` frame, and the connection stays open.
    UnknownFrame(ErrorBody),
    /// A request is invalid but has an id: the server answers with a `result`.
    BadRequest {
        /// The id of the request.
        id: RequestId,
        /// The error of the answer.
        error: ErrorBody,
    },
    /// A `subscribe` is invalid but has an id: the server answers with `ended`.
    BadSubscription {
        /// The id of the subscription.
        id: RequestId,
        /// The error of the answer.
        error: ErrorBody,
    },
}

/// The parts of frames of all types, as raw JSON.
#[derive(Deserialize)]
struct RawFrame<'a> {
    #[serde(borrow)]
    t: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    key: Option<&'a RawValue>,
    #[serde(borrow)]
    op: Option<&'a RawValue>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    token: Option<&'a RawValue>,
    #[serde(borrow)]
    topic: Option<&'a RawValue>,
    #[serde(borrow)]
    window: Option<&'a RawValue>,
    #[serde(borrow)]
    from: Option<&'a RawValue>,
}

/// Decodes a frame of a client.
///
/// ```
/// use causerie_protocol::decode::{self, DecodeError};
/// use causerie_protocol::{ClientFrame, Op, UserId};
///
/// let text = r#"{"t":"request","id":1,"op":"user.get","params":{"user":"bob"}}"#;
/// let Ok(ClientFrame::Request(request)) = decode::client_frame(text) else { panic!() };
/// assert_eq!(request.op, Op::UserGet { user: UserId::new("bob")? });
///
/// // A request with invalid parameters still has its id, under which the server answers.
/// let text = r#"{"t":"request","id":2,"op":"user.get","params":{"user":5}}"#;
/// let Err(DecodeError::BadRequest { id: 2, error }) = decode::client_frame(text) else { panic!() };
/// assert_eq!(error.message, "user: must be a string, not a number");
/// # Ok::<(), causerie_protocol::ErrorBody>(())
/// ```
///
/// # Errors
/// [`DecodeError`], which decides whether the connection stays open.
pub fn client_frame(text: &str) -> Result<ClientFrame, DecodeError> {
    let raw: RawFrame<'_> = object(text).map_err(not_a_frame)?;
    let kind: String = part("t", raw.t).map_err(not_a_frame)?;
    match kind.as_str() {
        "hello" => hello(text).map(ClientFrame::Hello).map_err(not_a_frame),
        "request" => {
            let id = part("id", raw.id).map_err(not_a_frame)?;
            match request(id, &raw) {
                Ok(request) => Ok(ClientFrame::Request(request)),
                Err(error) => Err(DecodeError::BadRequest { id, error }),
            }
        }
        "auth" => token(&raw).map(|token| ClientFrame::Auth { token }).map_err(not_a_frame),
        "subscribe" => {
            let id = part("id", raw.id).map_err(not_a_frame)?;
            subscribe(id, &raw).map_err(|error| DecodeError::BadSubscription { id, error })
        }
        "unsubscribe" => part("id", raw.id).map(|id| ClientFrame::Unsubscribe { id }).map_err(not_a_frame),
        "ping" => Ok(ClientFrame::Ping),
        other => Err(DecodeError::UnknownFrame(unsupported("frames of type", other))),
    }
}

/// The decoded body of the HTTP fallback. An invalid request is represented by its id and error.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodedBatch {
    /// The user who makes the requests.
    pub user: UserId,
    /// The client that makes the requests.
    pub client: ClientId,
    /// The number of the call among the connections and calls of the client, if it sends one.
    pub generation: Option<u32>,
    /// The requests in order; for an invalid one, its id and the error.
    pub requests: Vec<Result<Request, (RequestId, ErrorBody)>>,
}

/// Decodes the body of the HTTP fallback: the envelope, and each request separately, so that one invalid
/// request does not fail the others. (A request without an id fails the batch, because its outcome could not
/// be assigned.)
///
/// # Errors
/// The problem with the envelope.
pub fn batch(text: &str) -> Result<DecodedBatch, ErrorBody> {
    #[derive(Deserialize)]
    struct RawBatch<'a> {
        #[serde(borrow)]
        v: Option<&'a RawValue>,
        #[serde(borrow)]
        user: Option<&'a RawValue>,
        #[serde(borrow)]
        client: Option<&'a RawValue>,
        #[serde(borrow)]
        generation: Option<&'a RawValue>,
        #[serde(borrow)]
        requests: Option<&'a RawValue>,
    }

    let raw: RawBatch<'_> = object(text)?;
    // The version is checked first, because the other fields may have another form in another version.
    let version: u32 = part("v", raw.v)?;
    if version != VERSION {
        return Err(ErrorBody::new(
            ErrorCode::ProtocolMismatch,
            format!("this server supports version {VERSION} of the protocol (got {version})"),
        ));
    }
    let requests: Vec<&RawValue> = part("requests", raw.requests)?;
    if requests.len() > BATCH_REQUESTS {
        return Err(ErrorBody {
            field: Some("requests".to_owned()),
            ..ErrorBody::new(
                ErrorCode::TooLarge,
                format!("requests: must have at most {BATCH_REQUESTS} entries (got {})", requests.len()),
            )
        });
    }
    let read = requests.into_iter().enumerate().map(|(index, text)| {
        let with_id = object_part::<RawFrame<'_>>(text).and_then(|raw| Ok((part("id", raw.id)?, raw)));
        let (id, raw) = with_id.map_err(|error| error.within(&format!("requests[{index}]")))?;
        Ok(request(id, &raw).map_err(|error| (id, error)))
    });
    Ok(DecodedBatch {
        user: part("user", raw.user)?,
        client: part("client", raw.client)?,
        generation: raw.generation.map(|generation| part("generation", Some(generation))).transpose()?,
        requests: read.collect::<Result<_, ErrorBody>>()?,
    })
}

/// The types of frame that [`server_frame`] decodes.
pub const SERVER_FRAMES: &[&str] =
    &["welcome", "authenticated", "result", "reset", "events", "update", "ended", "error", "ping", "pong"];

/// Decodes a frame of a server; `None` for an unknown type, which a client ignores.
///
/// # Errors
/// The problem with the frame.
pub fn server_frame<B: DeserializeOwned>(text: &str) -> Result<Option<ServerFrame<B>>, ErrorBody> {
    #[derive(Deserialize)]
    struct Tagged {
        t: String,
    }
    let Tagged { t } = object(text)?;
    if SERVER_FRAMES.contains(&t.as_str()) { typed(text).map(Some) } else { Ok(None) }
}

fn hello(text: &str) -> Result<Hello, ErrorBody> {
    let hello: Hello = typed(text)?;
    hello.token.as_deref().map_or(Ok(()), |token| validation::check_token("token", token))?;
    hello.sdk.as_deref().map_or(Ok(()), |sdk| validation::check_sdk("sdk", sdk))?;
    Ok(hello)
}

fn token(raw: &RawFrame<'_>) -> Result<String, ErrorBody> {
    let token: String = part("token", raw.token)?;
    validation::check_token("token", &token)?;
    Ok(token)
}

fn request(id: RequestId, raw: &RawFrame<'_>) -> Result<Request, ErrorBody> {
    let name: String = part("op", raw.op)?;
    let key: Option<IdempotencyKey> = raw.key.map(|key| part("key", Some(key))).transpose()?;
    Ok(Request { id, key, op: params::op(&name, raw.params)? })
}

fn subscribe(id: RequestId, raw: &RawFrame<'_>) -> Result<ClientFrame, ErrorBody> {
    fn optional<T: DeserializeOwned>(field: &str, raw: Option<&RawValue>) -> Result<Option<T>, ErrorBody> {
        raw.map(|raw| object_part(raw).map_err(|error| error.within(field))).transpose()
    }
    let topic = params::topic(raw.topic)?;
    let window: Option<Window> = optional("window", raw.window)?;
    let from: Option<Position> = optional("from", raw.from)?;
    topic.check(window)?;
    Ok(ClientFrame::Subscribe(Subscribe { id, topic, window, from }))
}

fn not_a_frame(error: ErrorBody) -> DecodeError {
    DecodeError::NotAFrame(ErrorBody { code: ErrorCode::InvalidFrame, ..error })
}
