//! The object through which the handles of a session call its driver.

use std::rc::Weak;

use causerie_client::store::{HandleId, invalid_count};
use wasm_bindgen::prelude::*;

use crate::driver::Driver;
use crate::interop::error::to_js;
use crate::interop::params::type_name;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = String)]
    fn text_of(value: &JsValue) -> String;
}

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
    pub fn load_more(&self, id: HandleId, max: u32, count: &JsValue) -> Result<bool, JsValue> {
        let count = if count.is_undefined() { None } else { Some(to_count(max, count)?) };
        let Some(driver) = self.driver.upgrade() else { return Ok(false) };
        driver.load_more(id, count).map_err(|problem| to_js(problem, None))
    }
}

/// Returns a count. The store cannot check that of a handle that has ended, because it has forgotten it.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked before")]
fn to_count(max: u32, count: &JsValue) -> Result<u32, JsValue> {
    let got = match count.as_f64() {
        Some(number) if number.fract() == 0.0 && number >= 1.0 && number <= f64::from(max) => {
            return Ok(number as u32);
        }
        Some(_) => text_of(count),
        None => type_name(count),
    };
    Err(to_js(invalid_count(max, &got), None))
}
