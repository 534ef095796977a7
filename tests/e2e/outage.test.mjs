// The server or the network fails during a conversation: the page shows it, and after the recovery no message
// is lost or duplicated.
import assert from "node:assert/strict";

import {
  bubble,
  composer,
  messages,
  pending,
  post,
  messageTexts,
  sendMessage,
  openForBoth,
  createPair,
} from "./chat.mjs";
import { cuttableConnection, startServer } from "./server.mjs";
import { urlOf, origin, pageTest, rest, until } from "./support.mjs";

// Messages that Chromium logs about failed connections.
const ignoredErrors =
  /WebSocket connection to|Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|CONNECTION_CLOSED|EMPTY_RESPONSE|INTERNET_DISCONNECTED|SOCKET_NOT_CONNECTED|NETWORK_CHANGED)/;

const unreachable = (page) => page.getByText("The server does not answer.");
const offline = (page) => page.getByText("You are offline.");
/** The SDK's longest delay between two attempts is 20 s. */
const RECOVERY_MS = 30_000;

/** Returns the texts of the stored messages, oldest first. */
async function storedTexts(id, host) {
  const { data } = await rest("GET", `/conversations/${id}/messages?limit=100`, undefined, host);
  return data
    .map(({ text, content }) => text ?? content.flatMap((block) => block.children).join(""))
    .reverse();
}

pageTest(
  "both pages recover when the server is killed and restarted, and every message arrives once",
  { ignoredErrors },
  async (page, { open }) => {
    const server = await startServer();
    try {
      const { id, other } = await openForBoth(page, open, server.origin);
      await sendMessage(page, "before");
      await bubble(other, "before").waitFor();
      await server.end("SIGKILL");
      await unreachable(page).waitFor();
      await sendMessage(page, "during the outage, by Ann");
      await sendMessage(other, "during the outage, by Ben");
      await pending(page).getByText("sending…").waitFor();
      await server.start();
      for (const one of [page, other]) {
        await bubble(one, "by Ann").waitFor({ timeout: RECOVERY_MS });
        await bubble(one, "by Ben").waitFor({ timeout: RECOVERY_MS });
      }
      await sendMessage(page, "after");
      await bubble(other, "after").waitFor();
      const expected = await storedTexts(id, server.origin);
      assert.equal(expected.length, 4, expected.join());
      for (const one of [page, other]) {
        await until("nothing is pending", async () => (await pending(one).count()) === 0);
        assert.deepEqual(await messageTexts(one), expected);
      }
    } finally {
      await server.close();
    }
  },
);

pageTest(
  "ten server restarts during a conversation lose and reorder no message",
  { ignoredErrors },
  async (page, { open }) => {
    const server = await startServer();
    try {
      const { id, other } = await openForBoth(page, open, server.origin);
      const sent = [];
      for (let round = 0; round < 10; round += 1) {
        const [one, another] = [`Ann ${round}.`, `Ben ${round}.`];
        sent.push(one, another);
        await sendMessage(page, one);
        await sendMessage(other, another);
        await server.end(round % 2 ? "SIGTERM" : "SIGKILL");
        await server.start();
      }
      for (const one of [page, other]) {
        for (const text of sent) await bubble(one, text).waitFor({ timeout: RECOVERY_MS });
        await until("nothing is pending", async () => (await pending(one).count()) === 0, RECOVERY_MS);
      }
      const expected = await storedTexts(id, server.origin);
      assert.deepEqual([...expected].sort(), [...sent].sort());
      for (const one of [page, other]) assert.deepEqual(await messageTexts(one), expected);
    } finally {
      await server.close();
    }
  },
);

pageTest(
  "after a network cut, missed messages, edits and deletions arrive",
  { ignoredErrors },
  async (page, { open }) => {
    const connection = await cuttableConnection(origin);
    try {
      const { ann, ben, id } = await createPair();
      const other = await open();
      await page.goto(urlOf({ user: ann, conversation: id }, connection.origin));
      await other.goto(urlOf({ user: ben, conversation: id }));
      await composer(page).waitFor();
      for (const text of ["stays", "is edited", "is deleted"]) await sendMessage(other, text);
      await bubble(page, "is deleted").waitFor();
      connection.cut();
      await unreachable(page).waitFor();
      const refs = (await rest("GET", `/conversations/${id}/messages`)).data;
      const idOf = (text) => refs.find((one) => JSON.stringify(one).includes(text)).id;
      await rest("PUT", `/conversations/${id}/messages/${idOf("is edited")}`, { text: "was edited" });
      await rest("DELETE", `/conversations/${id}/messages/${idOf("is deleted")}`);
      await sendMessage(other, "is new");
      await sendMessage(page, "was typed offline");
      await pending(page).waitFor();
      assert.deepEqual(
        await messageTexts(page),
        ["stays", "is edited", "is deleted"],
        "loaded messages stay readable",
      );
      connection.restore();
      await bubble(page, "was typed offline").waitFor({ timeout: RECOVERY_MS });
      const expected = ["stays", "was edited", "is new", "was typed offline"];
      for (const one of [page, other]) {
        await until(expected.join(), async () => (await messageTexts(one)).join() === expected.join());
        assert.equal(await pending(one).count(), 0);
      }
    } finally {
      connection.close();
    }
  },
);

