// The server or the network goes away in the middle of a conversation: the page says so, and when it is back nothing is
// lost, and nothing is there twice.
import assert from "node:assert/strict";

import { bubble, composer, messages, pending, post, said, say, talking, two } from "./chat.mjs";
import { line, ownServer } from "./server.mjs";
import { at, origin, pageTest, rest, until } from "./world.mjs";

// What Chromium itself logs about connections to what is not there.
const tolerates =
  /WebSocket connection to|Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|CONNECTION_CLOSED|EMPTY_RESPONSE|INTERNET_DISCONNECTED|SOCKET_NOT_CONNECTED|NETWORK_CHANGED)/;

const away = (page) => page.getByText("The server does not answer.");
const offline = (page) => page.getByText("You are offline.");
/** The SDK's longest pause between two attempts is 20 s. */
const BACK_MS = 30_000;

/** What the server has, from the oldest on. */
async function stored(id, host) {
  const { data } = await rest("GET", `/conversations/${id}/messages?limit=100`, undefined, host);
  return data
    .map(({ text, content }) => text ?? content.flatMap((block) => block.children).join(""))
    .reverse();
}

pageTest(
  "the server is killed and restarted in the middle: both go on, and every message is there once",
  { tolerates },
  async (page, { open }) => {
    const server = await ownServer();
    try {
      const { id, other } = await talking(page, open, server.origin);
      await say(page, "before");
      await bubble(other, "before").waitFor();
      await server.end("SIGKILL");
      await away(page).waitFor();
      await say(page, "while it was away, by Ann");
      await say(other, "while it was away, by Ben");
      await pending(page).getByText("sending…").waitFor();
      await server.start();
      for (const one of [page, other]) {
        await bubble(one, "by Ann").waitFor({ timeout: BACK_MS });
        await bubble(one, "by Ben").waitFor({ timeout: BACK_MS });
      }
      await say(page, "after");
      await bubble(other, "after").waitFor();
      const truth = await stored(id, server.origin);
      assert.equal(truth.length, 4, truth.join());
      for (const one of [page, other]) {
        await until("nothing is on its way", async () => (await pending(one).count()) === 0);
        assert.deepEqual(await said(one), truth);
      }
    } finally {
      await server.done();
    }
  },
);

pageTest(
  "the server is restarted ten times while both talk: every message is there once, in one order",
  { tolerates },
  async (page, { open }) => {
    const server = await ownServer();
    try {
      const { id, other } = await talking(page, open, server.origin);
      const wanted = [];
      for (let round = 0; round < 10; round += 1) {
        const [one, another] = [`Ann ${round}.`, `Ben ${round}.`];
        wanted.push(one, another);
        await say(page, one);
        await say(other, another);
        await server.end(round % 2 ? "SIGTERM" : "SIGKILL");
        await server.start();
      }
      for (const one of [page, other]) {
        for (const text of wanted) await bubble(one, text).waitFor({ timeout: BACK_MS });
        await until("nothing is on its way", async () => (await pending(one).count()) === 0, BACK_MS);
      }
      const truth = await stored(id, server.origin);
      assert.deepEqual([...truth].sort(), [...wanted].sort());
      for (const one of [page, other]) assert.deepEqual(await said(one), truth);
    } finally {
      await server.done();
    }
  },
);

pageTest(
  "the network is cut for one of two: what was missed comes, edits and deletions too",
  { tolerates },
  async (page, { open }) => {
    const cable = await line(origin);
    try {
      const { ann, ben, id } = await two();
      const other = await open();
      await page.goto(at({ user: ann, conversation: id }, cable.origin));
      await other.goto(at({ user: ben, conversation: id }));
      await composer(page).waitFor();
      for (const text of ["stays", "is edited", "is deleted"]) await say(other, text);
      await bubble(page, "is deleted").waitFor();
      cable.cut();
      await away(page).waitFor();
      const refs = (await rest("GET", `/conversations/${id}/messages`)).data;
      const idOf = (text) => refs.find((one) => JSON.stringify(one).includes(text)).id;
      await rest("PUT", `/conversations/${id}/messages/${idOf("is edited")}`, { text: "was edited" });
      await rest("DELETE", `/conversations/${id}/messages/${idOf("is deleted")}`);
      await say(other, "is new");
      await say(page, "was typed offline");
      await pending(page).waitFor();
      assert.deepEqual(
        await said(page),
        ["stays", "is edited", "is deleted"],
        "what was there can still be read",
      );
      cable.mend();
      await bubble(page, "was typed offline").waitFor({ timeout: BACK_MS });
      const truth = ["stays", "was edited", "is new", "was typed offline"];
      for (const one of [page, other]) {
        await until(truth.join(), async () => (await said(one)).join() === truth.join());
        assert.equal(await pending(one).count(), 0);
      }
    } finally {
      cable.done();
    }
  },
);

