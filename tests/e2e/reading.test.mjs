// Reading: where reading stopped, scrolling to older messages without jumps, and days.
import assert from "node:assert/strict";

import {
  bubble,
  composer,
  createPair,
  messages,
  messageTexts,
  openForBoth,
  post,
  row,
  sendMessage,
} from "./chat.mjs";
import { conversationAsSeenBy, pageTest, rest, until, urlOf } from "./support.mjs";

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => `number ${from + index}`);
const scroller = (page) => page.getByRole("region", { name: "Conversation", exact: true });
const line = (page) => page.locator(".unread-line");
/** The text of the message below the line. */
const firstUnread = (page) => page.locator(".message:has(.unread-line) .content").innerText();
const isVisible = (locator) =>
  locator.evaluate((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    // The line moves to another element while older messages load.
    const log = one.closest(".scrolls")?.getBoundingClientRect();
    return log !== undefined && top >= log.top && bottom <= log.bottom;
  });

/** Imports messages of past days, from Ben, oldest first: [time, text]. */
const importPast = (id, sender, all) =>
  rest(
    "POST",
    `/import/conversations/${id}/messages`,
    all.map(([timestamp, text]) => ({ type: "UserMessage", sender, text, timestamp })),
  );

pageTest("a line shows where reading stopped, and stays while the conversation is open", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  await page.goto(urlOf({ user: ann, conversation: id }));
  await composer(page).waitFor();
  await post(id, ben, ["read"]);
  await bubble(page, "read").waitFor();
  await until("it is read", async () => !(await conversationAsSeenBy(ann, id)).isUnread);
  assert.equal(await line(page).count(), 0, "it was seen as it arrived");
  await page.goto(urlOf({ user: ann }));
  await post(id, ben, ["first unread", "second unread"]);
  await row(page, id).click();
  await line(page).waitFor();
  assert.equal(await firstUnread(page), "first unread");
  await until("they are read", async () => !(await conversationAsSeenBy(ann, id)).isUnread);
  await post(id, ben, ["seen as it arrives"]);
  await bubble(page, "seen as it arrives").waitFor();
  assert.equal(await firstUnread(page), "first unread");
  await sendMessage(page, "Thanks");
  await bubble(page, "Thanks").waitFor();
  assert.equal(await line(page).count(), 0, "an answer removes the line");
});

pageTest("many unread messages open where reading stopped, not at the end", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  await post(id, ann, ["my own"]);
  await post(id, ben, numbers(1, 24));
  await page.goto(urlOf({ user: ann, conversation: id }));
  await line(page).waitFor();
  assert.equal(await firstUnread(page), "number 1");
  assert.ok(await isVisible(line(page)));
  assert.ok(await isVisible(bubble(page, "my own").locator(".bubble")), "with what was before");
  assert.ok(!(await isVisible(bubble(page, "number 24").locator(".bubble"))));
  assert.ok((await conversationAsSeenBy(ann, id)).isUnread, "not read before its end is visible");
  await page.getByRole("button", { name: "New messages" }).click();
  await until("it is read at the end", async () => !(await conversationAsSeenBy(ann, id)).isUnread);
});

pageTest("a conversation that is loaded behind the profile opens where reading stopped", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  await post(id, ann, ["my own"]);
  await post(id, ben, numbers(1, 24));
  await page.goto(urlOf({ user: ann, conversation: id, view: "profile" }));
  await page.getByTestId("user").waitFor();
  await until("the messages are loaded", async () => (await messages(page).count()) === 25);
  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await until("the line is visible", () => isVisible(line(page)));
  assert.ok((await conversationAsSeenBy(ann, id)).isUnread, "not read before its end is visible");
});

pageTest("a button leads to the first of more unread messages than are loaded", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  await post(id, ann, ["my own"]);
  await post(id, ben, numbers(1, 180));
  await page.goto(urlOf({ user: ann, conversation: id }));
  await bubble(page, "number 180").waitFor();
  await page.getByRole("button", { name: "180 unread messages" }).click();
  await line(page).waitFor();
  await until("the first unread message is visible", () => isVisible(line(page)));
  assert.equal(await firstUnread(page), "number 1");
  await until("the button is gone", () => page.getByRole("button", { name: "180 unread" }).isHidden());
});

pageTest("a message that arrives while an earlier one is read gets the line", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  await post(id, ben, numbers(1, 30));
  await page.goto(urlOf({ user: ann, conversation: id }));
  await line(page).waitFor();
  await page.getByRole("button", { name: "New messages" }).click();
  await until("all is read", async () => !(await conversationAsSeenBy(ann, id)).isUnread);
  await scroller(page).hover();
  await page.mouse.wheel(0, -400);
  await until("it is scrolled", () =>
    scroller(page).evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight > 200),
  );
  await post(id, ben, ["while reading"]);
  await page.getByRole("button", { name: "New messages" }).waitFor();
  await until("the line moves", async () => (await firstUnread(page)) === "while reading");
});

