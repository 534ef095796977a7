//! Reading what a client sent (and, for native tests of the engine, what a server sent). Nothing that arrives may
//! panic here or be taken for something it is not; each failure says what is wrong, with which field, and for
//! which request, so that it can be answered.
//!
//! A frame is first split into its parts, each left raw; its type then says which parts are read, and as what. So
//! a request whose parameters are wrong still has its id, and is answered alone.

mod reading;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

pub use reading::{object, typed};

use crate::error::{ErrorBody, ErrorCode};
use crate::frames::{ClientFrame, Hello, Request, ServerFrame};
use crate::ids::{ClientId, ConversationId, IdempotencyKey, RequestId, UserId};
use crate::limits::{self, BATCH_REQUESTS};
use crate::ops::Op;
use crate::topic::{Position, Topic, Window};
use crate::version::VERSION;
use reading::{object_part, part};

/// Why a text could not be read as a frame, and so what becomes of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Not a frame at all: an `error` frame, and the connection is closed with `InvalidFrame`. The error's code is
    /// always `invalid_frame`.
    NotAFrame(ErrorBody),
    /// A frame of a type this version does not know: answered by an `error` frame, and nothing is lost.
    UnknownFrame(ErrorBody),
    /// A request that can be named but not carried out: answered by a `result` under its id.
    BadRequest {
        /// Which one.
        id: RequestId,
        /// What is wrong with it.
        error: ErrorBody,
    },
    /// A subscription that can be named but not begun: answered by an `ended` under its id.
    BadSubscription {
        /// Which one.
        id: RequestId,
        /// What is wrong with it.
        error: ErrorBody,
    },
}

/// A frame with everything any type has, each part as raw as it can be left.
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

/// Reads one frame of a client.
///
/// # Errors
/// [`DecodeError`], which says whether the connection can go on.
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
        other => Err(DecodeError::UnknownFrame(unknown("frames of type", other))),
    }
}

/// The body of the HTTP twin as read: a request that could not be read stands in its place with its error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBatch {
    /// Who is calling.
    pub user: UserId,
    /// The client's own id.
    pub client: ClientId,
    /// The requests in their order, or why one cannot be carried out.
    pub requests: Vec<Result<Request, (RequestId, ErrorBody)>>,
}

/// Reads the body of the HTTP twin: the envelope, and every request on its own, so that one bad request does not
/// take the others with it. (One without an id does: its outcome would have no name.)
///
/// # Errors
/// What is wrong with the envelope.
pub fn batch(text: &str) -> Result<ReadBatch, ErrorBody> {
    #[derive(Deserialize)]
    struct RawBatch<'a> {
        #[serde(borrow)]
        v: Option<&'a RawValue>,
        #[serde(borrow)]
        user: Option<&'a RawValue>,
        #[serde(borrow)]
        client: Option<&'a RawValue>,
        #[serde(borrow)]
        requests: Option<&'a RawValue>,
    }

    let raw: RawBatch<'_> = object(text)?;
    // The version comes first: what else is in a batch of another version may have another form.
    let version: u32 = part("v", raw.v)?;
    if version != VERSION {
        return Err(ErrorBody::new(
            ErrorCode::ProtocolMismatch,
            format!("this server speaks version {VERSION} of the protocol, not {version}"),
        ));
    }
    let requests: Vec<&RawValue> = part("requests", raw.requests)?;
    if requests.len() > BATCH_REQUESTS {
        return Err(ErrorBody {
            field: Some("requests".to_owned()),
            ..ErrorBody::new(
                ErrorCode::TooLarge,
                format!("requests: has {} entries, and may have {BATCH_REQUESTS} at most", requests.len()),
            )
        });
    }
    let read = requests.into_iter().enumerate().map(|(index, text)| {
        let named = object_part::<RawFrame<'_>>(text).and_then(|raw| Ok((part("id", raw.id)?, raw)));
        let (id, raw) = named.map_err(|error| error.within(&format!("requests[{index}]")))?;
        Ok(request(id, &raw).map_err(|error| (id, error)))
    });
    Ok(ReadBatch {
        user: part("user", raw.user)?,
        client: part("client", raw.client)?,
        requests: read.collect::<Result<_, ErrorBody>>()?,
    })
}

/// The types of frames that [`server_frame`] reads.
pub const SERVER_FRAMES: &[&str] =
    &["welcome", "authenticated", "result", "reset", "events", "ended", "error", "ping", "pong"];

