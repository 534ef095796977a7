// Sockets that are closed while they connect: no class of sockets reports an uncaught error, which would end
// a Node process.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";

import * as esbuild from "esbuild";

import { close, open, openInFirefox, page, project, run, serve } from "../harness.mjs";

after(close);

const EXPECTED = Object.fromEntries(
  ["timeout", "unsubscribe", "suspend", "end of the session"].map((way) => [way, ["connecting", "closed"]]),
);

/** Starts a server that accepts connections and never answers. Returns the options of a session with it. */
const silentServer = async (t) => {
  const connections = new Set();
  const server = createServer((connection) => {
    connections.add(connection.on("error", () => {}));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => {
    for (const connection of connections) connection.destroy();
    server.close();
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { host: `http://127.0.0.1:${port}`, appId: "demo", userId: "ada" };
};

for (const [name, flags, load] of [
  ["the ws package", [], 'import { WebSocket } from "ws"; delete globalThis.WebSocket;'],
  // What Node has from version 22 on.
  ["Node's own WebSocket", ["--experimental-websocket"], "const { WebSocket } = globalThis;"],
]) {
  test(`a socket can be closed while it connects, with ${name}`, async (t) => {
    const options = await silentServer(t);
    const folder = project(`connecting-${flags.length}`, ["connecting.js"], {
      "main.mjs": `
        import * as causerie from "causerie";
        import { run } from "./connecting.js";
        ${load}
        causerie.registerPolyfills({ WebSocket });
        // Node has no events of a page.
        const events = new EventTarget();
        for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"]) {
          globalThis[name] = events[name].bind(events);
        }
        console.log(JSON.stringify(await run(causerie, ${JSON.stringify(options)})));
        process.exit(0);`,
    });
    const { code, out, err } = await run(process.execPath, [...flags, "main.mjs"], { cwd: folder });
    assert.equal(code, 0, err);
    assert.deepEqual(JSON.parse(out), EXPECTED);
  });
}

const PAGE = `
  import * as causerie from "causerie";
  import { run } from "./connecting.js";
  const errors = [];
  for (const name of ["error", "unhandledrejection"]) addEventListener(name, () => errors.push(name));
  run(causerie, Object.fromEntries(new URLSearchParams(location.search)))
    .catch((error) => ({ failed: String(error.stack) }))
    .then((states) => { window.result = { ...states, errors }; });`;

const openInChromium = async (t, url, options) => (await open(t, url, options)).result;
for (const [browser, openPage] of Object.entries({ Chromium: openInChromium, Firefox: openInFirefox })) {
  test(`a socket can be closed while it connects, in ${browser}`, async (t) => {
    const options = await silentServer(t);
    const folder = project(`connecting-${browser}`, ["connecting.js"], {
      "index.html": page("/out.js"),
      "page.js": PAGE,
    });
    const [entry, outfile] = [join(folder, "page.js"), join(folder, "out.js")];
    await esbuild.build({ entryPoints: [entry], bundle: true, format: "esm", outfile, logLevel: "silent" });
    const result = await openPage(t, (await serve(t, folder)).url, options);
    assert.deepEqual(result, { ...EXPECTED, errors: [] });
  });
}
