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
use crate::frames::{ClientFrame, Hello, Request, ServerFrame, Subscribe};
use crate::ids::{ClientId, ConversationId, IdempotencyKey, MessageId, RequestId, UserId};
use crate::limits::{self, BATCH_REQUESTS};
use crate::ops::Op;
use crate::topic::{Cursor, Position, Topic, Window};
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
#[derive(Clone, Debug, PartialEq)]
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
    &["welcome", "authenticated", "result", "reset", "events", "update", "ended", "error", "ping", "pong"];

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

/// The parameters of ops, each left raw.
#[derive(Default, Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    user: Option<&'a RawValue>,
    #[serde(borrow)]
    conversation: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    emoji: Option<&'a RawValue>,
    #[serde(borrow)]
    topic: Option<&'a RawValue>,
    #[serde(borrow)]
    after: Option<&'a RawValue>,
    #[serde(borrow)]
    limit: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

impl Params<'_> {
    fn user(&self) -> Result<UserId, ErrorBody> {
        part("user", self.user)
    }

    fn conversation(&self) -> Result<ConversationId, ErrorBody> {
        part("conversation", self.conversation)
    }

    fn message(&self) -> Result<MessageId, ErrorBody> {
        part("message", self.message)
    }

    fn emoji(&self) -> Result<String, ErrorBody> {
        part("emoji", self.emoji)
    }

    /// The fields of `data` are what the caller wrote, so an error names them without the wrapper.
    fn data<D: DeserializeOwned>(&self) -> Result<D, ErrorBody> {
        let raw = self.data.ok_or_else(|| ErrorBody::invalid("data", "is missing"))?;
        object_part(raw).map_err(|error| error.of_field("data"))
    }

    /// Data that may be left out, where all of its fields may.
    fn data_or_none<D: DeserializeOwned + Default>(&self) -> Result<D, ErrorBody> {
        if self.data.is_some() { self.data() } else { Ok(D::default()) }
    }
}

/// Reads the parameters of the op of that name.
fn op(name: &str, params: Option<&RawValue>) -> Result<Op, ErrorBody> {
    let p: Params<'_> = match params {
        Some(raw) => object_part(raw).map_err(|error| error.of_field("params"))?,
        None => Params::default(),
    };
    Ok(match name {
        "user.get" => Op::UserGet { user: p.user()? },
        "user.set" => Op::UserSet { user: p.user()?, data: p.data()? },
        "user.createIfNotExists" => Op::UserCreateIfNotExists { user: p.user()?, data: p.data()? },
        "conversation.get" => Op::ConversationGet { conversation: p.conversation()? },
        "conversation.set" => Op::ConversationSet { conversation: p.conversation()?, data: p.data()? },
        "conversation.createIfNotExists" => {
            Op::ConversationCreateIfNotExists { conversation: p.conversation()?, data: p.data_or_none()? }
        }
        "conversation.markAsRead" => Op::ConversationMarkAsRead { conversation: p.conversation()? },
        "conversation.markAsUnread" => Op::ConversationMarkAsUnread { conversation: p.conversation()? },
        "conversation.markAsTyping" => Op::ConversationMarkAsTyping { conversation: p.conversation()? },
        "participant.get" => Op::ParticipantGet { conversation: p.conversation()?, user: p.user()? },
        "participant.set" => {
            Op::ParticipantSet { conversation: p.conversation()?, user: p.user()?, data: p.data()? }
        }
        "participant.edit" => {
            Op::ParticipantEdit { conversation: p.conversation()?, user: p.user()?, data: p.data()? }
        }
        "participant.createIfNotExists" => Op::ParticipantCreateIfNotExists {
            conversation: p.conversation()?,
            user: p.user()?,
            data: p.data_or_none()?,
        },
        "participant.delete" => Op::ParticipantDelete { conversation: p.conversation()?, user: p.user()? },
        "message.get" => Op::MessageGet { conversation: p.conversation()?, message: p.message()? },
        "message.send" => Op::MessageSend { conversation: p.conversation()?, data: p.data()? },
        "message.edit" => {
            Op::MessageEdit { conversation: p.conversation()?, message: p.message()?, data: p.data()? }
        }
        "message.delete" => Op::MessageDelete { conversation: p.conversation()?, message: p.message()? },
        "reaction.add" => {
            Op::ReactionAdd { conversation: p.conversation()?, message: p.message()?, emoji: p.emoji()? }
        }
        "reaction.remove" => {
            Op::ReactionRemove { conversation: p.conversation()?, message: p.message()?, emoji: p.emoji()? }
        }
        "reaction.list" => {
            Op::ReactionList { conversation: p.conversation()?, message: p.message()?, emoji: p.emoji()? }
        }
        "more" => Op::More {
            topic: topic(p.topic)?,
            after: part::<Cursor>("after", p.after)?,
            limit: part("limit", p.limit)?,
        },
        other => return Err(unknown("the operation", other)),
    })
}

