// Warnings about unknown keys and further arguments: in development only, each once, and without a byte in a
// production bundle.
import assert from "node:assert/strict";
import { readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";

import nodeResolve from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";

import {
  close,
  open,
  outputFolder,
  page,
  project,
  readAll,
  run,
  serve,
  sessionOptions,
} from "../harness.mjs";
import { WARNINGS } from "../templates/mistakes.js";

const webpack = createRequire(import.meta.url)("webpack");
/** @type {vite.InlineConfig} */
const QUIET = { configFile: false, logLevel: "error" };
/** A text that only the code of the warnings contains. */
const CODE_OF_WARNINGS = /did you mean|unknown key/;

after(close);

const PAGE = `import * as causerie from "causerie"; import { run } from "./mistakes.js";
  window.result = run(causerie, Object.fromEntries(new URLSearchParams(location.search)));`;
const pageProject = (name, script) =>
  project(name, ["mistakes.js"], { "index.html": page(script), "page.js": PAGE });

const assertNoCode = (text) =>
  assert.ok(!CODE_OF_WARNINGS.test(text), "the bundle contains code of the warnings");

const assertPage = async (t, url, expected) => {
  const { result, warned, errors } = await open(t, url);
  assert.equal(result, "done");
  assert.deepEqual(errors, []);
  assert.deepEqual(
    warned.filter((text) => text.startsWith("causerie:")),
    expected,
  );
};

// ——— Node ———

const PROGRAM = `import { run } from "./mistakes.js";
  run(causerie, ${JSON.stringify(sessionOptions())});
  process.exit(0);`;
const LOADS = {
  "an ES module": 'import * as causerie from "causerie";',
  CommonJS:
    'import { createRequire } from "node:module"; const causerie = createRequire(import.meta.url)("causerie");',
  "the slim entry": `import * as causerie from "causerie/slim"; import { readFile } from "node:fs/promises";
    await causerie.init(readFile(new URL(import.meta.resolve("causerie/causerie.wasm"))));`,
};
const inNode = (name, load, mode) => {
  const folder = project(name, ["mistakes.js"], { "main.mjs": `${load}\n${PROGRAM}` });
  const { NODE_ENV: _, ...env } = process.env;
  return run(process.execPath, ["main.mjs"], {
    cwd: folder,
    env: mode === undefined ? env : { ...env, NODE_ENV: mode },
  });
};

for (const [name, load] of Object.entries(LOADS)) {
  test(`${name} in Node warns once of each mistake, unless NODE_ENV is production`, async () => {
    const folder = `warnings-${name.replaceAll(" ", "-")}`;
    for (const mode of [undefined, "test"]) {
      const { code, err } = await inNode(folder, load, mode);
      assert.equal(code, 0, err);
      assert.deepEqual(err.trim().split("\n"), WARNINGS, `NODE_ENV: ${mode}`);
    }
    assert.deepEqual(await inNode(folder, load, "production"), { code: 0, signal: null, out: "", err: "" });
  });
}

test("getters and proxies of a program are not run by the checks", async () => {
  const folder = project("warnings-getters", [], {
    "main.mjs": `import { getTalkSession } from "causerie";
      const session = getTalkSession(${JSON.stringify(sessionOptions({ transport: "http" }))});
      let reads = 0;
      const params = { name: "Ada", get nickname() { reads += 1; return "A"; } };
      await session.currentUser.set(params);
      const withCheck = reads;
      JSON.stringify(params);
      const hostile = new Proxy({}, { ownKeys() { throw new Error("hostile"); } });
      const error = await session.currentUser.set(hostile).catch((error) => error);
      const cycle = { type: "text" };
      cycle.children = [cycle, cycle];
      const endless = await session.conversation("c").send({ content: [cycle] }).catch((error) => error);
      console.log(JSON.stringify([withCheck, reads - withCheck, error.code, endless.code]));
      process.exit(0);`,
  });
  const { code, out, err } = await run(process.execPath, ["main.mjs"], { cwd: folder });
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out), [1, 1, "invalid_argument", "invalid_argument"]);
});

test("at most 100 warnings are printed", async () => {
  const folder = project("warnings-bound", [], {
    "main.mjs": `import { getTalkSession } from "causerie";
      const session = getTalkSession(${JSON.stringify(sessionOptions())});
      for (let n = 0; n < 300; n += 1) session.currentUser.set({ ["unheard" + n]: "x" }).catch(() => {});
      process.exit(0);`,
  });
  const { code, err } = await run(process.execPath, ["main.mjs"], { cwd: folder });
  assert.equal(code, 0, err);
  assert.equal(err.trim().split("\n").length, 100);
});

