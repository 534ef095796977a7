//! The methods that upload files, in JavaScript (`upload.js`).

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/transport/upload.js")]
extern "C" {
    /// Adds the methods to a session. `url` is where the bytes are sent.
    #[wasm_bindgen(js_name = addUploads)]
    pub(crate) fn add_uploads(session: &JsValue, url: &str);
}
