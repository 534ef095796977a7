//! The object through which the handles of a session call its driver.

use std::rc::Weak;

use causerie_client::store::HandleId;
use wasm_bindgen::prelude::*;

use crate::driver::Driver;
use crate::interop::error::to_js;

/// The calls of handles. After the end of the session they do nothing. One object serves all handles, because
/// each exported object occupies the memory of the module until the garbage collector finds it unused.
#[wasm_bindgen(skip_typescript)]
pub struct Link {
    driver: Weak<Driver>,
}

impl Link {
    pub(super) const fn new(driver: Weak<Driver>) -> Self {
        Link { driver }
    }
}

#[wasm_bindgen]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented in handle.js")]
impl Link {
    #[wasm_bindgen(skip_jsdoc)]
    pub fn unsubscribe(&self, id: HandleId) {
        if let Some(driver) = self.driver.upgrade() {
            driver.unsubscribe(id);
        }
    }

    #[wasm_bindgen(skip_jsdoc, js_name = loadMore)]
    pub fn load_more(&self, id: HandleId, count: &JsValue) -> Result<bool, JsValue> {
        let Some(driver) = self.driver.upgrade() else { return Ok(false) };
        let count = if count.is_undefined() { None } else { Some(to_count(count)) };
        driver.load_more(id, count).map_err(|problem| to_js(problem, None))
    }
}

/// Returns a count; 0, which is invalid as well, if it is not a positive integer.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
fn to_count(count: &JsValue) -> u32 {
    count.as_f64().filter(|number| number.fract() == 0.0).unwrap_or(0.0) as u32
}
