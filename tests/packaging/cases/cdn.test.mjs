// CDNs: a page without a bundler imports the package by its bare name, from another origin.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { after, test } from "node:test";

import {
  RESULT,
  close,
  open,
  openInFirefox,
  origin,
  outputFolder,
  page,
  project,
  serve,
  sessionOptions,
} from "../harness.mjs";

after(close);

const PACKAGE = join(outputFolder, "node_modules/causerie");
const described = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));

/**
 * Serves the package as a CDN does: `/causerie` is the file that a field of package.json names, and other
 * paths are other files. Returns the address and the list of requested paths.
 */
const cdn = async (t, field) => {
  const requested = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://x");
    requested.push(pathname);
    const file = pathname === "/causerie" ? described[field] : pathname.replace("/causerie/", "");
    try {
      const text = readFileSync(join(PACKAGE, file));
      response.writeHead(200, { "content-type": "text/javascript", "access-control-allow-origin": "*" });
      response.end(text);
    } catch {
      response.writeHead(404).end();
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/causerie`, requested };
};

const sitePage = (t, name, url) => {
  const script = `import * as causerie from "${url}";
    import { run } from "./program.js";
    run(causerie, Object.fromEntries(new URLSearchParams(location.search)))
      .catch((error) => ({ failed: String(error) }))
      .then((result) => (window.result = result));`;
  return serve(t, project(name, ["program.js"], { "index.html": page("/main.js"), "main.js": script }));
};

for (const field of ["jsdelivr", "unpkg", "browser"]) {
  test(`a page imports the file that the field ${field} names, and nothing else`, async (t) => {
    const { url, requested } = await cdn(t, field);
    const { result, errors } = await open(t, (await sitePage(t, `cdn-${field}`, url)).url);
    assert.deepEqual(result, RESULT);
    assert.deepEqual(errors, []);
    assert.deepEqual(requested, ["/causerie"]);
  });
}

test("a page imports the package by its bare name in Firefox", async (t) => {
  const { url, requested } = await cdn(t, "jsdelivr");
  const result = await openInFirefox(t, (await sitePage(t, "cdn-firefox", url)).url);
  assert.deepEqual(result, RESULT);
  assert.deepEqual(requested, ["/causerie"]);
});

test("a host without a scheme reaches a server on this machine", async (t) => {
  const { url } = await cdn(t, "jsdelivr");
  const host = origin.replace("http://", "");
  const { result, sockets } = await open(
    t,
    (await sitePage(t, "cdn-host", url)).url,
    sessionOptions({ host }),
  );
  assert.deepEqual(result, RESULT);
  assert.equal(new URL(sockets[0]).host, host);
});

test("the condition unpkg of the exports names the same file", () => {
  assert.equal(described.exports["."].unpkg.default, described.unpkg);
  assert.equal(Object.keys(described.exports["."]).indexOf("unpkg") < 2, true, "before import and default");
});
