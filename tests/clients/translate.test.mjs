// A page that translates messages, through a server with a translator that has the API of LibreTranslate.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

import { getTalkSession, registerPolyfills } from "causerie";
import { WebSocket } from "ws";

import { serverProgram } from "./support.mjs";

registerPolyfills({ WebSocket });

const SECRET = "0123456789abcdef0123456789abcdef";
const DUTCH = { Hello: "Hallo", "good morning": "goedemorgen" };

const translator = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const { q, target } = JSON.parse(body);
  response.writeHead(target === "nl" ? 200 : 400);
  response.end(JSON.stringify({ translatedText: q.map((text) => DUTCH[text] ?? text) }));
});

let server;
let host;
const data = mkdtempSync(join(tmpdir(), "causerie-translate-"));

before(async () => {
  translator.listen(0, "127.0.0.1");
  await once(translator, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (translator.address());
  const plain = Object.entries(process.env).filter(([name]) => !name.startsWith("CAUSERIE_"));
  server = spawn(serverProgram, ["--listen", "127.0.0.1:0", "--data", data], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...Object.fromEntries(plain),
      CAUSERIE_APP_ID: "shop",
      CAUSERIE_APP_SECRETS: SECRET,
      CAUSERIE_APP_AUTHENTICATION: "false",
      CAUSERIE_APP_TRANSLATOR: `http://127.0.0.1:${port}/translate`,
    },
  });
  for await (const line of createInterface(server.stdout)) {
    host = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (host) break;
  }
  server.stdout.resume();
});

after(async () => {
  translator.close();
  server.kill("SIGKILL");
  await once(server, "exit");
  rmSync(data, { recursive: true, force: true });
});

test("a message is translated with its marks", { timeout: 60_000 }, async () => {
  const session = getTalkSession({ host, appId: "shop", userId: "ada" });
  await session.currentUser.set({ name: "Ada" });
  const talk = session.conversation("talk");
  await talk.createIfNotExists();
  const message = await talk.send("Hello *good morning*");
  assert.deepEqual(await message.translate("nl"), {
    content: [{ type: "text", children: ["Hallo ", { type: "bold", children: ["goedemorgen"] }] }],
    plaintext: "Hallo goedemorgen",
  });
  assert.equal(await talk.message("none").translate("nl"), null);
  await assert.rejects(message.translate("xx"), { code: "invalid_argument", field: "language" });
  // @ts-expect-error
  await assert.rejects(message.translate(5), { code: "invalid_argument", field: "language" });
});
