// A conversation as a user sees it, made and changed by a backend.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { setTimeout } from "node:timers/promises";

import { at, conversationAsSeenBy, fresh, origin, pageTest, rest } from "./world.mjs";

const shown = (page, name) => page.locator(`[data-property="${name}"]`).innerText();
const time = (page, name) => page.locator(`[data-property="${name}"] time`).getAttribute("title");
const readAgain = (page) => page.getByRole("button", { name: "Read again get()" }).click();

/** A picture that the server itself has: the tests ask nothing of the world outside. */
const photo = `${origin}/favicon.svg`;

/** Two users and a conversation of theirs, with all that a backend can give it; a third never reads it. */
async function scene() {
  const [ann, ben, cat, id] = [fresh("ann"), fresh("ben"), fresh("cat"), fresh("order")];
  await rest("PUT", `/users/${ann}`, { name: "Ann" });
  await rest("PUT", `/users/${ben}`, { name: "Ben" });
  await rest("PUT", `/users/${cat}`, { name: "Cat" });
  await rest("PUT", `/conversations/${id}`, {
    participants: [ben, cat],
    subject: "Two tea sets",
    photoUrl: photo,
    welcomeMessages: ["Hello.", "We answer within an hour."],
    custom: { order: "391" },
  });
  // A moment later, so that the creation and the joining differ.
  await setTimeout(5);
  await rest("PUT", `/conversations/${id}/participants/${ann}`, {});
  return { ann, ben, id };
}

pageTest(
  "null is explained, and the copied line makes the conversation, user and all",
  { permissions: ["clipboard-read", "clipboard-write"] },
  async (page) => {
    const [user, id] = [fresh("it's me"), fresh("a place & more")];
    await page.goto(at({ user }));
    await page.getByTestId("nobody").waitFor();
    await page.getByLabel("Conversation id").fill(id);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText(`“${user}” does not take part in “${id}”.`).waitFor();
    await page.getByRole("button", { name: "Copy: make the conversation by REST" }).click();
    await page.getByText("Copied").first().waitFor();
    const line = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(line.includes(origin), line);
    execFileSync("sh", ["-ec", line], { stdio: "pipe" });
    await readAgain(page);
    await page.getByTestId("conversation").waitFor();
    assert.equal(await shown(page, "subject"), "A first conversation");
  },
);

pageTest("every property of a conversation made by REST is shown", {}, async (page) => {
  const { ann, ben, id } = await scene();
  await rest("POST", `/conversations/${id}/messages`, [{ text: "Two tea sets, please", sender: ann, type: "UserMessage" }]);
  await setTimeout(5);
  await rest("POST", `/conversations/${id}/messages`, [
    { text: "Has it left?", sender: ben, type: "UserMessage" },
    { text: "When will it be here?", sender: ben, type: "UserMessage" },
  ]);
  await page.goto(at({ user: ann, conversation: id }));
  await page.getByTestId("conversation").waitFor();

  const truth = await conversationAsSeenBy(ann, id);
  assert.equal(await shown(page, "subject"), "Two tea sets");
  assert.equal(await shown(page, "photoUrl"), photo);
  assert.match(await shown(page, "access"), /^ReadWrite/);
  assert.match(await shown(page, "notify"), /^true/);
  assert.equal(await shown(page, "unreadMessageCount"), "2");
  assert.equal(await shown(page, "isUnread"), "yes");
  assert.equal(await page.locator(".badge.unread").innerText(), "2 unread");
  assert.equal(await shown(page, "welcomeMessages"), "Hello.\nWe answer within an hour.");
  assert.match(await shown(page, "custom"), /order\s*391/);
  assert.ok(truth.createdAt < truth.joinedAt, "the scene is meant to tell the times apart");
  assert.ok(truth.everyoneReadUntil < truth.readUntil && truth.readUntil < truth.lastMessageAt, JSON.stringify(truth));
  for (const name of ["createdAt", "joinedAt", "lastMessageAt", "readUntil", "everyoneReadUntil"]) {
    assert.equal(await time(page, name), String(truth[name]), name);
  }
  const local = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "Europe/London" });
  assert.equal(await shown(page, "createdAt"), local.format(truth.createdAt));

  await page.getByText("The snapshot as JSON").click();
  const json = await page.locator("details[open] pre").innerText();
  assert.deepEqual(JSON.parse(json), truth);
});

pageTest("what a backend changes is seen on reading again", {}, async (page) => {
  const { ann, id } = await scene();
  await page.goto(at({ user: ann, conversation: id }));
  await page.getByTestId("conversation").waitFor();
  assert.equal(await shown(page, "unreadMessageCount"), "0");
  await page.getByText("all read", { exact: true }).waitFor();

  await rest("PATCH", `/conversations/${id}/participants/${ann}`, { access: "Read", notify: "MentionsOnly" });
  await rest("POST", `/conversations/${id}/messages`, [{ text: "The parcel has left", type: "SystemMessage" }]);
  await rest("PUT", `/conversations/${id}`, { subject: "Three tea sets" });
  await readAgain(page);
  await page.getByText("1 unread", { exact: true }).waitFor();
  assert.equal(await shown(page, "subject"), "Three tea sets");
  assert.match(await shown(page, "access"), /^Read\b(?!Write)/);
  assert.match(await shown(page, "notify"), /^MentionsOnly/);

  await rest("DELETE", `/conversations/${id}/participants/${ann}`);
  await readAgain(page);
  await page.getByTestId("absent").waitFor();
});

pageTest("a conversation of others looks like none at all", {}, async (page) => {
  const { id } = await scene();
  const stranger = fresh("stranger");
  await rest("PUT", `/users/${stranger}`, { name: "Stranger" });
  await page.goto(at({ user: stranger, conversation: id }));
  const words = await page.getByTestId("absent").innerText();
  const nowhere = fresh("nowhere");
  await page.getByLabel("Conversation id").fill(nowhere);
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText(`“${nowhere}”.`).waitFor();
  assert.equal(await page.getByTestId("absent").innerText(), words.replaceAll(id, nowhere));
});

pageTest("another user sees another side of the same conversation", {}, async (page) => {
  const { ann, ben, id } = await scene();
  await rest("POST", `/conversations/${id}/messages`, [{ text: "Hi", sender: ben, type: "UserMessage" }]);
  await page.goto(at({ user: ann, conversation: id }));
  await page.getByText("1 unread", { exact: true }).waitFor();
  await page.getByLabel("User id").fill(ben);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("all read", { exact: true }).waitFor();
  await page.goBack();
  await page.getByText("1 unread", { exact: true }).waitFor();
});

pageTest("an id that no conversation can have is refused in words, beside the field", {}, async (page) => {
  await page.goto(at({ user: fresh("hal") }));
  await page.getByLabel("Conversation id").fill("");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("Must not be empty.").waitFor();
  assert.equal(await page.getByLabel("Conversation id").getAttribute("aria-invalid"), "true");
});
