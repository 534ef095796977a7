//! `UserSnapshot`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/snapshots/answers.js")]
extern "C" {
    /// The user that an answer names, or `null`.
    #[wasm_bindgen(js_name = userSnapshot)]
    pub fn user(answer: &JsValue) -> JsValue;

    /// Every user that an answer names.
    #[cfg(feature = "bench")]
    #[wasm_bindgen(js_name = userSnapshots)]
    pub(crate) fn users(answer: &JsValue) -> js_sys::Array;
}

// What the other files import: wasm-bindgen takes along only the files that Rust names. They are named here, beside a
// function that is called, because a linker leaves out of a library whatever nobody calls, and what stands beside it.
#[wasm_bindgen(module = "/src/snapshots/snapshots.js")]
extern "C" {
    type UserSnapshot;
}
#[wasm_bindgen(module = "/src/snapshots/bodies.js")]
extern "C" {
    type Bodies;
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * A user's public attributes at one moment. Plain, deeply frozen data; it does not change when the user does.
 */
export declare class UserSnapshot {
  private constructor();
  /** The user's ID. */
  readonly id: string;
  /** The user's name, as others see it. */
  readonly name: string;
  /** Custom data that was set on the user. */
  readonly custom: Record<string, string>;
  /** An IETF (BCP 47) language tag; the app's own locale if none was set. */
  readonly locale: string;
  /** The URL of a photo, or `null`. */
  readonly photoUrl: string | null;
  /** The user's role; the app's default role if none was set. */
  readonly role: string;
  /** What a person sees when a chat with this user starts, or `null`. */
  readonly welcomeMessage: string | null;
}
"#;
