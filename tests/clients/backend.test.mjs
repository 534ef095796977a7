// A backend in curl, and a page that sees what it does live.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { getTalkSession } from "causerie";

import { api, appId, origin, polyfill, prefix, secret, until } from "./support.mjs";

polyfill();
const here = dirname(fileURLToPath(import.meta.url));
const script = resolve(here, "backend.sh");

test(
  "a page shows the conversation of a backend in ten lines of curl live",
  { timeout: 60_000 },
  async () => {
    const ids = prefix();
    const [ADA, BOB, TALK] = ["ada", "bob", "talk"].map((name) => ids + name);
    const session = getTalkSession({ host: origin, appId, userId: ADA });
    const list = until(
      (on) => session.subscribeConversations(on),
      (conversations) => conversations.at(0)?.lastMessage?.type === "UserMessage",
    );
    const messages = until(
      (on) => session.conversation(TALK).subscribeMessages(on),
      (all) => all?.length === 2,
    );
    const env = { ...process.env, API: api, SECRET: secret, ADA, BOB, TALK };
    const { stdout } = await promisify(execFile)("sh", [script], { env });
    const [conversation] = await list;
    assert.equal(conversation.subject, "Order 391");
    assert.equal(conversation.unreadMessageCount, 2);
    const [newest, oldest] = await messages;
    assert.deepEqual([oldest.type, oldest.plaintext, oldest.sender], ["SystemMessage", "Ada joined", null]);
    assert.equal(newest.sender.name, "Bob");
    assert.deepEqual(newest.content[0].children, [
      "Hello ",
      { type: "bold", children: ["Ada"] },
      ", ",
      { type: "actionButton", action: "pay", params: { order: "391" }, children: ["pay here"] },
    ]);
    // The answers of curl: one JSON value after the other.
    assert.match(stdout, /^\{\}\{\}\{\}\{\}\[\{"id":"[^"]+"\}\]\[\{"id":"[^"]+"\}\]\{"data":\[/);
  },
);

test("docs/rest.md lists each call of the backend, which has at most ten lines", () => {
  const lines = readFileSync(script, "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"));
  assert.ok(lines.length <= 10, `${lines.length} lines`);
  const docs = readFileSync(resolve(here, "../../docs/rest.md"), "utf8");
  const names = { ADA: "{id}", BOB: "{id}", TALK: "{id}" };
  let calls = 0;
  for (const line of lines) {
    const [, method, path] = /^call ([A-Z]+) "([^"?]+)/.exec(line) ?? [];
    if (!method) continue;
    const named = path
      .replace(/participants\/\$\w+/, "participants/{uid}")
      .replace(/\$(\w+)/g, (_, name) => names[name]);
    assert.ok(docs.includes(`\n| \`${method} ${named}\``), `${method} ${named} has no row`);
    calls++;
  }
  assert.equal(calls, 7);
});
