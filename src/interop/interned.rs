//! The interned refs of a session, in JavaScript (`interned.js`).

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/interop/interned.js")]
extern "C" {
    /// The live refs of a session, by key.
    pub(crate) type Interned;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new() -> Interned;
    /// Returns the ref with this key, or `undefined`.
    #[wasm_bindgen(method)]
    pub(crate) fn get(this: &Interned, key: &JsValue) -> JsValue;
    #[wasm_bindgen(method)]
    pub(crate) fn set(this: &Interned, key: &JsValue, value: &JsValue);
}
