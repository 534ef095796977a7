// Node: as an ES module, by `require`, and in a process that only imports the package.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { RESULT, outputFolder, project, run, sessionOptions } from "../harness.mjs";

const program = (how, options) => ({
  "main.mjs": `${how}
    import { run } from "./program.js";
    console.log(JSON.stringify(await run(causerie, ${JSON.stringify(options)})));\n`,
});
const node = (folder, ...args) => run(process.execPath, args, { cwd: folder });

test("an ES module sets and gets a user, and the process ends by itself", async () => {
  const folder = project(
    "node-esm",
    ["program.js"],
    program('import * as causerie from "causerie";', sessionOptions()),
  );
  const { code, out, err } = await node(folder, "main.mjs");
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out), RESULT);
});

test("require gives a CommonJS program the same exports and results", async () => {
  const how =
    'import { createRequire } from "node:module";\n' +
    'const causerie = createRequire(import.meta.url)("causerie");';
  const folder = project("node-cjs", ["program.js"], {
    ...program(how, sessionOptions()),
    "names.cjs": `const causerie = require("causerie"), slim = require("causerie/slim");
      import("causerie").then(async (esm) => console.log(JSON.stringify([
        Object.keys(causerie).sort(), Object.keys(slim).sort(),
        Object.keys(esm).filter((name) => name !== "default" && name !== "module.exports").sort()])));`,
  });
  const { code, out, err } = await node(folder, "main.mjs");
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out), RESULT);
  const names = await node(folder, "names.cjs");
  const [required, slim, imported] = JSON.parse(names.out);
  assert.deepEqual(required, imported, "the same names by require and by import");
  assert.deepEqual(slim, [...imported, "init"].sort(), "and by the slim entry, which has init too");
});

test("the slim entry accepts the module's bytes", async () => {
  const how = `import * as causerie from "causerie/slim";
    import { readFile } from "node:fs/promises";
    const bytes = readFile(new URL(import.meta.resolve("causerie/causerie.wasm")));
    await Promise.all([causerie.init(bytes), causerie.init(bytes)]);`;
  const folder = project("node-slim", ["program.js"], program(how, sessionOptions()));
  const { code, out, err } = await node(folder, "main.mjs");
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out), RESULT);
});

test("the SDK opens one socket of the class that registerPolyfills gets", async () => {
  const folder = project("node-polyfill", ["program.js"], {
    "main.mjs": `
      import * as causerie from "causerie";
      import { WebSocket } from "ws";
      import { run } from "./program.js";
      let opened = 0;
      class Counted extends WebSocket { constructor(...all) { super(...all); opened += 1; } }
      delete globalThis.WebSocket; // Node from version 22 on has one of its own
      causerie.registerPolyfills({ WebSocket: Counted });
      const result = await run(causerie, ${JSON.stringify(sessionOptions())});
      console.log(JSON.stringify([result, opened]));
      process.exit(0);`,
  });
  const { code, out, err } = await node(folder, "main.mjs");
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out), [RESULT, 1]);
});

test("importing the package reads no global that an environment may lack", async () => {
  const folder = project("node-import", [], {
    "main.mjs": `
      const names = ["WebAssembly", "crypto", "fetch", "Request", "AbortController", "WebSocket",
        "TextDecoder", "TextEncoder", "performance", "setTimeout", "window", "document", "location", "navigator",
        "self", "localStorage", "FinalizationRegistry", "WeakRef"];
      const touched = [];
      for (const name of names) {
        const get = () => { touched.push(name); return undefined; };
        Object.defineProperty(globalThis, name, { configurable: true, get });
      }
      const all = [await import("causerie"), await import("causerie/slim")];
      const silent = touched.filter((name) => name !== "FinalizationRegistry");
      console.log(JSON.stringify([silent, all.map((entry) => typeof entry.getTalkSession)]));`,
  });
  const { code, out, err } = await node(folder, "main.mjs");
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out), [[], ["function", "function"]]);
});

