// The composer: input methods, texts that are too long or refused, and the emoji picker.
import assert from "node:assert/strict";

import {
  bubble,
  choose,
  composer,
  createPair,
  messageTexts,
  messages,
  openForBoth,
  pending,
  post,
  sendMessage,
  sendRefused,
  write,
} from "./chat.mjs";
import { pageTest, until, urlOf } from "./support.mjs";

const panel = (page) => page.getByRole("dialog", { name: "Emoji" });
const send = (page) => page.getByRole("button", { name: "Send", exact: true }).click();
const focused = (page) => page.evaluate(() => document.activeElement.getAttribute("aria-label"));

async function openOne(page) {
  const pair = await createPair();
  await page.goto(urlOf({ user: pair.ann, conversation: pair.id }));
  await composer(page).waitFor();
  return pair;
}

/** Dispatches events of an input method at the composer, in the given order. */
const compose = (page, events) =>
  composer(page).evaluate((input, all) => {
    for (const [type, init] of all) {
      const make = type.startsWith("composition") ? CompositionEvent : KeyboardEvent;
      input.dispatchEvent(new make(type, { bubbles: true, cancelable: true, ...init }));
    }
  }, events);

pageTest(
  "the Enter that ends a composition does not send, in the order of each browser",
  {},
  async (page) => {
    await openOne(page);
    await composer(page).fill("にほん");
    const start = ["compositionstart", {}];
    const end = ["compositionend", { data: "日本" }];
    const enter = { key: "Enter", code: "Enter" };
    // Chromium and Firefox: the key press comes first, as a part of the composition.
    await compose(page, [start, ["keydown", { ...enter, keyCode: 229, isComposing: true }], end]);
    // Safari: the composition ends first, and the key press is no part of it any more, except for its code.
    await compose(page, [start, end, ["keydown", { ...enter, keyCode: 229, isComposing: false }]]);
    // Older Android keyboards give no key at all.
    await compose(page, [["keydown", { key: "Unidentified", keyCode: 229 }]]);
    assert.equal(await composer(page).inputValue(), "にほん");
    assert.equal((await pending(page).count()) + (await messages(page).count()), 0);
    await compose(page, [["keydown", { ...enter, keyCode: 13 }]]);
    await bubble(page, "にほん").waitFor();
    assert.equal(await composer(page).inputValue(), "");
  },
);

pageTest("a message that is too long keeps its text, and says what to do", {}, async (page) => {
  await openOne(page);
  // Each emoji is one character of the server's count, and two of JavaScript's.
  const text = "🎉".repeat(10_002);
  await write(page, text);
  await page.getByText("2 characters too many").waitFor();
  await send(page);
  const alert = page.getByRole("alert");
  await alert.getByText("The message is too long: 2 characters more than the 10,000 allowed.").waitFor();
  assert.equal(await composer(page).inputValue(), text);
  assert.equal(await composer(page).getAttribute("aria-invalid"), "true");
  assert.equal(await focused(page), "Message");
  assert.equal(await pending(page).count(), 0);
  await composer(page).press("Control+End");
  await composer(page).press("Backspace");
  await page.getByText("1 character too many").waitFor();
  await composer(page).press("Backspace");
  await page.getByText("0 characters left").waitFor();
  assert.equal(await alert.count(), 0);
  assert.equal(await composer(page).getAttribute("aria-invalid"), null);
  await send(page);
  await until("it is sent", async () => (await messages(page).count()) === 1);
  assert.equal((await messageTexts(page))[0].length, 20_000);
});

pageTest("a message that the server refuses goes back into the composer to be changed", {}, async (page) => {
  const { ben, id } = await openOne(page);
  await sendRefused(page, id, ben, "The *blue* one");
  await composer(page).fill("And another");
  await page.getByRole("button", { name: "Change the text" }).click();
  assert.equal(await composer(page).inputValue(), "The *blue* one\nAnd another");
  assert.equal(await pending(page).count(), 0);
  await send(page);
  await bubble(page, "The blue one").waitFor();
});

pageTest("the composer grows with its text, and the newest message stays visible", {}, async (page) => {
  const { ben, id } = await openOne(page);
  await post(
    id,
    ben,
    Array.from({ length: 20 }, (_, index) => `number ${index + 1}`),
  );
  await bubble(page, "number 20").waitFor();
  const height = () => composer(page).evaluate((input) => input.clientHeight);
  const single = await height();
  await write(page, "word ".repeat(60));
  assert.ok((await height()) > single * 1.5, `${single} px, then ${await height()} px`);
  await until("the newest message is visible", () =>
    bubble(page, "number 20").evaluate((one) => {
      const form = document.querySelector(".composer").getBoundingClientRect();
      return one.getBoundingClientRect().bottom <= form.top + 1;
    }),
  );
  // A key press in a text of several lines scrolls nothing, not even for a moment.
  await write(page, "one\ntwo\nthree\nfour");
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (let count = 0; count < 4; count += 1) await frame();
    globalThis.scrolled = 0;
    const log = document.querySelector(".thread-log > .scrolls");
    log.addEventListener("scroll", () => (globalThis.scrolled += 1));
  });
  await composer(page).press("End");
  await page.keyboard.type(" five");
  assert.equal(await page.evaluate(() => globalThis.scrolled), 0);
  await write(page, "line\n".repeat(200));
  const most = await height();
  assert.ok(most <= 160, `${most} px`);
  await composer(page).fill("");
  assert.equal(await height(), single);
});

pageTest("an emoji is found and inserted at the cursor by keyboard alone", {}, async (page) => {
  await openOne(page);
  await composer(page).fill("Hello!");
  await composer(page).press("ArrowLeft");
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Insert emoji");
  await page.keyboard.press("Enter");
  await panel(page).waitFor();
  assert.equal(await focused(page), "Search emoji");
  await page.keyboard.type("wav hello");
  await page.keyboard.press("Enter");
  await panel(page).waitFor({ state: "hidden" });
  assert.equal(await composer(page).inputValue(), "Hello👋!");
  assert.equal(await focused(page), "Message");
  await page.keyboard.type("?");
  assert.equal(await composer(page).inputValue(), "Hello👋?!");

  // The grid is one tab stop; the arrow keys move in it.
  await page.getByRole("button", { name: "Insert emoji" }).click();
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(page), "grinning happy");
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(page), "smiling happy open");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(page), "smiling happy open");
  await page.keyboard.press("End");
  assert.equal(await focused(page), "blue circle");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(page), "Search emoji");
  await page.keyboard.type("zzz");
  await panel(page).getByText("No emoji has this name.").waitFor();
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "hidden" });
  assert.equal(await focused(page), "Insert emoji");
  assert.equal(await composer(page).inputValue(), "Hello👋?!");
});

pageTest("any emoji of the picker can be a reaction", {}, async (page, { open }) => {
  const { other } = await openForBoth(page, open);
  await sendMessage(page, "It works!");
  await bubble(other, "It works!").waitFor();
  await choose(other, "It works!", "More reactions");
  await panel(other).getByText("React to “It works!”").waitFor();
  await panel(other).getByRole("button", { name: "rocket launch" }).click();
  await bubble(page, "It works!").locator(".reaction").filter({ hasText: "🚀" }).waitFor();
  assert.equal(await composer(other).inputValue(), "");
});
