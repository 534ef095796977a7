// A module that fails: its sessions end with an error, and the next session has an instance of its own.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";

import * as esbuild from "esbuild";

import { close, open, openInFirefox, page, project, run, serve, sessionOptions } from "../harness.mjs";

after(close);

const same = (count) => Array(count).fill("the same");
const EXPECTED = {
  error: ["internal_error", true, true],
  message: true,
  ofPending: same(2),
  ofHandles: same(2),
  ofHandlers: same(1),
  ofReport: same(1),
  ofOldRefs: same(2),
  ofThrows: same(6),
  loadMore: "no error",
  laterCallback: false,
  sockets: [true],
  fresh: [true, true, "TalkSession"],
  name: "Ada",
  get: "Ada",
};
const WAYS = [
  "a method",
  "a method that throws",
  "a socket's event",
  "a timer",
  "a callback",
  "an event of the page",
];
const expected = (ways) => Object.fromEntries(ways.map((way) => [way, EXPECTED]));

const PAGE = `
  import * as causerie from "causerie";
  import { run } from "./trap.js";
  run(causerie, Object.fromEntries(new URLSearchParams(location.search)))
    .catch((error) => ({ failed: String(error.stack) }))
    .then((result) => { window.result = result; });`;

const servePage = async (t) => {
  const folder = project("traps", ["trap.js"], { "index.html": page("/out.js"), "page.js": PAGE });
  await esbuild.build({
    entryPoints: [join(folder, "page.js")],
    bundle: true,
    minify: true,
    format: "esm",
    outfile: join(folder, "out.js"),
    logLevel: "silent",
  });
  return serve(t, folder);
};

test("a trap ends the sessions, and the next one works in the same page, in Chromium", async (t) => {
  const { result, errors } = await open(t, (await servePage(t)).url);
  assert.deepEqual(result, expected(WAYS));
  assert.deepEqual(errors, []);
});

test("a trap ends the sessions, and the next one works in the same page, in Firefox", async (t) => {
  const result = await openInFirefox(t, (await servePage(t)).url);
  assert.deepEqual(result, expected(WAYS));
});

for (const [entry, load] of [
  ["causerie", ""],
  [
    "causerie/slim",
    `import { readFile } from "node:fs/promises";
     await causerie.init(readFile(new URL(import.meta.resolve("causerie/causerie.wasm"))));`,
  ],
]) {
  test(`a trap ends the sessions and not the process, in Node with ${entry}`, async () => {
    const folder = project(`traps-${entry.replace("/", "-")}`, ["trap.js"], {
      "main.mjs": `
        import * as causerie from "${entry}";
        import { WebSocket } from "ws";
        import { run } from "./trap.js";
        ${load}
        causerie.registerPolyfills({ WebSocket });
        console.log(JSON.stringify(await run(causerie, ${JSON.stringify(sessionOptions())})));
        process.exit(0);`,
    });
    const { code, out, err } = await run(process.execPath, ["main.mjs"], { cwd: folder });
    assert.equal(code, 0, err);
    const ways = WAYS.filter((way) => !way.includes("page"));
    assert.deepEqual(JSON.parse(out), expected(ways));
  });
}
