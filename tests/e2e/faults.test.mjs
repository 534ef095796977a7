// The server dies, comes back, and stays away: the page says so, and what was acknowledged is there.
import assert from "node:assert/strict";

import { ownServer } from "./server.mjs";
import { at, card, fresh, pageTest, problem, profileOf, rest, save, saved, text } from "./world.mjs";

// What Chromium itself logs about connections to a server that is not there.
const tolerates =
  /WebSocket connection to|Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)/;

const away = (page) => page.getByText("The server does not answer.");
const back = (page) => page.getByText("The server is back.");

function faultTest(name, body) {
  pageTest(name, { tolerates }, async (page, { open }) => {
    const server = await ownServer();
    try {
      await body(page, server, open);
    } finally {
      await server.done();
    }
  });
}

faultTest(
  "after kill -9 what was acknowledged is there, and what was waiting arrives",
  async (page, server) => {
    const id = fresh("kim");
    await page.goto(profileOf(id, server.origin));
    await text(page, "Name").fill("Kim");
    await save(page).click();
    await saved(page);
    await server.end("SIGKILL");

    await text(page, "Role").fill("guest");
    await save(page).click();
    await away(page).waitFor();
    assert.equal(await page.locator(".success").count(), 0, "nothing is called saved before it is");
    await server.start();
    await back(page).waitFor();
    await saved(page);

    const stored = await rest("GET", `/users/${id}`, undefined, server.origin);
    assert.equal(stored.name, "Kim");
    assert.equal(stored.role, "guest");
    await page.reload();
    await card(page).getByText("guest").waitFor();
  },
);

faultTest("a server that was restarted between two clicks is not noticed", async (page, server) => {
  const id = fresh("lea");
  await rest("PUT", `/users/${id}`, { name: "Lea" }, server.origin);
  await page.goto(profileOf(id, server.origin));
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
  "a server that stays away ends in an error that can be tried again, and the page mends itself",
  async (page, server, open) => {
    const [id, other] = [fresh("mia"), fresh("noa")];
    await rest("PUT", `/users/${id}`, { name: "Mia" }, server.origin);
    await rest("PUT", `/users/${other}`, { name: "Noa" }, server.origin);
    await page.goto(profileOf(id, server.origin));
    await card(page).waitFor();
    const reader = await open();
    await reader.goto(at({}, server.origin));
    await reader.getByLabel("User id").waitFor();
    await server.end("SIGKILL");
    await text(page, "Name").fill("Mia the second");
    await save(page).click();
    await away(page).waitFor();
    await reader.getByLabel("User id").fill(other);
    await reader.getByRole("button", { name: "Continue" }).click();
    await reader.getByRole("button", { name: "Profile" }).click();

    // The SDK's promise: a request is given up after 30 s.
    for (const one of [page, reader]) {
      await problem(one).waitFor({ timeout: 40_000 });
      assert.match(await problem(one).locator(".tag").innerText(), /^(offline|timed_out)$/);
      assert.match(await problem(one).innerText(), /could not be reached|No answer came in time/);
      await problem(one).getByRole("button", { name: "Try again" }).waitFor();
    }
    assert.equal(await text(page, "Name").inputValue(), "Mia the second", "what was typed is kept");

    await server.start();
    await back(page).waitFor();
    // What was only read is read again without a click, after a pause of the SDK's of at most 20 s; what was written
    // waits for a click.
    await card(reader).getByText("Noa", { exact: true }).waitFor({ timeout: 25_000 });
    await page.getByRole("button", { name: "Try again" }).click();
    await saved(page);
    assert.equal((await rest("GET", `/users/${id}`, undefined, server.origin)).name, "Mia the second");
  },
);
