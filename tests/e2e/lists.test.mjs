// Long conversations and long lists: loading, rendering, and the scroll position.
import assert from "node:assert/strict";

import {
  bubble,
  composer,
  messages,
  post,
  row,
  messageTexts,
  sendMessage,
  openForBoth,
  createPair,
} from "./chat.mjs";
import { urlOf, uniqueId, pageTest, rest, until } from "./support.mjs";

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => `number ${from + index}`);
const scroller = (page) => page.getByRole("region", { name: "Conversation", exact: true });
const older = (page) => page.getByRole("button", { name: "Load older messages" });

pageTest(
  "older messages load by the button and by scrolling, in order, without moving the visible ones",
  {},
  async (page) => {
    const { ann, ben, id } = await createPair();
    await post(id, ben, numbers(1, 75));
    await page.goto(urlOf({ user: ann, conversation: id }));
    await bubble(page, "number 75").waitFor();
    assert.deepEqual(await messageTexts(page), numbers(46, 75));
    await until("the newest message is visible", async () =>
      scroller(page).evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight < 2),
    );

    await older(page).evaluate((button) => button.click());
    await until("thirty more are loaded", async () => (await messages(page).count()) === 60);
    assert.deepEqual(await messageTexts(page), numbers(16, 75));

    // The message at the top stays in place while the last page loads.
    const topOf16 = () =>
      bubble(page, /number 16$/).evaluate((one) => one.querySelector(".bubble").getBoundingClientRect().top);
    await scroller(page).evaluate((one) => (one.scrollTop = 0));
    const before = await topOf16();
    await until("all are loaded", async () => (await messages(page).count()) === 75);
    const moved = (await topOf16()) - before;
    assert.ok(Math.abs(moved) < 2, `it moved by ${moved} px`);
    assert.deepEqual(await messageTexts(page), numbers(1, 75));
    await page.getByText("This is the beginning of the conversation.").waitFor();
    assert.ok(await older(page).isHidden());
  },
);

pageTest(
  "a new message does not scroll a reader of older ones, and a button scrolls to it",
  {},
  async (page) => {
    const { ann, ben, id } = await createPair();
    await post(id, ben, numbers(1, 30));
    await page.goto(urlOf({ user: ann, conversation: id }));
    await bubble(page, "number 30").waitFor();
    // The page stays at the end until it handles the scroll event, one or two frames later.
    await until("the list is scrolled", () =>
      scroller(page).evaluate((one) => {
        one.scrollTop = 200;
        return new Promise((done) =>
          requestAnimationFrame(() => requestAnimationFrame(() => done(one.scrollTop === 200))),
        );
      }),
    );
    await post(id, ben, ["the newest"]);
    await page.getByRole("button", { name: "New messages" }).waitFor();
    assert.equal(await scroller(page).evaluate((one) => one.scrollTop), 200);
    await page.getByRole("button", { name: "New messages" }).click();
    await until("the message is visible", async () =>
      bubble(page, "the newest").evaluate((one) => one.getBoundingClientRect().bottom <= innerHeight),
    );
  },
);

pageTest(
  "only a changed message is rendered again: the elements of the others are untouched",
  {},
  async (page, { open }) => {
    const { other } = await openForBoth(page, open);
    for (const text of ["first", "second", "third"]) {
      await sendMessage(page, text);
      await bubble(other, text).waitFor();
    }
    await other.evaluate(() => {
      globalThis.mutated = [];
      const rows = [...document.querySelectorAll(".messages:not(.outbox) > .message")];
      for (const one of rows) {
        const name = one.querySelector(".content").textContent;
        new MutationObserver(() => globalThis.mutated.push(name)).observe(one, {
          childList: true,
          characterData: true,
          attributes: true,
          subtree: true,
        });
      }
    });
    await bubble(page, "second").hover();
    await bubble(page, "second").locator("summary").click();
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await composer(page).fill("changed");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await bubble(other, "changed").waitFor();
    await sendMessage(page, "fourth");
    await bubble(other, "fourth").waitFor();
    assert.deepEqual([...new Set(await other.evaluate(() => globalThis.mutated))], ["second"]);
  },
);

pageTest("the button loads more conversations, and a new message moves one to the top", {}, async (page) => {
  const [user, ben] = [uniqueId("busy"), uniqueId("ben")];
  await rest("PUT", `/users/${user}`, { name: "Busy" });
  await rest("PUT", `/users/${ben}`, { name: "Ben" });
  const ids = Array.from({ length: 25 }, (_, index) => `${user}-${index}`);
  for (const id of ids) await rest("PUT", `/conversations/${id}`, { participants: [user, ben], subject: id });
  await page.goto(urlOf({ user }));
  await row(page, ids[24]).waitFor();
  const links = page.locator("[data-conversation]");
  const shown = () => links.evaluateAll((all) => all.map((one) => one.dataset.conversation));
  await until("twenty are loaded at first", async () => (await links.count()) === 20);
  await page.getByRole("button", { name: "Load more" }).first().click();
  await until("all are loaded", async () => (await links.count()) === 25);
  assert.deepEqual(await shown(), [...ids].reverse());
  await post(ids[3], ben, ["Up"]);
  await until("the conversation with the message is first", async () => (await shown())[0] === ids[3]);
  assert.equal((await shown()).length, 25);
});