/// Reads one frame of a server; `None` for a type that this version does not know, which a client ignores.
///
/// # Errors
/// What is wrong with the frame.
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
    hello.token.as_deref().map_or(Ok(()), |token| limits::check_token("token", token))?;
    hello.sdk.as_deref().map_or(Ok(()), |sdk| limits::check_sdk("sdk", sdk))?;
    Ok(hello)
}

fn token(raw: &RawFrame<'_>) -> Result<String, ErrorBody> {
    let token: String = part("token", raw.token)?;
    limits::check_token("token", &token)?;
    Ok(token)
}

fn request(id: RequestId, raw: &RawFrame<'_>) -> Result<Request, ErrorBody> {
    let name: String = part("op", raw.op)?;
    let key: Option<IdempotencyKey> = raw.key.map(|key| part("key", Some(key))).transpose()?;
    Ok(Request { id, key, op: op(&name, raw.params)? })
}

/// Reads the parameters of the op of that name.
fn op(name: &str, params: Option<&RawValue>) -> Result<Op, ErrorBody> {
    #[derive(Deserialize)]
    struct Params<'a> {
        #[serde(borrow)]
        user: Option<&'a RawValue>,
        #[serde(borrow)]
        conversation: Option<&'a RawValue>,
        #[serde(borrow)]
        data: Option<&'a RawValue>,
    }
    /// The fields of `data` are what the caller wrote, so an error names them without the wrapper.
    fn data<D: DeserializeOwned>(params: &Params<'_>) -> Result<D, ErrorBody> {
        let raw = params.data.ok_or_else(|| ErrorBody::invalid("data", "is missing"))?;
        object_part(raw).map_err(|error| error.of_field("data"))
    }
    let params: Params<'_> = match params {
        Some(raw) => object_part(raw).map_err(|error| error.of_field("params"))?,
        None => Params { user: None, conversation: None, data: None },
    };
    match name {
        "user.get" => Ok(Op::UserGet { user: part("user", params.user)? }),
        "user.set" => Ok(Op::UserSet { user: part("user", params.user)?, data: data(&params)? }),
        "user.createIfNotExists" => {
            Ok(Op::UserCreateIfNotExists { user: part("user", params.user)?, data: data(&params)? })
        }
        "conversation.get" => Ok(Op::ConversationGet {
            conversation: part::<ConversationId>("conversation", params.conversation)?,
        }),
        other => Err(unknown("the operation", other)),
    }
}

fn subscribe(id: RequestId, raw: &RawFrame<'_>) -> Result<ClientFrame, ErrorBody> {
    fn optional<T: DeserializeOwned>(field: &str, raw: Option<&RawValue>) -> Result<Option<T>, ErrorBody> {
        raw.map(|raw| object_part(raw).map_err(|error| error.within(field))).transpose()
    }
    let topic = topic(raw.topic)?;
    let window: Option<Window> = optional("window", raw.window)?;
    let from: Option<Position> = optional("from", raw.from)?;
    Ok(ClientFrame::Subscribe { id, topic, window, from })
}

/// Reads a topic. A kind that is not known is no mistake of the caller's: a newer client may ask an older server.
fn topic(raw: Option<&RawValue>) -> Result<Topic, ErrorBody> {
    #[derive(Deserialize)]
    struct RawTopic<'a> {
        kind: String,
        #[serde(borrow)]
        id: Option<&'a RawValue>,
    }
    let raw = raw.ok_or_else(|| ErrorBody::invalid("topic", "is missing"))?;
    let RawTopic { kind, id } = object_part(raw).map_err(|error| error.within("topic"))?;
    match kind.as_str() {
        "user" => part("topic.id", id).map(Topic::User),
        "conversation" => part("topic.id", id).map(Topic::Conversation),
        "conversationList" => part("topic.id", id).map(Topic::ConversationList),
        other => Err(unknown("topics of kind", other)),
    }
}

fn not_a_frame(error: ErrorBody) -> DecodeError {
    DecodeError::NotAFrame(ErrorBody { code: ErrorCode::InvalidFrame, ..error })
}

/// What a client named is quoted, escaped and cut short, so that it is fit to stand in a message.
fn unknown(what: &str, name: &str) -> ErrorBody {
    let name: String = name.chars().take(64).collect();
    ErrorBody::new(ErrorCode::Unsupported, format!("this server does not know {what} {name:?}"))
}
