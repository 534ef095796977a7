//! Errors as JavaScript sees them: one subclass of `Error` with the protocol's code, made in `error.js`.

use causerie_protocol::ErrorBody;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/interop/error.js")]
extern "C" {
    #[wasm_bindgen(js_name = causerieError)]
    fn causerie_error(
        code: &str,
        message: &str,
        retryable: bool,
        field: Option<String>,
        retry_after: Option<u32>,
        request_id: Option<String>,
    ) -> JsValue;

    #[wasm_bindgen(js_name = asTypeError)]
    fn as_type_error(error: &JsValue) -> JsValue;

    /// Reports what a callback of the program threw.
    pub(crate) fn report(error: &JsValue);
}

/// The error that a promise rejects with. `request` names the request in the server's logs.
pub(crate) fn to_js(error: ErrorBody, request: Option<String>) -> JsValue {
    let ErrorBody { code, message, field, retry_after } = error;
    causerie_error(code.name(), &message, code.retryable(), field, retry_after, request)
}

/// What reading a value from JavaScript gives: the value, or the error to reject with, which is a JavaScript object
/// from the start. (Passing the protocol's errors from reader to reader costs 2 KB of moving them about.)
pub(crate) type Read<T> = Result<T, JsValue>;

/// A check of the protocol, as a reader has it.
#[inline(never)]
pub(crate) fn checked(check: Result<(), ErrorBody>) -> Read<()> {
    check.map_err(|problem| to_js(problem, None))
}

/// The error of a reader as it is thrown at once: a `TypeError`, as the documents say.
#[inline(never)]
pub(crate) fn thrown(error: JsValue) -> JsValue {
    as_type_error(&error)
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * Why something failed:
 * - `invalid_argument`: a value has the wrong type, form or size; `field` and the message name it
 * - `name_required`: a user who does not exist yet was set without a name
 * - `user_sync_disabled`, `conversation_sync_disabled`: the app lets only its backend do this
 * - `not_authenticated`, `token_expired`: there is no valid token; see `onNeedToken`
 * - `forbidden`: the current user may not do this
 * - `not_found`: the app does not exist, or the thing is not the current user's to know of
 * - `too_large`: the request is over 64 KiB
 * - `rate_limited`: too many requests; wait `retryAfter` milliseconds
 * - `key_reused`: one idempotency key came with two different writes
 * - `unsupported`: the server or this environment cannot do it, or not yet; the message says what (thrown by
 *   `getTalkSession`: the page's policy forbids WebAssembly)
 * - `invalid_frame`, `protocol_mismatch`: the SDK and the server do not fit together; update one of them
 * - `timed_out`: no answer within 30 s; a write may have happened
 * - `offline`: the server could not be reached within 30 s
 * - `server_error`: the server failed; its log has the cause under `requestId`
 * - `unsubscribed`: `unsubscribe` was called before there was a first snapshot to wait for (`connected`)
 * - `session_ended`: an earlier fatal error ended this session; call `getTalkSession` again
 */
export type ErrorCode =
  | "invalid_argument"
  | "name_required"
  | "user_sync_disabled"
  | "conversation_sync_disabled"
  | "not_authenticated"
  | "token_expired"
  | "forbidden"
  | "not_found"
  | "too_large"
  | "rate_limited"
  | "key_reused"
  | "unsupported"
  | "invalid_frame"
  | "protocol_mismatch"
  | "timed_out"
  | "offline"
  | "server_error"
  | "unsubscribed"
  | "session_ended";

/** What every promise of the SDK rejects with, and what `onError` is given. */
export declare class CauserieError extends Error {
  private constructor();
  /** Tells it from other errors, in every realm. */
  readonly name: "CauserieError";
  /** What kind of failure it is, for programs. `message` says what to do, for people. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed when it is made again later. */
  readonly retryable: boolean;
  /** The field that is to blame, as a path such as `custom.color` or `email[1]`. */
  readonly field: string | undefined;
  /** Milliseconds to wait before trying again, where the server said so. */
  readonly retryAfter: number | undefined;
  /** Names the request in the server's log. */
  readonly requestId: string | undefined;
}

/** Whether a caught value is an error of the SDK, with `code` and `retryable`. */
export declare function isCauserieError(error: unknown): error is CauserieError;
"#;
