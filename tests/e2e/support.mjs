// Shared by all tests: the server that the test runner started, the installed browser, a page that fails the
// test on logged errors, and the REST API.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";

import { chromium } from "playwright-core";
// Firefox is driven by WebDriver BiDi. Later versions of Playwright send it a command that Firefox ESR does
// not know.
import { firefox } from "playwright-core-bidi";

export function requiredEnv(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this by \`cargo xtask test --only e2e\``);
  return value;
}

export const origin = requiredEnv("CAUSERIE_ORIGIN");
export const appId = requiredEnv("CAUSERIE_APP_ID");

/** Returns an id that no other test uses. */
export const uniqueId = (name) => `${name}-${randomUUID().slice(0, 8)}`;

/** The browser of this run: `chromium` or `firefox`. */
export const browserName = process.env.E2E_BROWSER ?? "chromium";

const launch = {
  chromium: () =>
    chromium.launch({
      executablePath: requiredEnv("CHROMIUM"),
      // Playwright disables the back-forward cache, which visitors have enabled.
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    }),
  firefox: () => firefox.launch({ channel: "moz-firefox", executablePath: requiredEnv("FIREFOX") }),
};

let launching;

/** Returns the browser, one for each test file. */
function browser() {
  launching ??= launch[browserName]();
  return launching;
}

after(async () => (await launching)?.close());

/**
 * Defines a test with its own page. It fails if the page logs an error, throws, or violates its
 * Content-Security-Policy, unless `ignoredErrors` matches the message. `only` names the browser that a test
 * needs. `open` opens further pages, each in a separate browser context.
 */
export function pageTest(name, options, body) {
  const { ignoredErrors, only, ...settings } = options;
  const skip = only !== undefined && only !== browserName && `it needs ${only}`;
  test(name, { timeout: 120_000, skip }, async () => {
    const opened = [];
    const pageErrors = [];
    const report = (text) => {
      if (!ignoredErrors?.test(text)) pageErrors.push(text);
    };
    const open = async (more = {}) => {
      const own = await (
        await browser()
      ).newContext({ locale: "en-GB", timezoneId: "Europe/London", ...settings, ...more });
      opened.push(own);
      const page = await own.newPage();
      page.setDefaultTimeout(15_000);
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) report(`${message.type()}: ${message.text()}`);
      });
      page.on("pageerror", (error) => report(`uncaught: ${error.message}`));
      await page.addInitScript(() => {
        addEventListener("securitypolicyviolation", (event) => {
          console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
        });
      });
      return page;
    };
    try {
      await body(await open(), { pageErrors, open });
      assert.deepEqual(pageErrors, [], "the page logged errors");
    } finally {
      for (const own of opened) await own.close();
    }
  });
}

/** Polls until a condition holds; fails after the timeout. */
export async function until(description, condition, timeoutMs = 15_000) {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    assert.ok(performance.now() < end, `not within ${timeoutMs} ms: ${description}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Returns the URL of a route of the demo. */
export function urlOf(route, host = origin) {
  return `${host}/?${new URLSearchParams(route)}`;
}

/** Calls the REST API as a backend does; fails unless the status is 200. */
export async function rest(method, path, body, host = origin) {
  const response = await fetchRest(method, path, body, host);
  const text = await response.text();
  assert.equal(response.status, 200, `${method} ${path}: ${text}`);
  return JSON.parse(text);
}

/** Calls the REST API and returns the response, whatever its status. */
export function fetchRest(method, path, body, host = origin) {
  return fetch(`${host}/v1/${appId}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${requiredEnv("CAUSERIE_SECRET")}`,
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Sends one request of the realtime protocol as a user, without the SDK; fails if it returns an error. */
export async function callRealtime(user, op, params) {
  const response = await fetch(`${origin}/v1/${appId}/realtime`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ v: 1, user, client: randomUUID(), requests: [{ id: 1, op, params }] }),
  });
  const { results } = await response.json();
  assert.equal(results[0].error, undefined);
  return results[0];
}

/** Returns a conversation as the realtime protocol sends it to a user, without the revision of the body. */
export async function conversationAsSeenBy(user, conversation) {
  const { entities } = await callRealtime(user, "conversation.get", { conversation });
  const { rev: _, ...entity } = entities.conversations[0];
  return entity;
}

/** Returns the URL of a user's profile. */
export const profileUrl = (user, host) => urlOf({ user, view: "profile" }, host);

// Locators of the parts of the page, by their accessible names.

export const card = (page) => page.getByTestId("user");
export const text = (page, label) => page.getByRole("textbox", { name: label, exact: true });
export const mode = (page, label, about) =>
  page.getByRole("radio", { name: `${label}: ${about}`, exact: true });
export const save = (page) => page.getByRole("button", { name: /^Save/ });
export const create = (page) => page.getByRole("button", { name: /^Create/ });
export const saved = (page) => page.locator(".success").waitFor();
export const problem = (page) => page.getByRole("alert");
export const field = (page, name) => page.locator(`[data-field="${name}"]`);

/** Chooses "keep", "set" or "null" for a field. */
export async function choose(page, label, about) {
  await mode(page, label, about).check();
}

export async function add(page, item, label) {
  await page.getByRole("button", { name: `Add ${item}: ${label}`, exact: true }).click();
}
