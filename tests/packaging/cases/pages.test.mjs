// Special pages: a strict Content-Security-Policy, a charset that is not UTF-8, and React's StrictMode.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import * as esbuild from "esbuild";

import { RESULT, close, open, origin, page, project, serve } from "../harness.mjs";

after(close);

const buildProject = async (name, entry, options = {}) => {
  const folder = project(name, ["program.js", entry], { "index.html": page("/out.js") });
  await esbuild.build({
    entryPoints: [join(folder, entry)],
    bundle: true,
    format: "esm",
    outfile: join(folder, "out.js"),
    jsx: "automatic",
    logLevel: "silent",
    ...options,
  });
  return folder;
};
const policy = (script) => ({
  "content-security-policy": [
    "default-src 'self'",
    `script-src ${script}`,
    `connect-src 'self' ${origin} ${origin.replace("http", "ws")}`,
  ].join("; "),
});

test("a policy with 'wasm-unsafe-eval' and nothing weaker is enough", async (t) => {
  const { url } = await serve(t, await buildProject("csp", "page.js"), policy("'self' 'wasm-unsafe-eval'"));
  const { result, errors } = await open(t, url);
  assert.deepEqual(result, RESULT);
  assert.deepEqual(errors, []);
});

test("without 'wasm-unsafe-eval' the error names the directive", async (t) => {
  const { url } = await serve(t, await buildProject("csp-without", "page.js"), policy("'self'"));
  const { result } = await open(t, url);
  assert.match(result.failed ?? "", /script-src/, JSON.stringify(result));
  assert.match(result.failed, /'wasm-unsafe-eval'/);
  assert.deepEqual([result.name, result.code], ["CauserieError", "unsupported"]);
});

test("a classic script in a page that is windows-1252 works", async (t) => {
  // esbuild emits characters beyond ASCII as they are, as several bundlers do by default.
  const folder = await buildProject("windows-1252", "page.js", {
    format: "iife",
    charset: "utf8",
    minify: true,
  });
  const html =
    '<!doctype html><meta charset="windows-1252"><title>page</title><body><script src="/out.js"></script>';
  writeFileSync(join(folder, "index.html"), html);
  const { url } = await serve(t, folder);
  const { result, errors, tab } = await open(t, url);
  assert.equal(await tab.evaluate(() => document.characterSet), "windows-1252");
  assert.deepEqual(result, RESULT);
  assert.deepEqual(errors, []);
});

test("a component mounted twice by React's StrictMode opens one socket", async (t) => {
  const folder = await buildProject("react-strict", "strict.jsx", {
    define: { "process.env.NODE_ENV": '"development"' },
  });
  const { result, sockets, errors, tab } = await open(t, (await serve(t, folder)).url);
  assert.deepEqual(result, { name: "Ada", mounts: 2 });
  await tab.waitForTimeout(300);
  assert.equal(sockets.length, 1, `sockets: ${sockets}`);
  assert.deepEqual(errors, []);
});
