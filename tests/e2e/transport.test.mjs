// The transport of requests: WebSocket by default, HTTP if chosen, and HTTP if no WebSocket can be opened.
import assert from "node:assert/strict";

import { proxyWithoutWebSockets } from "./server.mjs";
import { urlOf, card, uniqueId, origin, pageTest, profileUrl, rest, save, saved, text } from "./support.mjs";

/** Counts the WebSockets and the batches of the HTTP fallback. */
function traffic(page) {
  const seen = { sockets: 0, batches: 0 };
  page.on("websocket", () => (seen.sockets += 1));
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/realtime")) seen.batches += 1;
  });
  return seen;
}

async function writeAndRead(page, id) {
  await text(page, "Name").fill("Any transport");
  await save(page).click();
  await saved(page);
  await page.reload();
  await card(page).getByText("Any transport").waitFor();
  assert.equal((await rest("GET", `/users/${id}`)).name, "Any transport");
}

pageTest("by default the page uses one WebSocket and no POST", {}, async (page) => {
  const [id, seen] = [uniqueId("auto"), traffic(page)];
  await page.goto(urlOf({ user: id, conversation: "nowhere" }));
  await page.getByTestId("absent").waitFor();
  await page.getByRole("button", { name: "Profile" }).click();
  await text(page, "Name").fill("Once");
  await save(page).click();
  await saved(page);
  assert.deepEqual(seen, { sockets: 1, batches: 0 });
});

pageTest("the http setting opens no WebSocket, and everything works", {}, async (page) => {
  const id = uniqueId("http");
  await page.goto(profileUrl(id));
  await page.getByTestId("missing-user").waitFor();
  const seen = traffic(page);
  await page.getByRole("radio", { name: "http" }).check();
  await page.waitForURL(/transport=http/);
  await page.getByTestId("missing-user").waitFor();
  await page.locator("pre", { hasText: 'transport: "http"' }).waitFor();
  await writeAndRead(page, id);
  assert.equal(seen.sockets, 0);
  assert.ok(seen.batches >= 3, `${seen.batches} batches`);
});

pageTest("switching the transport asks before discarding unsaved changes", {}, async (page) => {
  await page.goto(profileUrl(uniqueId("draft")));
  await text(page, "Name").fill("A draft");
  let question = "";
  page.once("dialog", async (dialog) => {
    question = dialog.message();
    await dialog.dismiss();
  });
  // `click` instead of `check`, because the radio button goes back to its old state.
  await page.getByRole("radio", { name: "http" }).click();
  assert.match(question, /not saved/);
  assert.equal(await text(page, "Name").inputValue(), "A draft");
  assert.ok(await page.getByRole("radio", { name: "auto" }).isChecked());
});

pageTest(
  "the page works by HTTP behind a proxy that refuses WebSockets",
  { ignoredErrors: /WebSocket connection to/ },
  async (page) => {
    const proxy = await proxyWithoutWebSockets(origin);
    try {
      const id = uniqueId("proxied");
      await page.goto(profileUrl(id, proxy.origin));
      await writeAndRead(page, id);
      assert.ok(proxy.counts.refused >= 1, "no WebSocket was attempted");
      assert.ok(proxy.counts.batches >= 3, `${proxy.counts.batches} batches`);
    } finally {
      proxy.close();
    }
  },
);

pageTest("the page works by HTTP if WebSockets open and close at once", {}, async (page) => {
  const [id, seen] = [uniqueId("closed"), traffic(page)];
  await page.routeWebSocket(/\/realtime$/, (socket) => socket.close());
  await page.goto(profileUrl(id));
  await writeAndRead(page, id);
  assert.ok(seen.batches >= 3, `${seen.batches} batches`);
});
