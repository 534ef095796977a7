// Projects that install the tarball, a server for their pages, and a browser.
//
// A project is a folder under target/packaging that is created from templates for each test. Its node_modules
// has the packages of this folder, and `causerie` unpacked from the tarball, as `npm install` would do for a
// user.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const outputFolder = resolve(here, "../../target/packaging");

const requiredEnv = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by \`cargo xtask test --only packaging\``);
  return value;
};
export const origin = requiredEnv("CAUSERIE_ORIGIN");
export const appId = requiredEnv("CAUSERIE_APP_ID");

/** Fills node_modules of all projects, once a process. */
const installPackages = () => {
  const modules = join(outputFolder, "node_modules");
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(join(modules, "causerie"), { recursive: true });
  for (const name of readdirSync(join(here, "node_modules"))) {
    if (!name.startsWith(".")) symlinkSync(join(here, "node_modules", name), join(modules, name), "dir");
  }
  execFileSync("tar", [
    "-xzf",
    resolve(requiredEnv("CAUSERIE_TARBALL")),
    "-C",
    join(modules, "causerie"),
    "--strip-components=1",
  ]);
};
installPackages();

/** Creates a project with files from templates, and with texts by file name. Returns its folder. */
export const project = (name, templates, texts = {}) => {
  const folder = join(outputFolder, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of templates) cpSync(join(here, "templates", file), join(folder, file));
  const all = { "package.json": JSON.stringify({ name, private: true, type: "module" }), ...texts };
  for (const [file, text] of Object.entries(all)) writeFileSync(join(folder, file), text);
  return folder;
};

export const page = (script) =>
  `<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="${script}"></script>`;

/** Returns the first code block of the README, with the address of the tests' server. */
export const readmeCode = () => {
  const text = readFileSync(resolve(here, "../../README.md"), "utf8");
  const [, code] = text.match(/^```js\n(.*?)^```$/ms) ?? assert.fail("the README shows no JavaScript");
  assert.match(code, /host: "http:[^"]*"/, "the README's code names a host");
  return code.replace(/host: "http:[^"]*"/, `host: "${origin}"`);
};

let users = 0;
/** Returns the options of a session with a new user id. */
export const sessionOptions = (more = {}) => ({
  host: origin,
  appId,
  userId: `packaging-${process.pid}-${(users += 1)}`,
  ...more,
});

/** The expected result of `templates/program.js`. */
export const RESULT = {
  same: true,
  name: "Ada",
  custom: "here",
  classes: [true, true, true],
  code: "invalid_argument",
  field: "name",
};

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".css": "text/css",
};

/** Serves a folder with additional headers. Returns the address and the list of requested paths. */
export const serve = async (t, folder, headers = {}) => {
  const requested = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://x").pathname;
    requested.push(path);
    const file = join(folder, path === "/" ? "index.html" : path);
    if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      ...headers,
    });
    response.end(readFileSync(file));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}`, requested };
};

let browser;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--host-resolver-rules=MAP chat.example.test 127.0.0.1",
];

/** Opens a page in Chromium and waits until it sets `window.result`. */
export const open = async (t, url, options = sessionOptions()) => {
  browser ??= await chromium.launch({ executablePath: requiredEnv("CHROMIUM"), args: FLAGS });
  const context = await browser.newContext();
  t.after(() => context.close());
  const tab = await context.newPage();
  const seen = { requests: [], sockets: [], errors: [], logged: [], warned: [] };
  tab.on("request", (request) => seen.requests.push(request.url()));
  // Development servers open sockets of their own.
  tab.on("websocket", (socket) => socket.url().includes("/realtime") && seen.sockets.push(socket.url()));
  tab.on("console", (message) => message.type() === "log" && seen.logged.push(message.text()));
  tab.on("console", (message) => message.type() === "warning" && seen.warned.push(message.text()));
  tab.on("pageerror", (error) => seen.errors.push(error.message));
  await tab.goto(`${url}/?${new URLSearchParams(options)}`);
  try {
    await tab.waitForFunction(() => window.result !== undefined, undefined, { timeout: 20_000 });
  } catch (error) {
    assert.fail(`the page set no result: ${error.message}; its errors: ${seen.errors.join("; ")}`);
  }
  return { result: await tab.evaluate(() => window.result), tab, ...seen };
};

/** Starts geckodriver on a free port. Returns its process and its address. */
const startDriver = async () => {
  const driver = spawn(requiredEnv("GECKODRIVER"), ["--port", "0"], { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface(driver.stdout)) {
    const found = /Listening on (\S+)/.exec(line);
    if (!found) continue;
    driver.stdout.resume();
    return { driver, address: `http://${found[1]}` };
  }
  throw new Error("geckodriver ended without printing its address");
};

/** Opens a page in Firefox, waits until it sets `window.result`, and returns that. */
export const openInFirefox = async (t, url, options = sessionOptions()) => {
  const { driver, address } = await startDriver();
  t.after(() => driver.kill());
  const command = async (method, path, body) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${address}/session${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`WebDriver, ${path}: ${value.message}`);
    return value;
  };
  const alwaysMatch = { "moz:firefoxOptions": { args: ["-headless"] } };
  const { sessionId } = await command("POST", "", { capabilities: { alwaysMatch } });
  const script = `const done = arguments[0];
    const poll = () => (window.result === undefined ? setTimeout(poll, 20) : done(window.result));
    poll();`;
  try {
    await command("POST", `/${sessionId}/url`, { url: `${url}/?${new URLSearchParams(options)}` });
    return await command("POST", `/${sessionId}/execute/async`, { script, args: [] });
  } finally {
    await command("DELETE", `/${sessionId}`);
  }
};

/** Closes the browser; for `after` of each test file. */
export const close = () => browser?.close();

/** Runs a program until it exits. */
export const run = (command, args, options = {}) =>
  new Promise((done) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 60_000, ...options });
    let out = "";
    let err = "";
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (err += text));
    child.on("close", (code, signal) => done({ code, signal, out, err }));
  });

/** Returns the contents of all files in a folder, joined. */
export const readAll = (folder) => {
  const texts = readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, "latin1"));
  return texts.join("\n");
};

export { outputFolder };
