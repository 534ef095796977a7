// Shows errors to people: a headline in plain words, an explanation, and the error code as a small tag.

import { type CauserieError, type ErrorCode, isCauserieError } from "causerie";

import { type Child, h } from "./dom";

/** An error in the form that the page shows. */
export interface Problem {
  code: ErrorCode | "unexpected";
  message: string;
  /** The message without the leading field name, for display next to the field. */
  plain: string;
  retryable: boolean;
  field: string | null;
  retryAfter: number;
  requestId: string | null;
}

const HEADLINES: Record<Problem["code"], string> = {
  invalid_argument: "A value does not fit",
  name_required: "A new user needs a name",
  user_sync_disabled: "This app does not let browsers change users",
  conversation_sync_disabled: "This app does not let browsers change conversations",
  uploads_disabled: "This server does not store files",
  not_authenticated: "You are not signed in",
  token_expired: "Your sign-in has expired",
  forbidden: "You may not do this",
  not_found: "That was not found",
  too_large: "That is too large",
  rate_limited: "Too many requests",
  key_reused: "Two changes used the same key",
  unsupported: "That is not supported here",
  invalid_frame: "Page and server do not understand each other",
  protocol_mismatch: "Page and server speak different versions",
  timed_out: "No response came in time",
  offline: "The server could not be reached",
  server_error: "The server failed",
  unsubscribed: "This subscription has ended",
  session_ended: "This session has ended",
  internal_error: "The SDK failed",
  unexpected: "Something unexpected happened",
};

/** Converts a thrown value. */
export function problemOf(thrown: unknown): Problem {
  if (isCauserieError(thrown) || isInvalidArgument(thrown)) {
    const start = `${thrown.field ?? ""}: `;
    const rest = thrown.message.startsWith(start) ? thrown.message.slice(start.length) : thrown.message;
    return {
      code: thrown.code,
      message: thrown.message,
      plain: sentence(rest),
      retryable: thrown.retryable,
      field: thrown.field ?? null,
      retryAfter: thrown.retryAfter ?? 0,
      requestId: thrown.requestId ?? null,
    };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: "unexpected",
    message,
    plain: message,
    retryable: false,
    field: null,
    retryAfter: 0,
    requestId: null,
  };
}

/**
 * Whether it is a `TypeError` of the SDK, as `session.user("")` throws: it has the members of the SDK's
 * errors.
 */
function isInvalidArgument(thrown: unknown): thrown is CauserieError {
  return thrown instanceof TypeError && "code" in thrown && thrown.code === "invalid_argument";
}

/** Creates an alert with the error and, if it is retryable, a button that calls `again`. */
export function problemView(problem: Problem, again: () => void): HTMLElement {
  const retry = h("button", { type: "button", class: "button small", onclick: again }, "Try again");
  if (problem.retryAfter > 0) {
    retry.disabled = true;
    setTimeout(() => (retry.disabled = false), problem.retryAfter);
  }
  return h(
    "div",
    { class: "problem", role: "alert", "data-code": problem.code },
    h(
      "p",
      { class: "headline" },
      h("strong", {}, HEADLINES[problem.code]),
      h("code", { class: "tag" }, problem.code),
    ),
    h("p", {}, ...messageView(problem)),
    problem.requestId !== null &&
      h("p", { class: "hint" }, "In the server's log: ", h("code", {}, problem.requestId)),
    problem.retryable && h("p", { class: "actions" }, retry),
  );
}

/** Returns the message, with the name of the field marked as code. */
function messageView({ field, message, plain }: Problem): Child[] {
  if (field === null || !message.startsWith(`${field}: `)) return [plain];
  return [h("code", {}, field), " ", plain.charAt(0).toLowerCase() + plain.slice(1)];
}

/** Turns a message of the SDK, which begins with a lowercase letter, into a sentence. */
function sentence(message: string): string {
  const text = /^[a-z]+ /.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
