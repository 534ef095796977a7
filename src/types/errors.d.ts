/**
 * The reason for a failure:
 * - `invalid_argument`: a value has the wrong type, form or size; `field` and the message name it
 * - `name_required`: a user who does not exist yet was set without a name
 * - `user_sync_disabled`, `conversation_sync_disabled`: only the app's backend may do this
 * - `uploads_disabled`: the server does not store files
 * - `not_authenticated`, `token_expired`: there is no valid token; see `onNeedToken`
 * - `forbidden`: the current user may not do this
 * - `not_found`: the app does not exist, or the current user has no access to the resource
 * - `too_large`: the request is larger than 64 KiB
 * - `rate_limited`: too many requests; wait `retryAfter` milliseconds
 * - `key_reused`: two different writes have the same idempotency key
 * - `unsupported`: the server or this environment cannot do it (yet); the message names it. Thrown by
 *   `getTalkSession`: the page's Content-Security-Policy forbids WebAssembly
 * - `invalid_frame`, `protocol_mismatch`: the SDK and the server are incompatible; update one of them
 * - `timed_out`: no response within 30 s; a write may have been executed
 * - `offline`: the server could not be reached within 30 s; the message has the last reason, such as
 *   `connection refused or blocked` or `no answer`
 * - `server_error`: the server failed; its log has the cause under `requestId`
 * - `unsubscribed`: `unsubscribe` was called before the first snapshot, so `connected` rejects
 * - `session_ended`: an earlier fatal error ended this session; call `getTalkSession` again
 * - `internal_error`: the SDK itself failed, which is a bug in it; please report it with the error's `cause`.
 *   All sessions of the page have ended; call `getTalkSession` again
 */
export type ErrorCode =
  | "invalid_argument"
  | "name_required"
  | "user_sync_disabled"
  | "conversation_sync_disabled"
  | "uploads_disabled"
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
  | "session_ended"
  | "internal_error";

/** The error that every promise of the SDK rejects with and that `onError` receives. */
export declare class CauserieError extends Error {
  private constructor();
  /** Identifies the class, across realms and copies of the package. */
  readonly name: "CauserieError";
  /** The kind of failure, for programs. `message` explains it, for people. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** The path of the invalid field, such as `custom.color` or `email[1]`. */
  readonly field: string | undefined;
  /** The number of milliseconds to wait before trying again, if the server set one. */
  readonly retryAfter: number | undefined;
  /** Identifies the request in the server's log. */
  readonly requestId: string | undefined;
}

/** Returns whether a caught value is an error of the SDK, with `code` and `retryable`. */
export declare function isCauserieError(error: unknown): error is CauserieError;
