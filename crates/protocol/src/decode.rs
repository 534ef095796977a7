//! Reading what a client sent. Nothing a client sends may panic here or be taken for something it is not; each
//! failure says what is wrong, with which field, and for which request, so that it can be answered.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::error::{ErrorBody, ErrorCode};
use crate::frames::{ClientFrame, Hello, Request};
use crate::ids::{ClientId, ConversationId, IdempotencyKey, RequestId, UserId};
use crate::limits::BATCH_REQUESTS;
use crate::ops::Op;
use crate::topic::{Position, Topic, Window};
use crate::version::VERSION;

/// What a text could not be read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Not a frame at all: the connection is closed with `InvalidFrame`.
    NotAFrame(ErrorBody),
    /// A frame of a type this version does not know: answered by an `error` frame.
    UnknownFrame(ErrorBody),
    /// A request or subscription that can be named but not carried out: answered under its id.
    BadRequest {
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
    #[serde(borrow, default)]
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

#[derive(Deserialize)]
struct RawBatch<'a> {
    v: u32,
    user: UserId,
    client: ClientId,
    #[serde(borrow)]
    requests: Vec<&'a RawValue>,
}

/// Reads one frame of a client.
///
/// # Errors
/// [`DecodeError`], which says whether the connection can go on.
pub fn client_frame(text: &str) -> Result<ClientFrame, DecodeError> {
    let raw: RawFrame<'_> = serde_json::from_str(text).map_err(not_a_frame)?;
    let kind: String = part("t", raw.t).map_err(DecodeError::NotAFrame)?;
    match kind.as_str() {
        "hello" => {
            let hello: Hello = typed(text).map_err(DecodeError::NotAFrame)?;
            Ok(ClientFrame::Hello(hello))
        }
        "request" => request(&raw).map(ClientFrame::Request),
        "auth" => Ok(ClientFrame::Auth { token: part("token", raw.token).map_err(DecodeError::NotAFrame)? }),
        "subscribe" => {
            let id = request_id(&raw)?;
            let parts = || -> Result<ClientFrame, ErrorBody> {
                let topic: Topic = part("topic", raw.topic)?;
                let window: Option<Window> = optional("window", raw.window)?;
                let from: Option<Position> = optional("from", raw.from)?;
                Ok(ClientFrame::Subscribe { id, topic, window, from })
            };
            parts().map_err(|error| DecodeError::BadRequest { id, error })
        }
        "unsubscribe" => Ok(ClientFrame::Unsubscribe { id: request_id(&raw)? }),
        "ping" => Ok(ClientFrame::Ping),
        other => Err(DecodeError::UnknownFrame(ErrorBody::new(
            ErrorCode::Unsupported,
            format!("this server does not know frames of type {}", quoted(other)),
        ))),
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
/// take the others with it.
///
/// # Errors
/// What is wrong with the envelope.
pub fn batch(text: &str) -> Result<ReadBatch, ErrorBody> {
    let raw: RawBatch<'_> = typed(text)?;
    if raw.v != VERSION {
        return Err(ErrorBody::new(
            ErrorCode::ProtocolMismatch,
            format!("this server speaks version {VERSION} of the protocol, not {}", raw.v),
        ));
    }
    if raw.requests.len() > BATCH_REQUESTS {
        return Err(ErrorBody::new(
            ErrorCode::TooLarge,
            format!("requests: has {} entries, and may have {BATCH_REQUESTS} at most", raw.requests.len()),
        ));
    }
    let requests = raw.requests.into_iter().map(|text| {
        let frame = serde_json::from_str::<RawFrame<'_>>(text.get()).map_err(not_a_frame);
        match frame.and_then(|raw| request(&raw)) {
            Ok(request) => Ok(Ok(request)),
            Err(DecodeError::BadRequest { id, error }) => Ok(Err((id, error))),
            Err(DecodeError::NotAFrame(error) | DecodeError::UnknownFrame(error)) => {
                Err(error.within("requests"))
            }
        }
    });
    Ok(ReadBatch { user: raw.user, client: raw.client, requests: requests.collect::<Result<_, _>>()? })
}

/// Reads a JSON text as a value of a type, with the path of the wrong field in the error.
///
/// # Errors
/// `invalid_frame` for what is no JSON, `invalid_argument` with the field for what has the wrong form.
pub fn typed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ErrorBody> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let problem = error.into_inner();
        if problem.is_data() { at_path(&path, &problem) } else { not_json(&problem) }
    })?;
    reader.end().map_err(|problem| not_json(&problem))?;
    Ok(value)
}

