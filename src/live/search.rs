//! The methods that search, in JavaScript (`search.js`).

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/live/search.js")]
extern "C" {
    /// Adds the methods to a session.
    #[wasm_bindgen(js_name = addSearches)]
    pub(crate) fn add_searches(session: &JsValue);
}
