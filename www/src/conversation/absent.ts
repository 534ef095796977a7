// What `null` means for a conversation, and the lines for a backend that would change it, filled in.

import { codeBlock, quoted } from "../code";
import { h } from "../dom";

export interface Who {
  app: string;
  user: string;
  /** Whether the server has this user; only an existing user can take part. */
  exists: boolean;
}

/** Shown where `get()` answered null. */
export function absentView(who: Who, id: string): HTMLElement {
  const lines = [
    !who.exists && rest("PUT", `/v1/${part(who.app)}/users/${part(who.user)}`, { name: who.user }, who.app),
    rest("PUT", `/v1/${part(who.app)}/conversations/${part(id)}`, { participants: [who.user], subject: "A first conversation" }, who.app),
  ].filter((line) => line !== false);
  return h(
    "div",
    { "data-testid": "absent" },
    h(
      "div",
      { class: "empty" },
      h("span", { class: "avatar outline", "aria-hidden": "true" }, "∅"),
      h(
        "div",
        {},
        h("p", {}, h("strong", {}, `“${who.user}” does not take part in “${id}”.`)),
        h(
          "p",
          {},
          h("code", {}, "get()"),
          " answered ",
          h("code", {}, "null"),
          ". Either there is no such conversation, or this user is not in it; the server does not tell which, so that nobody can guess at other people's conversations.",
        ),
      ),
    ),
    h("p", { class: "lead" }, "Conversations are made by your backend. Paste this into a terminal, then read again:"),
    codeBlock(lines.join("\n\n"), "sh", "make the conversation by REST"),
  );
}

/** The line that makes something new happen in a conversation that is there. */
export function messageLine(who: Who, id: string): HTMLElement {
  const path = `/v1/${part(who.app)}/conversations/${part(id)}/messages`;
  return h(
    "details",
    {},
    h("summary", {}, "Make something happen"),
    h("p", { class: "hint" }, "A message from your backend; then read again, and see what it changes."),
    codeBlock(rest("POST", path, [{ type: "SystemMessage", text: "The parcel has left" }], who.app), "sh", "send a message by REST"),
  );
}

function rest(method: string, path: string, body: unknown, app: string): string {
  // The demo app's secret is none: it is printed at every start. Another app's is its operator's to put in.
  const secret = app === "demo" ? "demo-secret" : "YOUR-SECRET";
  return [
    `curl -X ${method} ${quoted(location.origin + path)}`,
    `  -H ${quoted(`Authorization: Bearer ${secret}`)}`,
    "  -H 'Content-Type: application/json'",
    `  -d ${quoted(JSON.stringify(body))}`,
  ].join(" \\\n");
}

function part(id: string): string {
  return encodeURIComponent(id);
}