pageTest(
  "after missing more messages than a window holds, the list has no gap",
  { ignoredErrors },
  async (page) => {
    const connection = await cuttableConnection(origin);
    try {
      const { ann, ben, id } = await createPair();
      await post(
        id,
        ben,
        Array.from({ length: 40 }, (_, index) => `old ${index + 1}`),
      );
      await page.goto(urlOf({ user: ann, conversation: id }, connection.origin));
      await bubble(page, "old 40").waitFor();
      connection.cut();
      await unreachable(page).waitFor();
      await post(
        id,
        ben,
        Array.from({ length: 250 }, (_, index) => `new ${index + 1}`),
      );
      connection.restore();
      await bubble(page, "new 250").waitFor({ timeout: RECOVERY_MS });
      const texts = await messageTexts(page);
      const all = [
        ...Array.from({ length: 40 }, (_, index) => `old ${index + 1}`),
        ...Array.from({ length: 250 }, (_, index) => `new ${index + 1}`),
      ];
      assert.ok(texts.length >= 30, `${texts.length} messages`);
      assert.deepEqual(texts, all.slice(-texts.length));
      await page.getByRole("button", { name: "Load older messages" }).evaluate((button) => button.click());
      await until("older messages are loaded", async () => (await messages(page).count()) > texts.length);
      const more = await messageTexts(page);
      assert.deepEqual(more, all.slice(-more.length));
    } finally {
      connection.close();
    }
  },
);

pageTest(
  "the page shows that it is offline, and the conversation continues when it is online",
  { ignoredErrors },
  async (page, { open }) => {
    const { ben, id, other } = await openForBoth(page, open);
    await page.context().setOffline(true);
    await offline(page).waitFor();
    await post(id, ben, ["sent meanwhile"]);
    await bubble(other, "sent meanwhile").waitFor();
    await page.context().setOffline(false);
    await page.getByText("The server is back.").waitFor();
    await bubble(page, "sent meanwhile").waitFor({ timeout: RECOVERY_MS });
    await sendMessage(page, "I am back");
    await bubble(other, "I am back").waitFor({ timeout: RECOVERY_MS });
    for (const one of [page, other])
      assert.deepEqual(await messageTexts(one), ["sent meanwhile", "I am back"]);
  },
);

pageTest("a page restored from the back-forward cache catches up", { ignoredErrors }, async (page) => {
  const { ann, ben, id } = await createPair();
  await page.addInitScript(() => {
    addEventListener("pageshow", (event) => (globalThis.shownFromCache = event.persisted));
  });
  // The browser may evict a page for lack of memory or time; a page that is not eligible is never restored.
  let isRestored = false;
  for (let attempt = 0; attempt < 4 && !isRestored; attempt += 1) {
    await page.goto(urlOf({ user: ann, conversation: id }));
    await composer(page).waitFor();
    await composer(page).fill("half typed");
    await page.evaluate(() => (globalThis.shownFromCache = undefined));
    await page.goto(urlOf({}));
    await post(id, ben, [`sent meanwhile, ${attempt}`]);
    await page.goBack({ waitUntil: "commit" });
    await page.waitForFunction(() => typeof globalThis.shownFromCache === "boolean");
    isRestored = await page.evaluate(() => globalThis.shownFromCache);
    await bubble(page, `sent meanwhile, ${attempt}`).waitFor({ timeout: RECOVERY_MS });
  }
  assert.ok(isRestored, "the browser did not restore the page in four attempts");
  assert.equal(await composer(page).inputValue(), "half typed");
  await sendMessage(page, "I am back");
  await bubble(page, "I am back").waitFor();
  assert.deepEqual((await messageTexts(page)).at(-1), "I am back");
});

pageTest("a page that was frozen catches up", { ignoredErrors }, async (page, { open }) => {
  const { other } = await openForBoth(page, open);
  const tools = await page.context().newCDPSession(page);
  await tools.send("Page.setWebLifecycleState", { state: "frozen" });
  for (const text of ["one", "two", "three"]) {
    await sendMessage(other, text);
    await bubble(other, text).waitFor();
  }
  await tools.send("Page.setWebLifecycleState", { state: "active" });
  await bubble(page, "three").waitFor({ timeout: RECOVERY_MS });
  assert.deepEqual(await messageTexts(page), ["one", "two", "three"]);
  await sendMessage(page, "four");
  await bubble(other, "four").waitFor();
});
