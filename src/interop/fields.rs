//! The fields of the server's values: frames, bodies and errors.
//!
//! One function reads all of them: a getter for each was measured to add 0.7 KB (brotli) to what every
//! visitor downloads. Derived structs for the frames that are sent add 3.4 KB with `serde-wasm-bindgen`, 2.9
//! KB with `serde_json`, and 0.6 KB with a serializer of our own that writes nothing but these frames.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/interop/fields.js")]
extern "C" {
    fn field(value: &JsValue, index: u32) -> JsValue;
    fn number(value: &JsValue, index: u32) -> f64;
    #[wasm_bindgen(js_name = frameType)]
    fn type_index(frame: &JsValue) -> i32;
}

/// A type of frames. The names, in the same order, are in `fields.js`: to pass the name as a string takes ten
/// times as long.
#[derive(Clone, Copy)]
pub(crate) enum FrameType {
    Result,
    Events,
    Reset,
    Update,
    Ended,
    Welcome,
    Authenticated,
    Error,
    Ping,
    Pong,
    Unknown,
}

/// Returns the type of a frame.
pub(crate) fn frame_type(frame: &JsValue) -> FrameType {
    match type_index(frame) {
        0 => FrameType::Result,
        1 => FrameType::Events,
        2 => FrameType::Reset,
        3 => FrameType::Update,
        4 => FrameType::Ended,
        5 => FrameType::Welcome,
        6 => FrameType::Authenticated,
        7 => FrameType::Error,
        8 => FrameType::Ping,
        9 => FrameType::Pong,
        _ => FrameType::Unknown,
    }
}

/// A field. The names, in the same order, are in `fields.js`.
#[derive(Clone, Copy)]
pub(crate) enum Name {
    Id,
    Seq,
    Since,
    Epoch,
    Protocol,
    Time,
    PingInterval,
    Results,
    Error,
    Code,
    Message,
    Field,
    RetryAfter,
    TokenExpiresIn,
    Value,
    Changes,
    Entities,
    Users,
    Conversations,
    Messages,
    Items,
    More,
    Many,
    Put,
    Next,
    At,
}

/// Returns a number in a field of an object; NaN if it has none.
#[inline(never)]
pub(crate) fn get_number(value: &JsValue, name: Name) -> f64 {
    number(value, name as u32)
}

/// Returns a field of an object; `undefined` if it has none.
#[inline(never)]
pub(crate) fn get(value: &JsValue, name: Name) -> JsValue {
    field(value, name as u32)
}
