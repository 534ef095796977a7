//! Runs one case of a `.js` file in a world of its own.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/tests/browser/world.js")]
extern "C" {
    /// The world of one case.
    fn world(get_talk_session: &JsValue, host: &str, transport: &str) -> JsValue;
    /// What the case left behind, undone.
    #[wasm_bindgen(js_name = tidy)]
    fn tidy(world: &JsValue);
}

/// Where the server is.
const HOST: &str = env!("CAUSERIE_TEST_HOST", "the origin of a server that was started for these tests");

/// Awaits a case. What it throws fails the test.
pub(crate) async fn run(cases: &Object, name: &str, transport: &str) -> Result<(), JsValue> {
    let case: Function = Reflect::get(cases, &name.into())?.dyn_into()?;
    let entry = Closure::<dyn Fn(JsValue) -> Result<JsValue, JsValue>>::new(|options: JsValue| {
        causerie::get_talk_session(&options)
    });
    // Given away for good: a case may leave work behind that calls it once more.
    let world = world(&entry.into_js_value(), HOST, transport);
    let done = async { JsFuture::from(case.call1(cases, &world)?.dyn_into::<Promise>()?).await };
    let outcome = done.await;
    tidy(&world);
    outcome.map(drop)
}

/// That the file has exactly these cases, so that none is forgotten here.
pub(crate) fn check_names(cases: &Object, named: &[&str]) {
    let mut written: Vec<String> = Object::keys(cases).iter().filter_map(|key| key.as_string()).collect();
    let mut named = named.to_vec();
    written.sort();
    named.sort_unstable();
    assert_eq!(written, named, "the cases of the file, and those that are named here");
}

/// Makes two tests of each case of a file: one by WebSocket, one by HTTP. Few are of one transport only, each for a
/// reason that stands beside it.
macro_rules! room {
    ($room:ident from $file:literal: $($name:ident)+ $(; by websocket only: $($only:ident)+)?) => {
        mod $room {
            use js_sys::Object;
            use wasm_bindgen::prelude::*;
            use wasm_bindgen_test::wasm_bindgen_test;

            #[wasm_bindgen(module = $file)]
            extern "C" {
                #[wasm_bindgen(thread_local_v2, js_name = cases)]
                static CASES: Object;
            }

            #[wasm_bindgen_test]
            fn every_case_is_run() {
                crate::harness::check_names(&CASES.with(Object::clone), &[$(stringify!($name),)+ $($(stringify!($only),)+)?]);
            }

            mod by_websocket {
                use super::*;
                $(#[wasm_bindgen_test]
                async fn $name() -> Result<(), JsValue> {
                    crate::harness::run(&CASES.with(Object::clone), stringify!($name), "auto").await
                })+
                $($(#[wasm_bindgen_test]
                async fn $only() -> Result<(), JsValue> {
                    crate::harness::run(&CASES.with(Object::clone), stringify!($only), "auto").await
                })+)?
            }

            mod by_http {
                use super::*;
                $(#[wasm_bindgen_test]
                async fn $name() -> Result<(), JsValue> {
                    crate::harness::run(&CASES.with(Object::clone), stringify!($name), "http").await
                })+
            }
        }
    };
}
pub(crate) use room;