pageTest(
  "more is missed than a window holds: the list is whole again, without a hole",
  { tolerates },
  async (page) => {
    const cable = await line(origin);
    try {
      const { ann, ben, id } = await two();
      await post(
        id,
        ben,
        Array.from({ length: 40 }, (_, index) => `old ${index + 1}`),
      );
      await page.goto(at({ user: ann, conversation: id }, cable.origin));
      await bubble(page, "old 40").waitFor();
      cable.cut();
      await away(page).waitFor();
      await post(
        id,
        ben,
        Array.from({ length: 250 }, (_, index) => `new ${index + 1}`),
      );
      cable.mend();
      await bubble(page, "new 250").waitFor({ timeout: BACK_MS });
      const texts = await said(page);
      const all = [
        ...Array.from({ length: 40 }, (_, index) => `old ${index + 1}`),
        ...Array.from({ length: 250 }, (_, index) => `new ${index + 1}`),
      ];
      assert.ok(texts.length >= 30, `${texts.length} messages`);
      assert.deepEqual(texts, all.slice(-texts.length));
      await page.getByRole("button", { name: "Load older messages" }).evaluate((button) => button.click());
      await until("older ones come", async () => (await messages(page).count()) > texts.length);
      const more = await said(page);
      assert.deepEqual(more, all.slice(-more.length));
    } finally {
      cable.done();
    }
  },
);

pageTest(
  "offline and online again: the page says so, and the conversation goes on",
  { tolerates },
  async (page, { open }) => {
    const { ben, id, other } = await talking(page, open);
    await page.context().setOffline(true);
    await offline(page).waitFor();
    await post(id, ben, ["said meanwhile"]);
    await bubble(other, "said meanwhile").waitFor();
    await page.context().setOffline(false);
    await page.getByText("The server is back.").waitFor();
    await bubble(page, "said meanwhile").waitFor({ timeout: BACK_MS });
    await say(page, "I am back");
    await bubble(other, "I am back").waitFor({ timeout: BACK_MS });
    for (const one of [page, other]) assert.deepEqual(await said(one), ["said meanwhile", "I am back"]);
  },
);

pageTest("a page that comes out of the back-forward cache catches up", { tolerates }, async (page) => {
  const { ann, ben, id } = await two();
  await page.addInitScript(() => {
    addEventListener("pageshow", (event) => (globalThis.shownFromCache = event.persisted));
  });
  // The browser may decline to keep a page, for want of memory or time; one that blocks it is declined every time.
  let kept = false;
  for (let attempt = 0; attempt < 4 && !kept; attempt += 1) {
    await page.goto(at({ user: ann, conversation: id }));
    await composer(page).waitFor();
    await composer(page).fill("half typed");
    await page.evaluate(() => (globalThis.shownFromCache = undefined));
    await page.goto(at({}));
    await post(id, ben, [`said meanwhile, ${attempt}`]);
    await page.goBack({ waitUntil: "commit" });
    await page.waitForFunction(() => typeof globalThis.shownFromCache === "boolean");
    kept = await page.evaluate(() => globalThis.shownFromCache);
    await bubble(page, `said meanwhile, ${attempt}`).waitFor({ timeout: BACK_MS });
  }
  assert.ok(kept, "in four attempts the browser kept the page not once");
  assert.equal(await composer(page).inputValue(), "half typed");
  await say(page, "I am back");
  await bubble(page, "I am back").waitFor();
  assert.deepEqual((await said(page)).at(-1), "I am back");
});

pageTest("a page that was frozen for a while catches up", { tolerates }, async (page, { open }) => {
  const { other } = await talking(page, open);
  const tools = await page.context().newCDPSession(page);
  await tools.send("Page.setWebLifecycleState", { state: "frozen" });
  for (const text of ["one", "two", "three"]) {
    await say(other, text);
    await bubble(other, text).waitFor();
  }
  await tools.send("Page.setWebLifecycleState", { state: "active" });
  await bubble(page, "three").waitFor({ timeout: BACK_MS });
  assert.deepEqual(await said(page), ["one", "two", "three"]);
  await say(page, "four");
  await bubble(other, "four").waitFor();
});
