// What the tests of all programs share.
import { randomUUID } from "node:crypto";

import { registerPolyfills } from "causerie";
import { WebSocket } from "ws";

export const requiredEnv = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by \`cargo xtask test --only clients\``);
  return value;
};

export const origin = requiredEnv("CAUSERIE_ORIGIN");
export const appId = requiredEnv("CAUSERIE_APP_ID");
export const secret = requiredEnv("CAUSERIE_SECRET");
/** The program of the server, for tests that start one with other settings. */
export const serverProgram = requiredEnv("CAUSERIE_SERVER_BIN");
/** The address of the REST API. */
export const api = `${origin}/v1/${appId}`;

/** Returns a prefix for the ids of a test, so that the tests do not see each other's data. */
export const prefix = () => `clients-${randomUUID().slice(0, 8)}-`;

/** Gives the SDK a WebSocket class in Node before version 22. */
export const polyfill = () => registerPolyfills({ WebSocket });

/** Resolves with the first snapshot of a subscription that meets a condition. */
export const until = (subscribe, condition) =>
  new Promise((done) => {
    const subscription = subscribe((snapshot) => {
      if (!condition(snapshot)) return;
      queueMicrotask(() => subscription.unsubscribe());
      done(snapshot);
    });
  });

/** Polls until a condition holds; rejects after 10 s. */
export const eventually = async (description, condition) => {
  const end = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within 10 s: ${description}`);
    await new Promise((done) => setTimeout(done, 10));
  }
};

/** Returns a function that makes REST calls as a backend; it rejects unless the status is 200. */
export const restCall = (address, key) => async (method, path, body) => {
  const response = await fetch(address + path, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
};

/** Creates Ada, Bob and a conversation of both as a backend does. Returns the ids and `bob`'s way to write. */
export const createPair = async () => {
  const call = restCall(api, secret);
  const ids = prefix();
  const [ada, bob, talk] = ["ada", "bob", "talk"].map((name) => ids + name);
  await call("PUT", `/users/${ada}`, { name: "Ada" });
  await call("PUT", `/users/${bob}`, { name: "Bob" });
  await call("PUT", `/conversations/${talk}`, { participants: [ada, bob], subject: "Tea" });
  const path = `/conversations/${talk}/messages`;
  return {
    ada,
    bob,
    talk,
    send: (text) => call("POST", path, [{ type: "UserMessage", sender: bob, text }]),
    list: async () => (await call("GET", path)).data.map(({ text }) => text).reverse(),
  };
};
