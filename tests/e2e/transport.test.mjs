// How the requests travel: by WebSocket, by HTTP where that is asked for, and by HTTP where no WebSocket can be opened.
import assert from "node:assert/strict";

import { proxyWithoutWebSockets } from "./server.mjs";
import { at, card, fresh, origin, pageTest, profileOf, rest, save, saved, text } from "./world.mjs";

/** Writes down every WebSocket and every batch of the HTTP twin. */
function traffic(page) {
  const seen = { sockets: 0, batches: 0 };
  page.on("websocket", () => (seen.sockets += 1));
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/realtime")) seen.batches += 1;
  });
  return seen;
}

async function writeAndRead(page, id) {
  await text(page, "Name").fill("By any way");
  await save(page).click();
  await saved(page);
  await page.reload();
  await card(page).getByText("By any way").waitFor();
  assert.equal((await rest("GET", `/users/${id}`)).name, "By any way");
}

pageTest("by itself the page uses one WebSocket for everything, and no POST", {}, async (page) => {
  const [id, seen] = [fresh("auto"), traffic(page)];
  await page.goto(at({ user: id, conversation: "nowhere" }));
  await page.getByTestId("absent").waitFor();
  await page.getByRole("button", { name: "Profile" }).click();
  await text(page, "Name").fill("Once");
  await save(page).click();
  await saved(page);
  assert.deepEqual(seen, { sockets: 1, batches: 0 });
});

pageTest("the switch to http opens no WebSocket, and everything works", {}, async (page) => {
  const id = fresh("http");
  await page.goto(profileOf(id));
  await page.getByTestId("nobody").waitFor();
  const seen = traffic(page);
  await page.getByRole("radio", { name: "http" }).check();
  await page.waitForURL(/transport=http/);
  await page.getByTestId("nobody").waitFor();
  await page.locator("pre", { hasText: 'transport: "http"' }).waitFor();
  await writeAndRead(page, id);
  assert.equal(seen.sockets, 0);
  assert.ok(seen.batches >= 3, `${seen.batches} batches`);
});

pageTest("changes that were not saved are not lost by the switch without a question", {}, async (page) => {
  await page.goto(profileOf(fresh("draft")));
  await text(page, "Name").fill("A draft");
  let asked = "";
  page.once("dialog", async (dialog) => {
    asked = dialog.message();
    await dialog.dismiss();
  });
  // `click`, for the radio button goes back to where it was.
  await page.getByRole("radio", { name: "http" }).click();
  assert.match(asked, /not saved/);
  assert.equal(await text(page, "Name").inputValue(), "A draft");
  assert.ok(await page.getByRole("radio", { name: "auto" }).isChecked());
});

pageTest(
  "behind a proxy that refuses WebSockets the page works by HTTP",
  { tolerates: /WebSocket connection to/ },
  async (page) => {
    const proxy = await proxyWithoutWebSockets(origin);
    try {
      const id = fresh("proxied");
      await page.goto(profileOf(id, proxy.origin));
      await writeAndRead(page, id);
      assert.ok(proxy.counts.refused >= 1, "no WebSocket was tried");
      assert.ok(proxy.counts.batches >= 3, `${proxy.counts.batches} batches`);
    } finally {
      proxy.done();
    }
  },
);

pageTest("where WebSockets open and are closed without a word, the page works by HTTP", {}, async (page) => {
  const [id, seen] = [fresh("closed"), traffic(page)];
  await page.routeWebSocket(/\/realtime$/, (socket) => socket.close());
  await page.goto(profileOf(id));
  await writeAndRead(page, id);
  assert.ok(seen.batches >= 3, `${seen.batches} batches`);
});
