// Search: results while typing, hits that are marked, and the way to a message far back.
import assert from "node:assert/strict";

import { bubble, composer, createPair, messages, post, row } from "./chat.mjs";
import { pageTest, rest, uniqueId, until, urlOf } from "./support.mjs";

const field = (page) => page.getByRole("searchbox", { name: "Search conversations and messages" });
const results = (page) => page.getByRole("region", { name: "Search results" });
const found = (page, section) =>
  results(page).getByRole("list", { name: section, exact: true }).getByRole("link");

/** Types the words again until there is a result: the index follows the messages a moment later. */
async function searchUntil(page, query, section, count) {
  await until(`${count} ${section} for ${query}`, async () => {
    await field(page).fill("");
    await field(page).fill(query);
    await page.waitForTimeout(400);
    return (await found(page, section).count()) === count;
  });
}

pageTest("messages are found while typing, and open where they are", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  const word = uniqueId("Zürich").replaceAll("-", "");
  await post(id, ann, ["before"]);
  await post(id, ben, [`We meet in *${word}* at noon`]);
  await post(
    id,
    ben,
    Array.from({ length: 150 }, (_, index) => `number ${index + 1}`),
  );
  await page.goto(urlOf({ user: ann }));
  await row(page, id).waitFor();
  // Case and accents do not matter, and the last word need not be complete.
  await searchUntil(page, word.replace("ü", "u").slice(0, -2).toUpperCase(), "Messages", 1);
  assert.ok(await row(page, id).isHidden(), "the results take the place of the list");
  const [hit] = await found(page, "Messages").all();
  assert.equal(await hit.locator("mark").innerText(), word.slice(0, -2));
  assert.match(await hit.innerText(), /Tea[^]*Ben: We meet in/);
  await hit.click();
  await page.locator(".message.highlighted").getByText(word).waitFor();
  await until("it is visible", () =>
    bubble(page, word).evaluate((one) => {
      const { top, bottom } = one.getBoundingClientRect();
      const log = one.closest(".scrolls").getBoundingClientRect();
      return top >= log.top && bottom <= log.bottom;
    }),
  );
  await bubble(page, "before").waitFor();
  await field(page).press("Escape");
  assert.equal(await field(page).inputValue(), "");
  await row(page, id).waitFor();
  assert.ok(await results(page).isHidden());
});

pageTest("conversations are found by their subject", {}, async (page) => {
  const { ann, ben } = await createPair();
  const subject = `${uniqueId("Piano")} lessons`;
  const id = uniqueId("piano");
  await rest("PUT", `/conversations/${id}`, { participants: [ann, ben], subject });
  await page.goto(urlOf({ user: ann }));
  await row(page, id).waitFor();
  await searchUntil(page, "pian less", "Conversations", 1);
  assert.deepEqual(await found(page, "Conversations").locator("mark").allInnerTexts(), ["Pian", "less"]);
  // By keyboard: the first result is the next stop after the field.
  await field(page).press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: subject }).waitFor();
  await composer(page).waitFor();
  assert.equal(await messages(page).count(), 0);
});

pageTest("what others write elsewhere is not found, and the page says that nothing is", {}, async (page) => {
  const { ann } = await createPair();
  const { ben, id } = await createPair();
  const word = uniqueId("secret").replaceAll("-", "");
  await post(id, ben, [word]);
  await page.goto(urlOf({ user: ben }));
  await searchUntil(page, word, "Messages", 1);
  await page.goto(urlOf({ user: ann }));
  await field(page).fill(word);
  await results(page).getByText(`Nothing begins with “${word}”.`).waitFor();
  assert.equal(await found(page, "Messages").count(), 0);
});

pageTest("more results load, and a new query takes the place of the one before", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  const word = uniqueId("often").replaceAll("-", "");
  await post(
    id,
    ben,
    Array.from({ length: 8 }, (_, index) => `${word} ${index + 1}`),
  );
  await page.goto(urlOf({ user: ann }));
  await searchUntil(page, word, "Messages", 3);
  await results(page).getByRole("button", { name: "More results" }).click();
  await until("all are loaded", async () => (await found(page, "Messages").count()) === 8);
  await field(page).press("End");
  await page.keyboard.type(" 8", { delay: 5 });
  await until("only one is left", async () => (await found(page, "Messages").count()) === 1);
  assert.match(await found(page, "Messages").innerText(), new RegExp(`${word} 8`));
});
