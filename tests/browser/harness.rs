//! Runs one case of a `.js` file in a world of its own.
//!
//! The files are compiled into the tests and imported from there, not served: the test runner's own little server
//! can stall for minutes when a page asks it for many files at once.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Where the server is.
const HOST: &str = env!("CAUSERIE_TEST_HOST", "the origin of a server that was started for these tests");
const WORLD: &str = include_str!("world.js");
const IMPORT: &str = "return import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })))";

/// Imports the text of a module, and gives what it exports under a name.
async fn exported(text: &str, name: &str) -> Result<JsValue, JsValue> {
    let import = Function::new_with_args("text", IMPORT);
    let module: Promise = import.call1(&JsValue::UNDEFINED, &text.into())?.dyn_into()?;
    Reflect::get(&JsFuture::from(module).await?, &name.into())
}

/// Awaits a case. What it throws fails the test.
pub(crate) async fn run(room: &str, name: &str, transport: &str) -> Result<(), JsValue> {
    let case: Function = Reflect::get(&exported(room, "cases").await?, &name.into())?.dyn_into()?;
    let make: Function = exported(WORLD, "world").await?.dyn_into()?;
    let tidy: Function = exported(WORLD, "tidy").await?.dyn_into()?;
    let entry = Closure::<dyn Fn(JsValue) -> Result<JsValue, JsValue>>::new(|options: JsValue| {
        causerie::get_talk_session(&options)
    });
    // Given away for good: a case may leave work behind that calls it once more.
    let entry = entry.into_js_value();
    let world =
        make.call4(&JsValue::UNDEFINED, &entry, &HOST.into(), &transport.into(), &wasm_bindgen::memory())?;
    let done =
        async { JsFuture::from(case.call1(&JsValue::UNDEFINED, &world)?.dyn_into::<Promise>()?).await };
    let outcome = done.await;
    tidy.call1(&JsValue::UNDEFINED, &world)?;
    outcome.map(drop)
}

/// That the file has exactly these cases, so that none is forgotten here.
pub(crate) async fn check_names(room: &str, named: &[&str]) -> Result<(), JsValue> {
    let cases: Object = exported(room, "cases").await?.dyn_into()?;
    let written = Object::keys(&cases).sort();
    let named = named.iter().map(|name| JsValue::from(*name)).collect::<Array>().sort();
    assert_eq!(written.join(" "), named.join(" "), "the cases of the file, and those that are named here");
    Ok(())
}

/// Makes two tests of each case of a file: one by WebSocket, one by HTTP. Few are of one transport only, each for a
/// reason that stands beside it; and whole rooms are, where subscriptions are made, which HTTP has not.
macro_rules! room {
    ($room:ident from $file:literal, by websocket: $($name:ident)+) => {
        mod $room {
            use wasm_bindgen::JsValue;
            use wasm_bindgen_test::wasm_bindgen_test;

            const ROOM: &str = include_str!($file);

            #[wasm_bindgen_test]
            async fn every_case_is_run() -> Result<(), JsValue> {
                crate::harness::check_names(ROOM, &[$(stringify!($name)),+]).await
            }

            $(#[wasm_bindgen_test]
            async fn $name() -> Result<(), JsValue> {
                crate::harness::run(ROOM, stringify!($name), "auto").await
            })+
        }
    };
    ($room:ident from $file:literal: $($name:ident)+ $(; by websocket only: $($only:ident)+)?) => {
        mod $room {
            use wasm_bindgen::JsValue;
            use wasm_bindgen_test::wasm_bindgen_test;

            const ROOM: &str = include_str!($file);

            #[wasm_bindgen_test]
            async fn every_case_is_run() -> Result<(), JsValue> {
                let named = [$(stringify!($name),)+ $($(stringify!($only),)+)?];
                crate::harness::check_names(ROOM, &named).await
            }

            mod by_websocket {
                use super::*;
                $(#[wasm_bindgen_test]
                async fn $name() -> Result<(), JsValue> {
                    crate::harness::run(ROOM, stringify!($name), "auto").await
                })+
                $($(#[wasm_bindgen_test]
                async fn $only() -> Result<(), JsValue> {
                    crate::harness::run(ROOM, stringify!($only), "auto").await
                })+)?
            }

            mod by_http {
                use super::*;
                $(#[wasm_bindgen_test]
                async fn $name() -> Result<(), JsValue> {
                    crate::harness::run(ROOM, stringify!($name), "http").await
                })+
            }
        }
    };
}
pub(crate) use room;