fn subscribe(id: RequestId, raw: &RawFrame<'_>) -> Result<ClientFrame, ErrorBody> {
    fn optional<T: DeserializeOwned>(field: &str, raw: Option<&RawValue>) -> Result<Option<T>, ErrorBody> {
        raw.map(|raw| object_part(raw).map_err(|error| error.within(field))).transpose()
    }
    let topic = topic(raw.topic)?;
    let window: Option<Window> = optional("window", raw.window)?;
    let from: Option<Position> = optional("from", raw.from)?;
    topic.check(window)?;
    Ok(ClientFrame::Subscribe(Subscribe { id, topic, window, from }))
}

/// Reads a topic. A kind that is not known is no mistake of the caller's: a newer client may ask an older server.
fn topic(raw: Option<&RawValue>) -> Result<Topic, ErrorBody> {
    #[derive(Deserialize)]
    struct RawTopic<'a> {
        kind: String,
        #[serde(borrow)]
        id: Option<&'a RawValue>,
        #[serde(borrow)]
        user: Option<&'a RawValue>,
        #[serde(borrow)]
        message: Option<&'a RawValue>,
        #[serde(borrow)]
        emoji: Option<&'a RawValue>,
        #[serde(borrow)]
        filter: Option<&'a RawValue>,
    }
    let raw = raw.ok_or_else(|| ErrorBody::invalid("topic", "is missing"))?;
    let RawTopic { kind, id, user, message, emoji, filter } =
        object_part(raw).map_err(|error| error.within("topic"))?;
    Ok(match kind.as_str() {
        "user" => Topic::User { id: part("topic.id", id)? },
        "online" => Topic::Online { id: part("topic.id", id)? },
        "conversation" => Topic::Conversation { id: part("topic.id", id)? },
        // What the caller wrote, and so named as the caller knows it.
        "conversations" => {
            Topic::Conversations { filter: filter.map(|raw| part("filter", Some(raw))).transpose()? }
        }
        "messages" => Topic::Messages { id: part("topic.id", id)? },
        "participants" => Topic::Participants { id: part("topic.id", id)? },
        "participant" => Topic::Participant { id: part("topic.id", id)?, user: part("topic.user", user)? },
        "typing" => Topic::Typing { id: part("topic.id", id)? },
        "reactions" => Topic::Reactions {
            id: part("topic.id", id)?,
            message: part("topic.message", message)?,
            emoji: part("topic.emoji", emoji)?,
        },
        other => return Err(unknown("topics of kind", other)),
    })
}

fn not_a_frame(error: ErrorBody) -> DecodeError {
    DecodeError::NotAFrame(ErrorBody { code: ErrorCode::InvalidFrame, ..error })
}

/// What a client named is quoted, escaped and cut short, so that it is fit to stand in a message.
fn unknown(what: &str, name: &str) -> ErrorBody {
    let name: String = name.chars().take(64).collect();
    ErrorBody::new(ErrorCode::Unsupported, format!("this server does not know {what} {name:?}"))
}