test("the session after a failure of the module warns too, once of each mistake", async () => {
  const folder = project("warnings-after-failure", [], {
    "main.mjs": `import { getTalkSession } from "causerie";
      const options = ${JSON.stringify(sessionOptions({ transport: "http" }))};
      const session = getTalkSession(options);
      session.user("ada").set({ photoURL: null }).catch(() => {});
      // A ref with a pointer out of bounds makes the module fail.
      const broken = session.user("broken");
      broken.__wbg_ptr = 0x7ffffff0;
      const { code } = await broken.get().catch((error) => error);
      const fresh = getTalkSession({ ...options, userID: "ada" });
      fresh.user("ada").set({ photoURL: null, zodiac: "leo" }).catch(() => {});
      fresh.conversation("c").message("m", { text: "Hi" });
      console.log(JSON.stringify([code, fresh !== session]));
      process.exit(0);`,
  });
  const { code, out, err } = await run(process.execPath, ["main.mjs"], { cwd: folder });
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out), ["internal_error", true]);
  assert.deepEqual(
    err.split("\n").filter((line) => line.startsWith("causerie: ")),
    [
      "causerie: UserRef.set: photoURL: unknown key; did you mean `photoUrl`?",
      "causerie: getTalkSession: userID: unknown key; did you mean `userId`?",
      "causerie: UserRef.set: zodiac: unknown key",
      "causerie: ConversationRef.message: takes 1 argument; further ones have no effect",
    ],
  );
});

// ——— Bundlers ———

test("Vite's development server warns", async (t) => {
  const folder = pageProject("warnings-vite-dev", "/page.js");
  const server = await vite.createServer({
    ...QUIET,
    root: folder,
    cacheDir: join(folder, ".vite"),
    server: { port: 0, host: "127.0.0.1", hmr: false },
  });
  await server.listen();
  t.after(() => server.close());
  await assertPage(t, server.resolvedUrls.local[0].replace(/\/$/, ""), WARNINGS);
});

test("a production build by Vite neither warns nor contains the code", async (t) => {
  const folder = pageProject("warnings-vite", "/page.js");
  // The development server of the test above sets it in this process, and Vite keeps it.
  delete process.env.NODE_ENV;
  await vite.build({ ...QUIET, root: folder });
  assertNoCode(readAll(join(folder, "dist")));
  await assertPage(t, (await serve(t, join(folder, "dist"))).url, []);
});

for (const minify of [true, false]) {
  test(`a production build by esbuild does not warn (minify: ${minify})`, async (t) => {
    const folder = pageProject(`warnings-esbuild-${minify}`, "/out.js");
    await esbuild.build({
      entryPoints: [join(folder, "page.js")],
      bundle: true,
      minify,
      define: { "process.env.NODE_ENV": '"production"' },
      format: "esm",
      outfile: join(folder, "out.js"),
      logLevel: "silent",
    });
    // Without a minifier the code stays in a branch that nothing reaches.
    if (minify) assertNoCode(readFileSync(join(folder, "out.js"), "latin1"));
    await assertPage(t, (await serve(t, folder)).url, []);
  });
}

for (const [mode, expected] of /** @type {const} */ ([
  ["production", []],
  ["development", WARNINGS],
])) {
  test(`webpack's mode ${mode} decides about the warnings`, async (t) => {
    const folder = pageProject(`warnings-webpack-${mode}`, "/out/main.js");
    const stats = await new Promise((done, failed) => {
      const output = { path: join(folder, "out") };
      webpack(
        { mode, devtool: false, context: folder, entry: "./page.js", output, performance: { hints: false } },
        (error, stats) => (error ? failed(error) : done(stats)),
      );
    });
    assert.ok(!stats.hasErrors() && !stats.hasWarnings(), stats.toString());
    const text = readAll(join(folder, "out"));
    if (mode === "production") assertNoCode(text);
    await assertPage(t, (await serve(t, folder)).url, expected);
  });
}

// ——— Pages without a bundler, where there is no `process` ———

test("an unbundled page on this machine warns under a strict policy, as does its worker", async (t) => {
  const folder = project("warnings-unbundled", ["mistakes.js"], {
    "index.html": page("/page.js"),
    "page.js": PAGE.replace('"causerie"', '"/node_modules/causerie/entry/index.js"').replace(
      "window.result =",
      `const worker = new Worker("/worker.js" + location.search, { type: "module" });
       worker.onmessage = ({ data }) => { window.result = data; };`,
    ),
    "worker.js": `import * as causerie from "/node_modules/causerie/entry/index.js";
      import { run } from "./mistakes.js";
      postMessage(run(causerie, Object.fromEntries(new URLSearchParams(self.location.search))));`,
  });
  symlinkSync(join(outputFolder, "node_modules"), join(folder, "node_modules"), "dir");
  const policy = { "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'" };
  const { url } = await serve(t, folder, policy);
  const { result, warned, errors } = await open(t, url);
  assert.equal(result, "done");
  assert.deepEqual(errors, []);
  assert.deepEqual([...warned].sort(), [...WARNINGS, ...WARNINGS].sort());
});

test("an unbundled page on another host does not warn", async (t) => {
  const folder = pageProject("warnings-rollup", "/out/page.js");
  const built = await rollup({ input: join(folder, "page.js"), plugins: [nodeResolve({ browser: true })] });
  await built.write({ dir: join(folder, "out"), format: "es" });
  const { url } = await serve(t, folder);
  await assertPage(t, url, WARNINGS);
  // The browser resolves this name to this machine, but the page does not know that.
  await assertPage(t, url.replace("127.0.0.1", "chat.example.test"), []);
});
