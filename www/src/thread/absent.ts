// What `null` means for a conversation, and the ways to change it: a call of the SDK, and the lines for a backend.

import type { ConversationRef, TalkSession } from "causerie";

import { perform } from "../calls";
import { codeBlock, quoted } from "../code";
import { fill, h } from "../dom";
import { problemView } from "../problem";

/** Shown where the snapshot is null; `wasThere` if a moment ago it was not. */
export function absentView(
  app: string,
  session: TalkSession,
  conversation: ConversationRef,
  wasThere: boolean,
): HTMLElement {
  const [user, id] = [session.currentUser.id, conversation.id];
  const trouble = h("div");
  const create = h(
    "button",
    { type: "button", class: "button strong", onclick: () => void make() },
    "Create or join ",
    h("code", {}, "createIfNotExists()"),
  );

  async function make(): Promise<void> {
    fill(trouble);
    const answer = await perform("await conversation.createIfNotExists();", () =>
      conversation.createIfNotExists(),
    );
    // Where it goes well there is nothing to do: the subscription brings the conversation.
    if (!answer.ok)
      fill(
        trouble,
        problemView(answer.problem, () => void make()),
      );
  }

  const lines = h("div");
  // Only an existing user can take part, so somebody who does not exist yet is made by a line before.
  void session.currentUser
    .get()
    .catch(() => null)
    .then((known) => {
      const person = rest("PUT", `/v1/${part(app)}/users/${part(user)}`, { name: user }, app);
      const made = rest(
        "PUT",
        `/v1/${part(app)}/conversations/${part(id)}`,
        { participants: [user], subject: "A first conversation" },
        app,
      );
      fill(
        lines,
        codeBlock(known === null ? `${person}\n\n${made}` : made, "sh", "make the conversation by REST"),
      );
    });
  return h(
    "div",
    { class: "absent scrolls", "data-testid": "absent" },
    h(
      "div",
      { class: "empty" },
      h("span", { class: "avatar outline", "aria-hidden": "true" }, "∅"),
      h(
        "div",
        {},
        h(
          "p",
          {},
          h(
            "strong",
            {},
            wasThere ? `“${user}” is not in “${id}” any more.` : `“${user}” does not take part in “${id}”.`,
          ),
        ),
        h(
          "p",
          {},
          "The snapshot is ",
          h("code", {}, "null"),
          ". Either there is no such conversation, or this user is not in it; the server does not tell which, so that nobody can guess at other people's conversations.",
        ),
      ),
    ),
    h("p", { class: "actions" }, create),
    trouble,
    h(
      "p",
      { class: "lead" },
      "Or let your backend do it. Paste this into a terminal; the page shows what comes of it by itself:",
    ),
    lines,
  );
}

/** The line that makes something new happen in a conversation that is there. */
export function messageLine(app: string, id: string): HTMLElement {
  const path = `/v1/${part(app)}/conversations/${part(id)}/messages`;
  return h(
    "details",
    {},
    h("summary", {}, "Make something happen"),
    h("p", { class: "hint" }, "A message from your backend: paste this into a terminal, and see it come."),
    codeBlock(
      rest("POST", path, [{ type: "SystemMessage", text: "The parcel has left" }], app),
      "sh",
      "send a message by REST",
    ),
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
