// Bundlers: the bundled package runs in Chromium, and requests no further file.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";

import nodeResolve from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";

import { RESULT, close, open, page, project, readAll, readmeCode, serve } from "../harness.mjs";

const webpack = createRequire(import.meta.url)("webpack");
/** @type {vite.InlineConfig} */
const QUIET = { configFile: false, logLevel: "error" };

after(close);

const assertWorks = async (t, url) => {
  const seen = await open(t, url);
  assert.deepEqual(seen.result, RESULT);
  assert.deepEqual(seen.errors, [], "uncaught errors");
  assert.deepEqual(
    seen.requests.filter((one) => one.includes(".wasm")),
    [],
    "requests for a module",
  );
  assert.equal(seen.sockets.length, 1, `sockets: ${seen.sockets}`);
};

test("the package works in Vite's development server", async (t) => {
  const folder = project("vite-dev", ["program.js", "page.js"], { "index.html": page("/page.js") });
  const server = await vite.createServer({
    ...QUIET,
    root: folder,
    cacheDir: join(folder, ".vite"),
    server: { port: 0, host: "127.0.0.1", hmr: false },
  });
  await server.listen();
  t.after(() => server.close());
  await assertWorks(t, server.resolvedUrls.local[0].replace(/\/$/, ""));
});

test("the package works in Vite's build and preview", async (t) => {
  const folder = project("vite-build", ["program.js", "page.js"], { "index.html": page("/page.js") });
  await vite.build({ ...QUIET, root: folder });
  const server = await vite.preview({ ...QUIET, root: folder, preview: { port: 0, host: "127.0.0.1" } });
  t.after(() => server.close());
  await assertWorks(t, server.resolvedUrls.local[0].replace(/\/$/, ""));
});

test("the first code of the README works in a Vite app", async (t) => {
  const main = `${readmeCode()}\nwindow.result = "done";\n`;
  const folder = project("vite-readme", [], { "index.html": page("/main.js"), "main.js": main });
  await vite.build({ ...QUIET, root: folder });
  const { logged, errors } = await open(t, (await serve(t, join(folder, "dist"))).url);
  // The sent message arrives a moment later.
  for (let waited = 0; waited < 5_000 && logged.length < 2; waited += 50)
    await new Promise((done) => setTimeout(done, 50));
  assert.deepEqual(errors, []);
  assert.deepEqual(logged, ["nothing yet", "Alice: Hi, everybody!"]);
});

test("the slim entry works in Vite with ?url", async (t) => {
  const folder = project("vite-slim", ["program.js", "slim.js"], { "index.html": page("/slim.js") });
  await vite.build({ ...QUIET, root: folder, build: { assetsInlineLimit: 0 } });
  const { url, requested } = await serve(t, join(folder, "dist"));
  const { result } = await open(t, url);
  const { early, ...rest } = result;
  assert.deepEqual(rest, RESULT);
  assert.match(early, /init/, "the error of an early call names the missing call");
  assert.equal(
    requested.filter((path) => path.endsWith(".wasm")).length,
    1,
    `one request for the module: ${requested}`,
  );
});

test("an app with only type imports contains no code of the package", async () => {
  const folder = project("vite-types", ["types-only.ts"], { "index.html": page("/types-only.ts") });
  await vite.build({ ...QUIET, root: folder });
  const text = readAll(join(folder, "dist"));
  assert.ok(text.length < 2000, `${text.length} bytes`);
  assert.doesNotMatch(text, /WebAssembly\.Module|getTalkSession|CauserieError/);
});

test("an app with an unused import contains no code of the package", async () => {
  const folder = project("esbuild-unused", [], {
    "main.js": 'import { getTalkSession } from "causerie";\nconsole.log("no chat here");\n',
  });
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(folder, "main.js")],
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  assert.ok(outputFiles[0].contents.length < 200, `${outputFiles[0].contents.length} bytes`);
});

test("the package works with esbuild", async (t) => {
  const folder = project("esbuild", ["program.js", "page.js"], { "index.html": page("/out.js") });
  await esbuild.build({
    entryPoints: [join(folder, "page.js")],
    bundle: true,
    minify: true,
    format: "esm",
    outfile: join(folder, "out.js"),
    logLevel: "silent",
  });
  await assertWorks(t, (await serve(t, folder)).url);
});

test("the package works with Rollup", async (t) => {
  const folder = project("rollup", ["program.js", "page.js"], { "index.html": page("/out/page.js") });
  const built = await rollup({ input: join(folder, "page.js"), plugins: [nodeResolve({ browser: true })] });
  await built.write({ dir: join(folder, "out"), format: "es" });
  await assertWorks(t, (await serve(t, folder)).url);
});

test("the package works with webpack", async (t) => {
  const folder = project("webpack", ["program.js", "page.js"], { "index.html": page("/out/main.js") });
  const stats = await new Promise((done, failed) => {
    const output = { path: join(folder, "out") };
    webpack(
      { mode: "production", context: folder, entry: "./page.js", output, performance: { hints: false } },
      (error, stats) => (error ? failed(error) : done(stats)),
    );
  });
  assert.ok(!stats.hasErrors() && !stats.hasWarnings(), stats.toString());
  await assertWorks(t, (await serve(t, folder)).url);
});
