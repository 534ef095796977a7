import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

import { connect } from "./client.mjs";
import { createEndpoint } from "./endpoint.mjs";
import { signToken, userToken } from "./token.mjs";

function requiredEnv(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see examples/README.md`);
  return value;
}

const cleanups = [];
after(async () => {
  for (const cleanUp of cleanups) await cleanUp();
});

/** Starts a server with an app that requires tokens. */
async function startServer(binary) {
  const app = { appId: "shop", secret: randomBytes(32).toString("hex") };
  const data = mkdtempSync(join(tmpdir(), "causerie-tokens-"));
  const child = spawn(binary, ["--port", "0", "--data", data], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      CAUSERIE_APP_ID: app.appId,
      CAUSERIE_APP_SECRETS: app.secret,
      // The test creates its user from the client.
      CAUSERIE_APP_USER_SYNC: "true",
    },
  });
  cleanups.push(async () => {
    const exited = once(child, "exit");
    child.kill();
    await exited;
    rmSync(data, { recursive: true, force: true });
  });
  for await (const line of createInterface(child.stdout)) {
    const host = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (!host) continue;
    child.stdout.resume();
    return { ...app, host };
  }
  throw new Error("the server ended without printing its address");
}

let server;
let endpoint;

before(async () => {
  const binary = process.env["CAUSERIE_SERVER_BIN"];
  server = binary
    ? await startServer(binary)
    : {
        host: requiredEnv("CAUSERIE_ORIGIN"),
        appId: requiredEnv("CAUSERIE_APP_ID"),
        secret: requiredEnv("CAUSERIE_SECRET"),
      };
  const backend = createEndpoint({
    appId: server.appId,
    secret: server.secret,
    checkPassword: (user, password) => password === `password of ${user}`,
  });
  backend.listen(0, "127.0.0.1");
  await once(backend, "listening");
  cleanups.push(() => backend.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (backend.address());
  endpoint = `http://127.0.0.1:${port}`;
});

function login(user, password = `password of ${user}`) {
  return fetch(`${endpoint}/login`, { method: "POST", body: JSON.stringify({ user, password }) });
}

test("a logged-in user connects with a token from the endpoint", { timeout: 60_000 }, async () => {
  const userId = `ada-${randomUUID()}`;
  const response = await login(userId);
  assert.equal(response.status, 204);
  const cookie = response.headers.get("set-cookie").split(";")[0];
  const { host, appId } = server;
  const session = connect({ host, appId, userId, endpoint, cookie });
  await session.currentUser.createIfNotExists({ name: "Ada" });
  assert.equal((await session.currentUser.get())?.name, "Ada");
});

test("the endpoint gives no token without a login", async () => {
  assert.equal((await login("ada", "wrong")).status, 401);
  assert.equal((await fetch(`${endpoint}/token`)).status, 401);
  assert.equal((await fetch(`${endpoint}/token`, { headers: { cookie: "session=guessed" } })).status, 401);
});

test("the endpoint refuses a login that is not JSON or is too large", async () => {
  for (const body of ["{", "null", JSON.stringify({ user: "a".repeat(5_000), password: "x" })]) {
    assert.equal((await fetch(`${endpoint}/login`, { method: "POST", body })).status, 400, body.slice(0, 9));
  }
});

test("the server accepts a signature with the app's secret and no other", async () => {
  const { host, appId, secret } = server;
  const claims = { tokenType: "app", iss: appId, exp: Math.floor(Date.now() / 1000) + 60 };
  const list = (token) =>
    fetch(`${host}/v1/${appId}/users?limit=1`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await list(signToken(secret, claims))).status, 200);
  assert.equal((await list(signToken(`${secret}x`, claims))).status, 401);
  assert.equal((await list(userToken(secret, appId, "ada"))).status, 401, "a user's token is no app token");
});
