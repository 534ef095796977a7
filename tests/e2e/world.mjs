// What the tests have in common: the server that the runner started, the system's Chromium, a page that complains of
// nothing, and a backend that speaks REST.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";

import { chromium } from "playwright-core";

export function wanted(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this by \`cargo xtask test --only e2e\``);
  return value;
}

export const origin = wanted("CAUSERIE_ORIGIN");
export const appId = wanted("CAUSERIE_APP_ID");

/** An id that no other test uses. */
export const fresh = (name) => `${name}-${randomUUID().slice(0, 8)}`;

let launching;

/** One browser for a file of tests. */
function browser() {
  launching ??= chromium.launch({
    executablePath: wanted("CHROMIUM"),
    // Playwright switches the back-forward cache off; visitors have it on.
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
  });
  return launching;
}

after(async () => (await launching)?.close());

/**
 * A test in a page of its own. It fails if the page logs an error, throws, or breaks its content security policy, except
 * where `tolerates` matches what was said. `open` opens further pages, each as if in a browser of its own.
 */
export function pageTest(name, options, body) {
  const { tolerates, ...settings } = options;
  test(name, { timeout: 120_000 }, async () => {
    const opened = [];
    const complaints = [];
    const complain = (text) => {
      if (!tolerates?.test(text)) complaints.push(text);
    };
    const open = async (more = {}) => {
      const own = await (
        await browser()
      ).newContext({ locale: "en-GB", timezoneId: "Europe/London", ...settings, ...more });
      opened.push(own);
      const page = await own.newPage();
      page.setDefaultTimeout(15_000);
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complain(`${message.type()}: ${message.text()}`);
      });
      page.on("pageerror", (error) => complain(`uncaught: ${error.message}`));
      await page.addInitScript(() => {
        addEventListener("securitypolicyviolation", (event) => {
          console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
        });
      });
      return page;
    };
    try {
      await body(await open(), { complaints, open });
      assert.deepEqual(complaints, [], "the page complained");
    } finally {
      for (const own of opened) await own.close();
    }
  });
}

/** Waits until something is so, asking again and again; fails if it is not so in time. */
export async function until(what, holds, patience = 15_000) {
  const end = performance.now() + patience;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `not in ${patience} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The address of a place in the demo. */
export function at(place, host = origin) {
  return `${host}/?${new URLSearchParams(place)}`;
}

/** A call of the REST API, as a backend makes it; fails unless it is answered with 200. */
export async function rest(method, path, body, host = origin) {
  const answer = await askRest(method, path, body, host);
  const text = await answer.text();
  assert.equal(answer.status, 200, `${method} ${path}: ${text}`);
  return JSON.parse(text);
}

/** The same, whatever the answer is. */
export function askRest(method, path, body, host = origin) {
  return fetch(`${host}/v1/${appId}${path}`, {
    method,
    headers: { authorization: `Bearer ${wanted("CAUSERIE_SECRET")}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Asks something of the realtime protocol as a user, without the SDK; fails unless it is answered. */
export async function ask(user, op, params) {
  const answer = await fetch(`${origin}/v1/${appId}/realtime`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ v: 1, user, client: randomUUID(), requests: [{ id: 1, op, params }] }),
  });
  const { results } = await answer.json();
  assert.equal(results[0].error, undefined);
  return results[0];
}

/** A conversation as the realtime protocol has it for a user. */
export async function conversationAsSeenBy(user, conversation) {
  const { entities } = await ask(user, "conversation.get", { conversation });
  return entities.conversations[0];
}

/** The address of somebody's profile. */
export const profileOf = (user, host) => at({ user, view: "profile" }, host);

// The parts of the page, by what people and screen readers know them by.

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

export async function add(page, what, label) {
  await page.getByRole("button", { name: `Add ${what}: ${label}`, exact: true }).click();
}
