//! The fields of the server's values: frames, bodies and errors.
//!
//! One function reads all of them: a getter for each was measured to add 0.7 KB (brotli) to what every
//! visitor downloads. Derived structs for the frames that are sent add 3.4 KB with `serde-wasm-bindgen`, 2.9
//! KB with `serde_json`, and 0.6 KB with a serializer of our own that writes nothing but these frames.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/interop/fields.js")]
extern "C" {
    fn field(value: &JsValue, index: u32) -> JsValue;
}

/// A field. The names, in the same order, are in `fields.js`.
#[derive(Clone, Copy)]
pub(crate) enum Name {
    T,
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
}

/// Returns a field of an object; `undefined` if it has none.
#[inline(never)]
pub(crate) fn get(value: &JsValue, name: Name) -> JsValue {
    field(value, name as u32)
}
