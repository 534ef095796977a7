//! Runs one case of a `.js` file with its own context.
//!
//! The files are compiled into the tests and imported from blobs instead of served, because the test runner's
//! server can stall for minutes when a page requests many files at once.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The origin of the server under test.
const HOST: &str = env!("CAUSERIE_TEST_HOST", "the origin of a server that was started for these tests");
const CONTEXT: &str = include_str!("context.js");
const IMPORT: &str = "return import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })))";

/// Imports a module from its source text and returns the export with this name.
async fn import(text: &str, name: &str) -> Result<JsValue, JsValue> {
    let import_text = Function::new_with_args("text", IMPORT);
    let module: Promise = import_text.call1(&JsValue::UNDEFINED, &text.into())?.dyn_into()?;
    Reflect::get(&JsFuture::from(module).await?, &name.into())
}

/// Runs a case of a suite. An exception fails the test.
pub(crate) async fn run(suite: &str, name: &str, transport: &str) -> Result<(), JsValue> {
    let case: Function = Reflect::get(&import(suite, "cases").await?, &name.into())?.dyn_into()?;
    let create_context: Function = import(CONTEXT, "createContext").await?.dyn_into()?;
    let clean_up: Function = import(CONTEXT, "cleanUp").await?.dyn_into()?;
    let entry = Closure::<dyn Fn(JsValue) -> Result<JsValue, JsValue>>::new(|options: JsValue| {
        causerie::get_talk_session(&options)
    });
    // Leaked, because a pending task of a case may call it after the end of the case.
    let entry = entry.into_js_value();
    let context = create_context.call4(
        &JsValue::UNDEFINED,
        &entry,
        &HOST.into(),
        &transport.into(),
        &wasm_bindgen::memory(),
    )?;
    let check = Closure::<dyn Fn(String, JsValue) -> Result<(), JsValue>>::new(|name: String, value| {
        crate::declared::check(&name, &value)
    });
    Reflect::set(&context, &"declared".into(), check.as_ref())?;
    let execution =
        async { JsFuture::from(case.call1(&JsValue::UNDEFINED, &context)?.dyn_into::<Promise>()?).await };
    let outcome = execution.await;
    clean_up.call1(&JsValue::UNDEFINED, &context)?;
    outcome.map(drop)
}

/// Asserts that a file has exactly the listed cases, so that none is left out.
pub(crate) async fn check_names(suite: &str, listed: &[&str]) -> Result<(), JsValue> {
    let cases: Object = import(suite, "cases").await?.dyn_into()?;
    let exported = Object::keys(&cases).sort();
    let listed = listed.iter().map(|name| JsValue::from(*name)).collect::<Array>().sort();
    assert_eq!(exported.join(" "), listed.join(" "), "the cases of the file and the listed cases");
    Ok(())
}

/// Defines two tests for each case of a file: one by WebSocket, one by HTTP. A few cases run by WebSocket
/// only, for the reason given in the file, as do whole suites that subscribe, which HTTP does not support.
macro_rules! suite {
    ($suite:ident from $file:literal, by websocket: $($name:ident)+) => {
        mod $suite {
            use wasm_bindgen::JsValue;
            use wasm_bindgen_test::wasm_bindgen_test;

            const SOURCE: &str = include_str!($file);

            #[wasm_bindgen_test]
            async fn every_case_is_listed() -> Result<(), JsValue> {
                crate::harness::check_names(SOURCE, &[$(stringify!($name)),+]).await
            }

            $(#[wasm_bindgen_test]
            async fn $name() -> Result<(), JsValue> {
                crate::harness::run(SOURCE, stringify!($name), "auto").await
            })+
        }
    };
    ($suite:ident from $file:literal: $($name:ident)+ $(; by websocket only: $($only:ident)+)?) => {
        mod $suite {
            use wasm_bindgen::JsValue;
            use wasm_bindgen_test::wasm_bindgen_test;

            const SOURCE: &str = include_str!($file);

            #[wasm_bindgen_test]
            async fn every_case_is_listed() -> Result<(), JsValue> {
                let listed = [$(stringify!($name),)+ $($(stringify!($only),)+)?];
                crate::harness::check_names(SOURCE, &listed).await
            }

            mod by_websocket {
                use super::*;
                $(#[wasm_bindgen_test]
                async fn $name() -> Result<(), JsValue> {
                    crate::harness::run(SOURCE, stringify!($name), "auto").await
                })+
                $($(#[wasm_bindgen_test]
                async fn $only() -> Result<(), JsValue> {
                    crate::harness::run(SOURCE, stringify!($only), "auto").await
                })+)?
            }

            mod by_http {
                use super::*;
                $(#[wasm_bindgen_test]
                async fn $name() -> Result<(), JsValue> {
                    crate::harness::run(SOURCE, stringify!($name), "http").await
                })+
            }
        }
    };
}
pub(crate) use suite;
