// The server crashes, restarts, or stays down: the page shows it, and every acknowledged write is kept.
import assert from "node:assert/strict";

import { startServer } from "./server.mjs";
import { urlOf, card, uniqueId, pageTest, problem, profileUrl, rest, save, saved, text } from "./support.mjs";

// Messages that Chromium logs about connections to a server that is down.
const ignoredErrors =
  /WebSocket connection to|Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)/;

const unreachable = (page) => page.getByText("The server does not answer.");
const recovered = (page) => page.getByText("The server is back.");

function faultTest(name, body) {
  pageTest(name, { ignoredErrors }, async (page, { open }) => {
    const server = await startServer();
    try {
      await body(page, server, open);
    } finally {
      await server.close();
    }
  });
}

faultTest("after kill -9, acknowledged writes are kept and pending writes arrive", async (page, server) => {
  const id = uniqueId("kim");
  await page.goto(profileUrl(id, server.origin));
  await text(page, "Name").fill("Kim");
  await save(page).click();
  await saved(page);
  await server.end("SIGKILL");

  await text(page, "Role").fill("guest");
  await save(page).click();
  await unreachable(page).waitFor();
  assert.equal(await page.locator(".success").count(), 0, "no success is shown before the write is stored");
  await server.start();
  await recovered(page).waitFor();
  await saved(page);

  const stored = await rest("GET", `/users/${id}`, undefined, server.origin);
  assert.equal(stored.name, "Kim");
  assert.equal(stored.role, "guest");
  await page.reload();
  await card(page).getByText("guest").waitFor();
});

faultTest("a server restart between two clicks goes unnoticed", async (page, server) => {
  const id = uniqueId("lea");
  await rest("PUT", `/users/${id}`, { name: "Lea" }, server.origin);
  await page.goto(profileUrl(id, server.origin));
  await card(page).waitFor();
  await server.end("SIGTERM");
  await server.start();
  await text(page, "Name").fill("Lea again");
  await save(page).click();
  await saved(page);
  await card(page).getByText("Lea again").waitFor();
  assert.equal(await problem(page).count(), 0);
});

faultTest(
  "a server that stays down leads to a retryable error, and the page recovers when it is back",
  async (page, server, open) => {
    const [id, other] = [uniqueId("mia"), uniqueId("noa")];
    await rest("PUT", `/users/${id}`, { name: "Mia" }, server.origin);
    await rest("PUT", `/users/${other}`, { name: "Noa" }, server.origin);
    await page.goto(profileUrl(id, server.origin));
    await card(page).waitFor();
    const reader = await open();
    await reader.goto(urlOf({}, server.origin));
    await reader.getByLabel("User id").waitFor();
    await server.end("SIGKILL");
    await text(page, "Name").fill("Mia the second");
    await save(page).click();
    await unreachable(page).waitFor();
    await reader.getByLabel("User id").fill(other);
    await reader.getByRole("button", { name: "Continue" }).click();
    await reader.getByRole("button", { name: "Profile" }).click();

    // The SDK gives up a request after 30 s.
    for (const one of [page, reader]) {
      await problem(one).waitFor({ timeout: 40_000 });
      assert.match(await problem(one).locator(".tag").innerText(), /^(offline|timed_out)$/);
      assert.match(await problem(one).innerText(), /could not be reached|No response came in time/);
      await problem(one).getByRole("button", { name: "Try again" }).waitFor();
    }
    assert.equal(await text(page, "Name").inputValue(), "Mia the second", "the input is kept");

    await server.start();
    await recovered(page).waitFor();
    // Reads are repeated without a click, after a reconnect delay of at most 20 s; writes wait for a click.
    await card(reader).getByText("Noa", { exact: true }).waitFor({ timeout: 25_000 });
    await page.getByRole("button", { name: "Try again" }).click();
    await saved(page);
    assert.equal((await rest("GET", `/users/${id}`, undefined, server.origin)).name, "Mia the second");
  },
);
