// Whatever was thrown, as a person would want to read it: a headline in plain words, what to do, and the code as a
// small tag for those who look it up.

import { type CauserieError, type ErrorCode, isCauserieError } from "causerie";

import { type Child, h } from "./dom";

/** What the page knows of a failure. */
export interface Problem {
  code: ErrorCode | "unexpected";
  message: string;
  /** The message without the field's name before it, for showing beside the field. */
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
  not_authenticated: "You are not signed in",
  token_expired: "Your sign-in has run out",
  forbidden: "You may not do this",
  not_found: "That is not here",
  too_large: "That is too much at once",
  rate_limited: "That was too fast",
  key_reused: "Two changes came under one key",
  unsupported: "That is not to be had here",
  invalid_frame: "Page and server do not understand each other",
  protocol_mismatch: "Page and server speak different versions",
  timed_out: "No answer came in time",
  offline: "The server could not be reached",
  server_error: "The server failed",
  unsubscribed: "Nobody follows this any more",
  session_ended: "This session is over",
  unexpected: "Something unexpected happened",
};

/** Reads what was thrown. */
export function problemOf(thrown: unknown): Problem {
  if (isCauserieError(thrown) || isWrongArgument(thrown)) {
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

/** A `TypeError` of a call that throws at once, as `session.user("")` does, has the members of the SDK's errors. */
function isWrongArgument(thrown: unknown): thrown is CauserieError {
  return thrown instanceof TypeError && "code" in thrown && thrown.code === "invalid_argument";
}

/** An alert with the failure and, where it may help, a button that does it again. */
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
    h("p", {}, ...said(problem)),
    problem.requestId !== null &&
      h("p", { class: "hint" }, "In the server's log: ", h("code", {}, problem.requestId)),
    problem.retryable && h("p", { class: "actions" }, retry),
  );
}

/** What is wrong, with the field that is to blame set apart. */
function said({ field, message, plain }: Problem): Child[] {
  if (field === null || !message.startsWith(`${field}: `)) return [plain];
  return [h("code", {}, field), " ", plain.charAt(0).toLowerCase() + plain.slice(1)];
}

/** The SDK's messages begin with a small letter; a person reads sentences. */
function sentence(message: string): string {
  const text = /^[a-z]+ /.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
