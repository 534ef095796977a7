// The view of a conversation whose snapshot is `null`: an explanation, and ways to create the conversation,
// by a call of the SDK or by REST.

import type { ConversationRef, TalkSession } from "causerie";

import { perform } from "../calls";
import { codeBlock, shellQuoted } from "../code";
import { fill, h } from "../dom";
import { problemView } from "../problem";

/** Creates the view; `existedBefore` is whether an earlier snapshot was not null. */
export function absentView(
  app: string,
  session: TalkSession,
  conversation: ConversationRef,
  existedBefore: boolean,
): HTMLElement {
  const [user, id] = [session.currentUser.id, conversation.id];
  const errorArea = h("div");
  const createButton = h(
    "button",
    { type: "button", class: "button strong", onclick: () => void create() },
    "Create or join ",
    h("code", {}, "createIfNotExists()"),
  );

  async function create(): Promise<void> {
    fill(errorArea);
    const outcome = await perform("await conversation.createIfNotExists();", () =>
      conversation.createIfNotExists(),
    );
    // On success, the subscription delivers the conversation.
    if (!outcome.ok)
      fill(
        errorArea,
        problemView(outcome.problem, () => void create()),
      );
  }

  const commands = h("div");
  // Only an existing user can take part, so a user who does not exist yet is created by a command before.
  void session.currentUser
    .get()
    .catch(() => null)
    .then((known) => {
      const createUser = rest("PUT", `/v1/${part(app)}/users/${part(user)}`, { name: user }, app);
      const createConversation = rest(
        "PUT",
        `/v1/${part(app)}/conversations/${part(id)}`,
        { participants: [user], subject: "A first conversation" },
        app,
      );
      fill(
        commands,
        codeBlock(
          known === null ? `${createUser}\n\n${createConversation}` : createConversation,
          "sh",
          "create the conversation by REST",
        ),
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
            existedBefore
              ? `“${user}” is not in “${id}” any more.`
              : `“${user}” does not take part in “${id}”.`,
          ),
        ),
        h(
          "p",
          {},
          "The snapshot is ",
          h("code", {}, "null"),
          ". Either the conversation does not exist, or this user does not take part in it. The server does not reveal which, so that nobody can probe for other people's conversations.",
        ),
      ),
    ),
    h("p", { class: "actions" }, createButton),
    errorArea,
    h(
      "p",
      { class: "lead" },
      "Or let your backend do it. Paste this into a terminal; the page shows the result without a reload:",
    ),
    commands,
  );
}

/** Creates the view with the command that sends a message to an existing conversation. */
export function messageCommand(app: string, id: string): HTMLElement {
  const path = `/v1/${part(app)}/conversations/${part(id)}/messages`;
  return h(
    "details",
    {},
    h("summary", {}, "Send a message from a backend"),
    h("p", { class: "hint" }, "Paste this into a terminal; the message appears here."),
    codeBlock(
      rest("POST", path, [{ type: "SystemMessage", text: "The parcel has left" }], app),
      "sh",
      "send a message by REST",
    ),
  );
}

function rest(method: string, path: string, body: unknown, app: string): string {
  // The demo app's secret is public: the server prints it at every start. Other secrets are not known here.
  const secret = app === "demo" ? "demo-secret" : "YOUR-SECRET";
  return [
    `curl -X ${method} ${shellQuoted(location.origin + path)}`,
    `  -H ${shellQuoted(`Authorization: Bearer ${secret}`)}`,
    "  -H 'Content-Type: application/json'",
    `  -d ${shellQuoted(JSON.stringify(body))}`,
  ].join(" \\\n");
}

function part(id: string): string {
  return encodeURIComponent(id);
}
