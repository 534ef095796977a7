//! Conversion of frames between text and types. The JS engine parses and prints; the bodies stay JavaScript
//! values.

use causerie_client::HttpFailure;
use causerie_protocol::frames::{Hello, Subscribe, Welcome};
use causerie_protocol::http::BatchResults;
use causerie_protocol::limits::FRAME_BYTES;
use causerie_protocol::topic::{Position, Window};
use causerie_protocol::version::VERSION;
use causerie_protocol::{
    ClientId, Entities, ErrorBody, ErrorCode, IdempotencyKey, Outcome, Request, ServerFrame, UserId,
};
use js_sys::{Array, JSON, JsString};
use wasm_bindgen::prelude::*;

use crate::interop::fields::{FrameType, Name, frame_type, get, get_number};
use crate::interop::operation::{Operation, Topic, extended, object};
use crate::snapshots::JsBody;

#[wasm_bindgen]
extern "C" {
    /// The function of `js_sys` takes only Rust strings.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_text(text: &JsString) -> Result<JsValue, JsValue>;
}

/// Returns the frame in a text; `None` if the text is not a frame or of a type that this version does not
/// know.
pub(crate) fn decode(text: &JsString) -> Option<ServerFrame<JsBody>> {
    let raw = &parse(text)?;
    Some(match frame_type(raw) {
        FrameType::Result => ServerFrame::Result(outcome(raw)?),
        FrameType::Events => ServerFrame::Events {
            id: as_u32(raw, Name::Id)?,
            since: as_integer(raw, Name::Since),
            seq: as_integer(raw, Name::Seq),
            changes: JsBody::list(get(raw, Name::Changes)),
            entities: entities(raw),
        },
        FrameType::Reset => ServerFrame::Reset {
            id: as_u32(raw, Name::Id)?,
            seq: as_integer(raw, Name::Seq),
            value: JsBody::new(get(raw, Name::Value)),
            entities: entities(raw),
        },
        FrameType::Update => ServerFrame::Update { entities: entities(raw) },
        FrameType::Ended => {
            ServerFrame::Ended { id: as_u32(raw, Name::Id)?, error: error_body(&error(raw)?) }
        }
        FrameType::Welcome => ServerFrame::Welcome(Welcome {
            protocol: as_u32(raw, Name::Protocol)?,
            epoch: get(raw, Name::Epoch).as_string()?,
            time: as_integer(raw, Name::Time)?.cast_signed(),
            ping_interval: as_u32(raw, Name::PingInterval)?,
            token_expires_in: as_integer(raw, Name::TokenExpiresIn),
        }),
        FrameType::Authenticated => {
            ServerFrame::Authenticated { token_expires_in: as_integer(raw, Name::TokenExpiresIn) }
        }
        FrameType::Error => ServerFrame::Error { error: error_body(&error(raw)?) },
        FrameType::Ping => ServerFrame::Ping,
        FrameType::Pong => ServerFrame::Pong,
        FrameType::Unknown => return None,
    })
}

/// Returns the results in a response of the HTTP fallback.
pub(crate) fn decode_response(status: u16, text: &JsString) -> Result<BatchResults<JsBody>, HttpFailure> {
    let unknown = HttpFailure::Status(status);
    let raw = &parse(text).ok_or(unknown.clone())?;
    if status != 200 {
        return Err(error(raw).map_or(unknown, |error| HttpFailure::Rejected(error_body(&error))));
    }
    let results = get(raw, Name::Results).dyn_into::<Array>().map_err(|_| unknown)?;
    let mut outcomes = Vec::new();
    for raw in JsBody::list(results.into()) {
        outcomes.extend(outcome(raw.as_js()));
    }
    Ok(BatchResults { results: outcomes, token_expires_in: as_integer(raw, Name::TokenExpiresIn) })
}

/// Returns the text of a frame of this type with these fields.
fn frame(kind: &str, fields: &[(&str, &JsValue)]) -> JsString {
    stringify(&extended(&object(&[("t", &kind.into())]), fields))
}

/// Returns the text of a `hello` frame.
pub(crate) fn hello(hello: &Hello) -> JsString {
    frame(
        "hello",
        &[
            ("user", &hello.user.as_str().into()),
            ("client", &hello.client.as_str().into()),
            ("token", &hello.token.as_deref().into()),
            ("sdk", &hello.sdk.as_deref().into()),
            ("keepsBodies", &hello.keeps_bodies.into()),
            ("generation", &hello.generation.into()),
        ],
    )
}

/// Returns the text of a `request` frame.
pub(crate) fn request(request: &Request<Operation>) -> JsString {
    stringify(&request_object(request))
}