pageTest("scrolling up loads older messages without moving the visible ones", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  const start = Date.now() - 40 * 86_400_000;
  const past = Array.from({ length: 200 }, (_, index) => [
    start + index * 3 * 3_600_000,
    `number ${index + 1}${"\nand a line".repeat(index % 4)}`,
  ]);
  for (let from = 0; from < past.length; from += 10) await importPast(id, ben, past.slice(from, from + 10));
  await page.goto(urlOf({ user: ann, conversation: id }));
  await bubble(page, "number 200").waitFor();
  await scroller(page).evaluate((one) => (one.scrollTop = one.scrollHeight));
  // In each frame, compares how far each visible message moved with how far the wheel moved the list.
  await page.evaluate(() => {
    globalThis.jumps = [];
    const one = document.querySelector(".thread-log > .scrolls");
    const places = () =>
      new Map(
        [.../** @type {NodeListOf<HTMLElement>} */ (one.querySelectorAll("[data-message]"))].map((row) => [
          row.dataset.message,
          row.querySelector(".bubble").getBoundingClientRect().top,
        ]),
      );
    // `draw` replaces rows in one task: what is there before and after it shows whether they moved.
    let before = places();
    new MutationObserver(() => {
      const after = places();
      const { top, bottom } = one.getBoundingClientRect();
      const moved = [...after]
        .filter(([id, place]) => before.has(id) && place > top && place < bottom)
        .map(([id, place]) => place - before.get(id));
      if (moved.some((by) => Math.abs(by) > 1)) globalThis.jumps.push(moved);
      before = after;
    }).observe(one.querySelector(".messages"), { childList: true });
    one.addEventListener("scroll", () => (before = places()));
  });
  await scroller(page).hover();
  await until(
    "all are loaded",
    async () => {
      await page.mouse.wheel(0, -350);
      return (await messages(page).count()) === 200;
    },
    60_000,
  );
  assert.deepEqual(await page.evaluate(() => globalThis.jumps), []);
  await until("the beginning is visible", async () => {
    await page.mouse.wheel(0, -1_000);
    return isVisible(page.getByText("This is the beginning of the conversation."));
  });
  const texts = await messageTexts(page);
  assert.deepEqual(
    texts.map((text) => text.split("\n")[0]),
    numbers(1, 200),
  );
});

pageTest("each day has its line", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  const noon = new Date();
  noon.setUTCHours(12, 0, 0, 0);
  const day = 86_400_000;
  await importPast(id, ben, [
    [noon.getTime() - 400 * day, "long ago"],
    [noon.getTime() - 3 * day, "some days ago"],
    [noon.getTime() - 3 * day + 1_000, "just after it"],
    [noon.getTime() - day, "yesterday's"],
  ]);
  await post(id, ben, ["today's"]);
  await page.goto(urlOf({ user: ann, conversation: id }));
  await bubble(page, "today's").waitFor();
  const days = await page.locator(".day:not([hidden])").allInnerTexts();
  const long = (time, options) => new Date(time).toLocaleDateString("en-GB", options);
  assert.deepEqual(days, [
    long(noon.getTime() - 400 * day, { day: "numeric", month: "long", year: "numeric" }),
    long(noon.getTime() - 3 * day, { weekday: "long", day: "numeric", month: "long" }),
    "Yesterday",
    "Today",
  ]);
});

pageTest("a quote leads to its message, also if that is not loaded yet", {}, async (page, { open }) => {
  const { ben, id, other } = await openForBoth(page, open);
  await sendMessage(page, "the first of all");
  await bubble(other, "the first of all").waitFor();
  const [{ id: first }] = (await rest("GET", `/conversations/${id}/messages`)).data;
  await post(id, ben, numbers(1, 60));
  const reply = { type: "UserMessage", sender: ben, text: "an answer", referencedMessageId: first };
  await rest("POST", `/conversations/${id}/messages`, [reply]);
  await page.reload();
  await composer(page).waitFor();
  await bubble(page, "an answer").waitFor();
  assert.equal(await bubble(page, "the first of all").count(), 0, "it is not loaded");
  await bubble(page, "an answer").locator(".quote").click();
  await page.locator(".message.highlighted").getByText("the first of all").waitFor();
  assert.ok(await isVisible(bubble(page, "the first of all").locator(".bubble")));
});

// Only Chromium measures layout shifts.
pageTest("nothing moves while a conversation loads and grows", { only: "chromium" }, async (page) => {
  const { ann, ben, id } = await createPair();
  await post(id, ben, numbers(1, 40));
  await page.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of /** @type {any[]} */ (list.getEntries()))
        globalThis.shifts.push([
          entry.value,
          ...entry.sources.map(({ node }) => node?.className ?? node?.nodeName),
        ]);
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(urlOf({ user: ann, conversation: id }));
  await bubble(page, "number 40").waitFor();
  await page.getByRole("heading", { name: "Tea" }).waitFor();
  await row(page, id).waitFor();
  await page.waitForTimeout(500);
  const shifts = await page.evaluate(() => globalThis.shifts);
  const total = shifts.reduce((sum, [value]) => sum + value, 0);
  // Google counts up to 0.1 as good.
  assert.ok(total < 0.02, `${total}: ${JSON.stringify(shifts)}`);
});
