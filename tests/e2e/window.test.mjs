// Long conversations and long lists: what is loaded, what is drawn again, and where the reader is left.
import assert from "node:assert/strict";

import { bubble, composer, messages, post, row, said, say, talking, two } from "./chat.mjs";
import { at, fresh, pageTest, rest, until } from "./world.mjs";

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => `number ${from + index}`);
const scroller = (page) => page.getByRole("region", { name: "Conversation", exact: true });
const older = (page) => page.getByRole("button", { name: "Load older messages" });

pageTest(
  "older messages come by the button and by scrolling, in order, and nothing jumps",
  {},
  async (page) => {
    const { ann, ben, id } = await two();
    await post(id, ben, numbers(1, 75));
    await page.goto(at({ user: ann, conversation: id }));
    await bubble(page, "number 75").waitFor();
    assert.deepEqual(await said(page), numbers(46, 75));
    await until("the newest is in sight", async () =>
      scroller(page).evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight < 2),
    );

    await older(page).evaluate((button) => button.click());
    await until("thirty more", async () => (await messages(page).count()) === 60);
    assert.deepEqual(await said(page), numbers(16, 75));

    // What is at the top when the last page is asked for is still there when it has come, but for the line with the day.
    const topOf16 = () =>
      bubble(page, /number 16$/).evaluate((one) => one.querySelector(".bubble").getBoundingClientRect().top);
    await scroller(page).evaluate((one) => (one.scrollTop = 0));
    const before = await topOf16();
    await until("all of them", async () => (await messages(page).count()) === 75);
    const moved = (await topOf16()) - before;
    assert.ok(Math.abs(moved) < 80, `it moved by ${moved} px`);
    assert.deepEqual(await said(page), numbers(1, 75));
    await page.getByText("This is where the conversation begins.").waitFor();
    assert.ok(await older(page).isHidden());
  },
);

pageTest(
  "a message that comes while one reads older ones moves nothing, and a button leads to it",
  {},
  async (page) => {
    const { ann, ben, id } = await two();
    await post(id, ben, numbers(1, 30));
    await page.goto(at({ user: ann, conversation: id }));
    await bubble(page, "number 30").waitFor();
    // The page stays at the end until it has noticed that somebody scrolls, which is a frame or two later.
    await until("it is scrolled", () =>
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
    await until("it is in sight", async () =>
      bubble(page, "the newest").evaluate((one) => one.getBoundingClientRect().bottom <= innerHeight),
    );
  },
);

pageTest(
  "only what changed is drawn again: the other messages are the same elements, untouched",
  {},
  async (page, { open }) => {
    const { other } = await talking(page, open);
    for (const text of ["first", "second", "third"]) {
      await say(page, text);
      await bubble(other, text).waitFor();
    }
    await other.evaluate(() => {
      globalThis.touched = [];
      const rows = [...document.querySelectorAll(".messages:not(.outbox) > .message")];
      for (const one of rows) {
        const name = one.querySelector(".content").textContent;
        new MutationObserver(() => touched.push(name)).observe(one, {
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
    await say(page, "fourth");
    await bubble(other, "fourth").waitFor();
    assert.deepEqual([...new Set(await other.evaluate(() => touched))], ["second"]);
  },
);

pageTest(
  "more conversations are loaded by the button, and a new message brings one to the top",
  {},
  async (page) => {
    const [user, ben] = [fresh("busy"), fresh("ben")];
    await rest("PUT", `/users/${user}`, { name: "Busy" });
    await rest("PUT", `/users/${ben}`, { name: "Ben" });
    const ids = Array.from({ length: 25 }, (_, index) => `${user}-${index}`);
    for (const id of ids)
      await rest("PUT", `/conversations/${id}`, { participants: [user, ben], subject: id });
    await page.goto(at({ user }));
    await row(page, ids[24]).waitFor();
    const links = page.locator("[data-conversation]");
    const shown = () => links.evaluateAll((all) => all.map((one) => one.dataset.conversation));
    await until("twenty at first", async () => (await links.count()) === 20);
    await page.getByRole("button", { name: "Load more" }).first().click();
    await until("then all", async () => (await links.count()) === 25);
    assert.deepEqual(await shown(), [...ids].reverse());
    await post(ids[3], ben, ["Up"]);
    await until("the one with the message is first", async () => (await shown())[0] === ids[3]);
    assert.equal((await shown()).length, 25);
  },
);