/// Returns the text of a `subscribe` frame.
pub(crate) fn subscribe(subscribe: &Subscribe<Topic>) -> JsString {
    let (mut window, mut from) = (JsValue::UNDEFINED, JsValue::UNDEFINED);
    if let Some(Window { limit }) = subscribe.window {
        window = object(&[("limit", &limit.into())]);
    }
    if let Some(Position { epoch, seq }) = &subscribe.from {
        // A double represents every integer up to 2^53: one per microsecond for 285 years.
        #[allow(clippy::cast_precision_loss, reason = "see above")]
        let seq = *seq as f64;
        from = object(&[("epoch", &epoch.as_str().into()), ("seq", &seq.into())]);
    }
    let id = subscribe.id.into();
    let topic = &subscribe.topic.value;
    frame("subscribe", &[("id", &id), ("topic", topic), ("window", &window), ("from", &from)])
}

/// Returns the text of an `unsubscribe` frame.
pub(crate) fn unsubscribe(id: u32) -> JsString {
    frame("unsubscribe", &[("id", &id.into())])
}

/// Returns the text of an `auth` frame, with a new token.
pub(crate) fn auth(token: &str) -> JsString {
    frame("auth", &[("token", &token.into())])
}

/// Returns the text of a `ping` frame.
pub(crate) fn ping() -> JsString {
    frame("ping", &[])
}

/// Returns the body of a call of the HTTP fallback.
pub(crate) fn batch(
    user: &UserId,
    client: &ClientId,
    generation: u32,
    requests: &[Request<Operation>],
) -> JsString {
    let list = Array::new();
    for request in requests {
        list.push(&request_object(request));
    }
    stringify(&object(&[
        ("v", &VERSION.into()),
        ("user", &user.as_str().into()),
        ("client", &client.as_str().into()),
        ("generation", &generation.into()),
        ("requests", &list),
    ]))
}

fn request_object(request: &Request<Operation>) -> JsValue {
    object(&[
        ("t", &"request".into()),
        ("id", &request.id.into()),
        ("key", &request.key.as_ref().map(IdempotencyKey::as_str).into()),
        ("op", &request.op.name.as_str().into()),
        ("params", &request.op.params),
    ])
}

fn stringify(value: &JsValue) -> JsString {
    // It fails only for cycles and big integers; a frame consists of strings and copies of plain data.
    JSON::stringify(value).unwrap_or_default()
}

/// Returns whether a text is short enough for a frame. A UTF-16 unit takes at most three bytes in UTF-8.
pub(crate) fn fits(text: &JsString) -> bool {
    let units = text.length() as usize;
    units * 3 <= FRAME_BYTES || (units <= FRAME_BYTES && String::from(text).len() <= FRAME_BYTES)
}

fn parse(text: &JsString) -> Option<JsValue> {
    parse_text(text).ok().filter(JsValue::is_object)
}

fn outcome(raw: &JsValue) -> Option<Outcome<JsBody>> {
    let id = as_u32(raw, Name::Id)?;
    if let Some(error) = error(raw) {
        return Some(Outcome::failed(id, error_body(&error)));
    }
    Some(Outcome::ok(id, JsBody::new(get(raw, Name::Value)), entities(raw)))
}

fn entities(raw: &JsValue) -> Entities<JsBody> {
    let entities = get(raw, Name::Entities);
    if !entities.is_object() {
        return Entities::none();
    }
    let list = |field| JsBody::list(get(&entities, field));
    Entities {
        users: list(Name::Users),
        conversations: list(Name::Conversations),
        messages: list(Name::Messages),
    }
}

fn error(raw: &JsValue) -> Option<JsValue> {
    Some(get(raw, Name::Error)).filter(JsValue::is_object)
}

fn error_body(raw: &JsValue) -> ErrorBody {
    ErrorBody {
        code: ErrorCode::from_name(&get(raw, Name::Code).as_string().unwrap_or_default()),
        message: get(raw, Name::Message).as_string().unwrap_or_default(),
        field: get(raw, Name::Field).as_string(),
        retry_after: as_integer(raw, Name::RetryAfter).and_then(|after| after.try_into().ok()),
    }
}

fn as_u32(object: &JsValue, name: Name) -> Option<u32> {
    as_integer(object, name)?.try_into().ok()
}

/// Returns a number in a field that is not negative, without its fraction.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked before")]
fn as_integer(object: &JsValue, name: Name) -> Option<u64> {
    let number = get_number(object, name);
    (0.0..9e15).contains(&number).then_some(number as u64)
}
