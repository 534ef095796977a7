import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { test } from "node:test";

import { chromium } from "playwright-core";

function requiredEnv(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see examples/README.md`);
  return value;
}

const TYPES = { ".html": "text/html", ".js": "text/javascript" };

/** Serves this folder, as any static file server does. */
async function serveFolder(context) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = join(import.meta.dirname, pathname === "/" ? "index.html" : pathname);
    try {
      const bytes = await readFile(file);
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}

test("a message sent in one page appears in another", { timeout: 60_000 }, async (context) => {
  const origin = await serveFolder(context);
  const browser = await chromium.launch({ executablePath: requiredEnv("CHROMIUM"), args: ["--no-sandbox"] });
  context.after(() => browser.close());
  const conversation = `html-${randomUUID()}`;
  const open = async (user) => {
    const page = await browser.newPage();
    const query = new URLSearchParams({
      host: requiredEnv("CAUSERIE_ORIGIN"),
      app: requiredEnv("CAUSERIE_APP_ID"),
      user: `${user}-${conversation}`,
      conversation,
    });
    await page.goto(`${origin}/?${query}`);
    await page.getByText("Connected as").waitFor();
    return page;
  };
  const [alice, bob] = [await open("alice"), await open("bob")];
  await alice.getByLabel("Message").fill("Hello <b>Bob</b>");
  await alice.getByRole("button", { name: "Send" }).click();
  const item = bob.getByRole("listitem");
  await item.waitFor();
  assert.equal(await item.innerText(), `alice-${conversation}: Hello <b>Bob</b>`);
});