fn request(raw: &RawFrame<'_>) -> Result<Request, DecodeError> {
    let id = request_id(raw)?;
    let bad = |error| DecodeError::BadRequest { id, error };
    let name: String = part("op", raw.op).map_err(bad)?;
    let params = raw.params.map_or("{}", RawValue::get);
    let key: Option<IdempotencyKey> = optional("key", raw.key).map_err(bad)?;
    let op = op(&name, params).map_err(bad)?;
    Ok(Request { id, key, op })
}

/// Reads the parameters of the op of that name.
fn op(name: &str, params: &str) -> Result<Op, ErrorBody> {
    #[derive(Deserialize)]
    struct User {
        user: UserId,
    }
    #[derive(Deserialize)]
    struct UserWith<D> {
        user: UserId,
        data: D,
    }
    #[derive(Deserialize)]
    struct Conversation {
        conversation: ConversationId,
    }
    /// The fields of `data` are what the caller wrote, so an error names them without the wrapper.
    fn data<D: DeserializeOwned>(params: &str) -> Result<UserWith<D>, ErrorBody> {
        typed(params).map_err(|error| error.unwrapped("data"))
    }
    match name {
        "user.get" => typed(params).map(|User { user }| Op::UserGet { user }),
        "user.set" => data(params).map(|UserWith { user, data }| Op::UserSet { user, data }),
        "user.createIfNotExists" => {
            data(params).map(|UserWith { user, data }| Op::UserCreateIfNotExists { user, data })
        }
        "conversation.get" => {
            typed(params).map(|Conversation { conversation }| Op::ConversationGet { conversation })
        }
        other => Err(ErrorBody::new(
            ErrorCode::Unsupported,
            format!("this server does not know the operation {}", quoted(other)),
        )),
    }
}

fn request_id(raw: &RawFrame<'_>) -> Result<RequestId, DecodeError> {
    part("id", raw.id).map_err(DecodeError::NotAFrame)
}

/// Reads a part that must be there.
fn part<T: DeserializeOwned>(field: &str, raw: Option<&RawValue>) -> Result<T, ErrorBody> {
    let raw = raw.ok_or_else(|| invalid_frame(format!("{field}: is missing from the frame")))?;
    typed(raw.get()).map_err(|error| error.of_field(field))
}

/// Reads a part that may be absent or null.
fn optional<T: DeserializeOwned>(field: &str, raw: Option<&RawValue>) -> Result<Option<T>, ErrorBody> {
    raw.map_or(Ok(None), |raw| typed(raw.get()).map_err(|error| error.of_field(field)))
}

fn not_a_frame(problem: serde_json::Error) -> DecodeError {
    DecodeError::NotAFrame(if problem.is_data() {
        invalid_frame(format!("the frame must be a JSON object: {problem}"))
    } else {
        not_json(&problem)
    })
}

fn not_json(problem: &serde_json::Error) -> ErrorBody {
    invalid_frame(format!("not valid JSON: {problem}"))
}

fn invalid_frame(message: String) -> ErrorBody {
    ErrorBody::new(ErrorCode::InvalidFrame, message)
}

/// serde's error with the path where it stands; its own line and column mean nothing to the caller.
fn at_path(path: &str, problem: &serde_json::Error) -> ErrorBody {
    let text = problem.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if path == "." {
        ErrorBody::new(ErrorCode::InvalidArgument, text)
    } else {
        ErrorBody::invalid(path, text)
    }
}

/// A name a client sent, fit to stand in a message: quoted, escaped and short.
fn quoted(name: &str) -> String {
    format!("{:?}", name.chars().take(64).collect::<String>())
}