test("unreferenced refs are collected", async () => {
  const folder = project("node-gc", [], {
    "main.mjs": `
      import { getTalkSession } from "causerie";
      const session = getTalkSession({ appId: "demo", userId: "ada", host: "http://127.0.0.1:1" });
      const kept = session.user("kept");
      const seen = Array.from({ length: 5000 }, (_, n) => new WeakRef(session.user("u" + n)));
      const living = () => seen.filter((one) => one.deref()).length;
      // A WeakRef keeps its target until the end of the task in which it was read.
      for (let n = 0; n < 20; n += 1) { await new Promise((done) => setTimeout(done, 20)); globalThis.gc(); }
      console.log(JSON.stringify([living() < 100, session.user("kept") === kept]));`,
  });
  const { code, out, err } = await node(folder, "--expose-gc", "main.mjs");
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out), [true, true]);
});

test("the package sets and gets a user in vitest with jsdom", async () => {
  const http = sessionOptions({ transport: "http" });
  const folder = project("vitest-jsdom", ["program.js"], {
    "vitest.config.js": 'export default { test: { environment: "jsdom", include: ["*.spec.js"] } };',
    "sdk.spec.js": `
      import { expect, test } from "vitest";
      import * as causerie from "causerie";
      import { run } from "./program.js";
      const expected = ${JSON.stringify(RESULT)};
      test("by WebSocket", async () =>
        expect(await run(causerie, ${JSON.stringify(sessionOptions())})).toEqual(expected));
      test("by HTTP", async () =>
        expect(await run(causerie, ${JSON.stringify(http)})).toEqual(expected));`,
  });
  const { code, out, err } = await node(folder, join(outputFolder, "node_modules/vitest/vitest.mjs"), "run");
  assert.equal(code, 0, `${out}\n${err}`);
});

test("the package works in vitest with fake timers, by WebSocket also with a fake queueMicrotask", async () => {
  const folder = project("vitest-timers", ["program.js"], {
    "vitest.config.js": 'export default { test: { include: ["*.spec.js"] } };',
    "sdk.spec.js": `
      import { afterEach, expect, test, vi } from "vitest";
      import * as causerie from "causerie";
      import { WebSocket } from "ws";
      import { run } from "./program.js";
      const expected = ${JSON.stringify(RESULT)};
      causerie.registerPolyfills({ WebSocket });
      afterEach(() => vi.useRealTimers());
      const faked = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate",
        "Date", "performance", "queueMicrotask"];
      test("all faked, by WebSocket", async () => {
        vi.useFakeTimers({ toFake: faked });
        expect(await run(causerie, ${JSON.stringify(sessionOptions())})).toEqual(expected);
      });
      test("all but queueMicrotask faked, by HTTP", async () => {
        vi.useFakeTimers({ toFake: faked.slice(0, -1) });
        expect(await run(causerie, ${JSON.stringify(sessionOptions({ transport: "http" }))})).toEqual(expected);
      });`,
  });
  const { code, out, err } = await node(folder, join(outputFolder, "node_modules/vitest/vitest.mjs"), "run");
  assert.equal(code, 0, `${out}\n${err}`);
});

test("a program with the ws package ends without an error when its idle connection closes", async () => {
  const folder = project("node-idle", [], {
    "main.mjs": `
      import { getTalkSession, registerPolyfills } from "causerie";
      import { WebSocket } from "ws";
      delete globalThis.WebSocket;
      registerPolyfills({ WebSocket });
      const session = getTalkSession(${JSON.stringify(sessionOptions())});
      await session.currentUser.createIfNotExists({ name: "Ada" });
      const subscription = session.currentUser.subscribe();
      const { latestSnapshot } = await subscription.connected;
      subscription.unsubscribe();
      console.log(latestSnapshot.name);`,
  });
  const { code, out, err } = await node(folder, "main.mjs");
  assert.equal(code, 0, err);
  assert.equal(out, "Ada\n");
});

