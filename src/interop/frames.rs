//! Conversion of frames between text and types. The JS engine parses and prints; Rust reads the envelope
//! through getters and leaves the bodies as JavaScript values.

use causerie_client::HttpFailure;
use causerie_protocol::frames::{Hello, Subscribe, Welcome};
use causerie_protocol::http::BatchResults;
use causerie_protocol::limits::FRAME_BYTES;
use causerie_protocol::topic::Position;
use causerie_protocol::version::VERSION;
use causerie_protocol::{ClientId, Entities, ErrorBody, ErrorCode, Outcome, Request, ServerFrame, UserId};
use js_sys::{Array, JSON, JsString, Object};
use wasm_bindgen::prelude::*;

use super::operation::{Operation, object};

#[wasm_bindgen]
extern "C" {
    /// A value from the server, with the protocol's names. A typed getter returns `None` if the property is
    /// absent or of another type.
    type Raw;

    #[wasm_bindgen(method, getter, structural)]
    fn t(this: &Raw) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    fn id(this: &Raw) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn seq(this: &Raw) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn since(this: &Raw) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn epoch(this: &Raw) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn results(this: &Raw) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn error(this: &Raw) -> Option<Raw>;
    #[wasm_bindgen(method, getter, structural)]
    fn code(this: &Raw) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn message(this: &Raw) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn field(this: &Raw) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = retryAfter)]
    fn retry_after(this: &Raw) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = tokenExpiresIn)]
    fn token_expires_in(this: &Raw) -> JsValue;

    /// The function of `js_sys` takes only Rust strings.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_text(text: &JsString) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, setter, structural)]
    fn set_t(this: &Raw, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_id(this: &Raw, value: u32);
    #[wasm_bindgen(method, setter, structural)]
    fn set_v(this: &Raw, value: u32);
    #[wasm_bindgen(method, setter, structural)]
    fn set_key(this: &Raw, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_op(this: &Raw, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_params(this: &Raw, value: &JsValue);
    #[wasm_bindgen(method, setter, structural)]
    fn set_topic(this: &Raw, value: &JsValue);
    #[wasm_bindgen(method, setter, structural)]
    fn set_window(this: &Raw, value: &JsValue);
    #[wasm_bindgen(method, setter, structural)]
    fn set_from(this: &Raw, value: &JsValue);
    #[wasm_bindgen(method, setter, structural)]
    fn set_user(this: &Raw, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_client(this: &Raw, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_token(this: &Raw, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_sdk(this: &Raw, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_requests(this: &Raw, value: &Array);
}

/// Returns the frame in a text; `None` if the text is not a frame or of a type that this version does not
/// know.
pub(crate) fn decode(text: &JsString) -> Option<ServerFrame<JsValue>> {
    let raw = parse(text)?;
    Some(match raw.t()?.as_str() {
        "result" => ServerFrame::Result(outcome(&raw)?),
        // JavaScript reads the frames of subscriptions; the whole frame takes the place of one of its parts.
        "events" => ServerFrame::Events {
            id: as_u32(&raw.id())?,
            since: as_integer(&raw.since()),
            seq: as_integer(&raw.seq()),
            changes: vec![raw.into()],
            entities: Entities::none(),
        },
        "reset" => ServerFrame::Reset {
            id: as_u32(&raw.id())?,
            seq: as_integer(&raw.seq()),
            value: Some(raw.into()),
            entities: Entities::none(),
        },
        "update" => {
            ServerFrame::Update { entities: Entities { users: vec![raw.into()], ..Entities::none() } }
        }
        "ended" => ServerFrame::Ended { id: as_u32(&raw.id())?, error: error_body(&raw.error()?) },
        "welcome" => ServerFrame::Welcome(Welcome {
            protocol: VERSION,
            epoch: raw.epoch().as_string().unwrap_or_default(),
            time: 0,
            ping_interval: causerie_protocol::limits::PING_INTERVAL_MS,
            token_expires_in: as_integer(&raw.token_expires_in()),
        }),
        "authenticated" => {
            ServerFrame::Authenticated { token_expires_in: as_integer(&raw.token_expires_in()) }
        }
        "error" => ServerFrame::Error { error: error_body(&raw.error()?) },
        "ping" => ServerFrame::Ping,
        "pong" => ServerFrame::Pong,
        _ => return None,
    })
}

/// Returns the results in a response of the HTTP fallback.
pub(crate) fn decode_response(status: u16, text: &JsString) -> Result<BatchResults<JsValue>, HttpFailure> {
    let unknown = HttpFailure::Status(status);
    let raw = parse(text).ok_or(unknown.clone())?;
    if status != 200 {
        return Err(raw.error().map_or(unknown, |error| HttpFailure::Rejected(error_body(&error))));
    }
    let results = raw.results().dyn_into::<Array>().map_err(|_| unknown)?;
    let results = results.iter().filter_map(|raw| outcome(&raw.unchecked_into())).collect();
    Ok(BatchResults { results, token_expires_in: as_integer(&raw.token_expires_in()) })
}

/// Returns a frame of this type to send, as the JavaScript object that is printed.
fn frame(kind: &str) -> Raw {
    let raw: Raw = Object::new().unchecked_into();
    raw.set_t(kind);
    raw
}

/// Returns the text of a `hello` frame.
pub(crate) fn hello(hello: &Hello) -> JsString {
    let raw = frame("hello");
    raw.set_user(hello.user.as_str());
    raw.set_client(hello.client.as_str());
    if let Some(token) = &hello.token {
        raw.set_token(token);
    }
    if let Some(sdk) = &hello.sdk {
        raw.set_sdk(sdk);
    }
    stringify(&raw)
}

/// Returns the text of a `request` frame.
pub(crate) fn request(request: &Request<Operation>) -> JsString {
    stringify(&request_object(request))
}

/// Returns the text of a `subscribe` frame.
pub(crate) fn subscribe(subscribe: &Subscribe<JsValue>) -> JsString {
    let raw = frame("subscribe");
    raw.set_id(subscribe.id);
    raw.set_topic(&subscribe.topic);
    if let Some(window) = subscribe.window {
        raw.set_window(&object(&[("limit", &window.limit.into())]));
    }
    if let Some(Position { epoch, seq }) = &subscribe.from {
        // A double represents every integer up to 2^53: one per microsecond for 285 years.
        #[allow(clippy::cast_precision_loss, reason = "see above")]
        let seq = *seq as f64;
        raw.set_from(&object(&[("epoch", &epoch.as_str().into()), ("seq", &seq.into())]));
    }
    stringify(&raw)
}

/// Returns the text of an `unsubscribe` frame.
pub(crate) fn unsubscribe(id: u32) -> JsString {
    let raw = frame("unsubscribe");
    raw.set_id(id);
    stringify(&raw)
}

/// Replaces the id in a parsed frame by the one with which the driver identifies the subscription.
pub(crate) fn set_id(frame: &JsValue, id: u32) {
    frame.unchecked_ref::<Raw>().set_id(id);
}

/// Returns the text of an `auth` frame, with a new token.
pub(crate) fn auth(token: &str) -> JsString {
    let raw = frame("auth");
    raw.set_token(token);
    stringify(&raw)
}

/// Returns the text of a `ping` frame.
pub(crate) fn ping() -> JsString {
    stringify(&frame("ping"))
}

/// Returns the body of a call of the HTTP fallback.
pub(crate) fn batch(user: &UserId, client: &ClientId, requests: &[Request<Operation>]) -> JsString {
    let raw: Raw = Object::new().unchecked_into();
    raw.set_v(VERSION);
    raw.set_user(user.as_str());
    raw.set_client(client.as_str());
    raw.set_requests(&requests.iter().map(request_object).collect());
    stringify(&raw)
}

fn request_object(request: &Request<Operation>) -> Raw {
    let raw = frame("request");
    raw.set_id(request.id);
    if let Some(key) = &request.key {
        raw.set_key(key.as_str());
    }
    raw.set_op(request.op.name.as_str());
    raw.set_params(&request.op.params);
    raw
}

fn stringify(raw: &Raw) -> JsString {
    // It fails only for cycles and big integers; a frame consists of strings and copies of plain data.
    JSON::stringify(raw).unwrap_or_default()
}

/// Returns whether a text is short enough for a frame. A UTF-16 unit takes at most three bytes in UTF-8.
pub(crate) fn fits(text: &JsString) -> bool {
    let units = text.length() as usize;
    units * 3 <= FRAME_BYTES || (units <= FRAME_BYTES && String::from(text).len() <= FRAME_BYTES)
}

fn parse(text: &JsString) -> Option<Raw> {
    let value = parse_text(text).ok()?;
    value.is_object().then(|| value.unchecked_into())
}

fn outcome(raw: &Raw) -> Option<Outcome<JsValue>> {
    let id = as_u32(&raw.id())?;
    if let Some(error) = raw.error() {
        return Some(Outcome::failed(id, error_body(&error)));
    }
    // The value and the bodies that it names stay in one JavaScript object until a snapshot is made of them.
    Some(Outcome::ok(id, Some(raw.into()), Entities::none()))
}

fn error_body(raw: &Raw) -> ErrorBody {
    ErrorBody {
        code: ErrorCode::from_name(&raw.code().as_string().unwrap_or_default()),
        message: raw.message().as_string().unwrap_or_default(),
        field: raw.field().as_string(),
        retry_after: as_integer(&raw.retry_after()).and_then(|after| after.try_into().ok()),
    }
}

fn as_u32(value: &JsValue) -> Option<u32> {
    as_integer(value)?.try_into().ok()
}

/// Returns a number that is not negative, without its fraction.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked before")]
fn as_integer(value: &JsValue) -> Option<u64> {
    value.as_f64().filter(|number| *number >= 0.0 && *number < 9e15).map(|number| number as u64)
}