test("a program with the ws package survives a handshake that is not answered", async () => {
  const folder = project("node-handshake", [], {
    "main.mjs": `
      import { createServer } from "node:net";
      import { getTalkSession, registerPolyfills } from "causerie";
      import { WebSocket } from "ws";
      // The clock and the timers run 20 times as fast, so that the SDK gives up after 0.3 seconds.
      const { setTimeout } = globalThis;
      const now = performance.now.bind(performance);
      performance.now = () => now() * 20;
      globalThis.setTimeout = (call, milliseconds) => setTimeout(call, milliseconds / 20);
      delete globalThis.WebSocket;
      let opened = 0;
      class Counted extends WebSocket { constructor(...all) { super(...all); opened += 1; } }
      registerPolyfills({ WebSocket: Counted });
      const server = createServer().listen(0, "127.0.0.1", () => {
        const host = "http://127.0.0.1:" + server.address().port;
        getTalkSession({ host, appId: "demo", userId: "ada" }).currentUser.subscribe();
        setTimeout(() => { console.log(opened > 0); process.exit(0); }, 1000);
      });`,
  });
  const { code, out, err } = await node(folder, "main.mjs");
  assert.equal(code, 0, err);
  assert.equal(out, "true\n", "the SDK opened a socket");
});

test("a host that cannot be parsed throws a TypeError that names the option", async () => {
  const folder = project("node-host", [], {
    "main.mjs": `
      import { getTalkSession } from "causerie";
      const problems = ["http://[::1", "http://h:99999", "http://h:x"].map((host) => {
        try {
          getTalkSession({ host, appId: "demo", userId: "ada" });
        } catch (error) {
          return [error instanceof TypeError, error.code, error.field];
        }
      });
      for (const host of ["http://[::1]:80", "http://localhost:8787"]) {
        getTalkSession({ host, appId: "demo", userId: "ada" });
      }
      console.log(JSON.stringify(problems));
      process.exit(0);`,
  });
  const { code, out, err } = await node(folder, "main.mjs");
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out), Array(3).fill([true, "invalid_argument", "host"]));
});

test("an id with a lone surrogate throws a TypeError that names the id", async () => {
  const folder = project("node-ids", [], {
    "main.mjs": `
      import { getTalkSession } from "causerie";
      const options = { host: "http://127.0.0.1:1", appId: "demo", userId: "ada" };
      const session = getTalkSession(options);
      const problem = (call) => {
        try {
          call();
        } catch (error) {
          return [error instanceof TypeError, error.code, error.field];
        }
      };
      console.log(JSON.stringify([
        problem(() => session.user("\\ud800")),
        problem(() => session.conversation("a\\udc00")),
        problem(() => getTalkSession({ ...options, userId: "\\ud801" })),
        session.user("\\ud83d\\udc19").id,
      ]));
      process.exit(0);`,
  });
  const { code, out, err } = await node(folder, "main.mjs");
  assert.equal(code, 0, err);
  const thrown = ["user id", "conversation id", "userId"].map((field) => [true, "invalid_argument", field]);
  assert.deepEqual(JSON.parse(out), [...thrown, "\u{1F419}"]);
});

test("the default host of a frame whose location has no origin is the frame's own origin", async () => {
  const { host, ...options } = sessionOptions();
  const folder = project("node-frame", [], {
    "main.mjs": `
      import { getTalkSession } from "causerie";
      // As in an srcdoc frame.
      globalThis.location = { origin: "null" };
      globalThis.origin = ${JSON.stringify(host)};
      const session = getTalkSession(${JSON.stringify(options)});
      console.log(await session.currentUser.get());
      process.exit(0);`,
  });
  const { code, out, err } = await node(folder, "main.mjs");
  assert.equal(code, 0, err);
  assert.equal(out, "null\n");
});

test("a subscription without a WebSocket class fails at once, naming registerPolyfills", async () => {
  const folder = project("node-none", [], {
    "main.mjs": `
      import { getTalkSession } from "causerie";
      delete globalThis.WebSocket;
      const subscription = getTalkSession(${JSON.stringify(sessionOptions())}).currentUser.subscribe();
      const error = await subscription.connected.catch((error) => error);
      console.log(JSON.stringify([error.code, error.message, subscription.state.type]));`,
  });
  const { code, out, err } = await node(folder, "main.mjs");
  assert.equal(code, 0, err);
  const [problem, message, state] = JSON.parse(out);
  assert.deepEqual([problem, state], ["unsupported", "error"]);
  assert.match(message, /registerPolyfills/);
});
