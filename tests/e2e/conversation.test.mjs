// Conversations created and changed by a backend: the page shows every change without a reload.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import {
  absent,
  badge,
  bubble,
  composer,
  messages,
  openAbout,
  pending,
  row,
  sendMessage,
  sendRefused,
  createPair,
} from "./chat.mjs";
import { appId, urlOf, conversationAsSeenBy, uniqueId, origin, pageTest, rest, until } from "./support.mjs";

const shown = (page, name) => page.locator(`[data-property="${name}"]`).innerText();
const time = (page, name) => page.locator(`[data-property="${name}"] time`).getAttribute("title");

/** A picture served by the server itself, so that the tests load nothing from other origins. */
const photo = `${origin}/favicon.svg`;

/**
 * Creates a conversation with every property that a backend can set; its third participant never reads it.
 */
async function createConversation() {
  const [ann, ben, cat, id] = [uniqueId("ann"), uniqueId("ben"), uniqueId("cat"), uniqueId("order")];
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
  // Waits so that `createdAt` and `joinedAt` differ.
  await setTimeout(5);
  await rest("PUT", `/conversations/${id}/participants/${ann}`, {});
  return { ann, ben, id };
}

pageTest(
  "a missing conversation is explained, and the copied command creates it and its user",
  { permissions: ["clipboard-read", "clipboard-write"] },
  async (page) => {
    const [user, id] = [uniqueId("it's me"), uniqueId("a place & more")];
    await page.goto(urlOf({ user }));
    await page.getByTestId("name-prompt").waitFor();
    await page.getByLabel("Conversation id").fill(id);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText(`“${user}” does not take part in “${id}”.`).waitFor();
    await page.getByRole("button", { name: "Copy: create the conversation by REST" }).click();
    await page.getByText("Copied").first().waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(command.includes(origin), command);
    execFileSync("sh", ["-ec", command], { stdio: "pipe" });
    await page.getByRole("heading", { name: "A first conversation" }).waitFor();
    await composer(page).waitFor();
    assert.ok(await page.getByTestId("name-prompt").isHidden(), "the user exists now");
  },
);

pageTest("the conversation of a backend in ten lines of curl appears live", {}, async (page) => {
  const [ADA, BOB, TALK] = [uniqueId("ada"), uniqueId("bob"), uniqueId("order")];
  await page.goto(urlOf({ user: ADA }));
  await page.getByText("No conversations yet.").waitFor();
  const env = {
    ...process.env,
    API: `${origin}/v1/${appId}`,
    SECRET: process.env.CAUSERIE_SECRET,
    ADA,
    BOB,
    TALK,
  };
  execFileSync("sh", [join(import.meta.dirname, "../clients/backend.sh")], { env, stdio: "pipe" });
  await row(page, TALK).getByText("Order 391").waitFor();
  await badge(page, TALK).getByText("2").waitFor();
  await row(page, TALK).click();
  await bubble(page, "Ada joined").waitFor();
  await bubble(page, "Hello Ada, pay here").locator(".action", { hasText: "pay here" }).waitFor();
});

pageTest("a new user enters a name and creates a conversation with one click", {}, async (page) => {
  const [user, id] = [uniqueId("new"), uniqueId("den")];
  await page.goto(urlOf({ user, conversation: id }));
  await page.getByTestId("name-prompt").getByLabel("Your name").fill("Nell");
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByTestId("name-prompt").waitFor({ state: "hidden" });
  await page.getByRole("button", { name: /^Create or join/ }).click();
  await sendMessage(page, "Here I am");
  await bubble(page, "Here I am").waitFor();
  assert.deepEqual(Object.keys((await rest("GET", `/conversations/${id}`)).participants), [user]);
});

pageTest("every property of a conversation is shown", {}, async (page) => {
  const { ann, ben, id } = await createConversation();
  await rest("POST", `/conversations/${id}/messages`, [
    { text: "Two tea sets, please", sender: ann, type: "UserMessage" },
  ]);
  await setTimeout(5);
  await rest("POST", `/conversations/${id}/messages`, [
    { text: "Has it left?", sender: ben, type: "UserMessage" },
    { text: "When will it be here?", sender: ben, type: "UserMessage" },
  ]);
  await page.goto(urlOf({ user: ann }));
  await badge(page, id).getByText("2").waitFor();
  await row(page, id).click();
  await openAbout(page);
  // Showing the conversation marks it as read.
  await until("it is read", async () => (await shown(page, "isUnread")) === "no");

  const expected = await conversationAsSeenBy(ann, id);
  assert.equal(await shown(page, "subject"), "Two tea sets");
  assert.equal(await shown(page, "photoUrl"), photo);
  assert.match(await shown(page, "access"), /^ReadWrite/);
  assert.match(await shown(page, "notify"), /^true/);
  assert.equal(await shown(page, "unreadMessageCount"), "0");
  assert.equal(await shown(page, "lastMessage"), expected.lastMessage.id ?? expected.lastMessage);
  assert.equal(await shown(page, "welcomeMessages"), "Hello.\nWe answer within an hour.");
  assert.match(await shown(page, "custom"), /order\s*391/);
  assert.ok(expected.createdAt < expected.joinedAt, "the two times must differ for this test");
  assert.ok(expected.everyoneReadUntil < expected.readUntil, JSON.stringify(expected));
  for (const name of ["createdAt", "joinedAt", "lastMessageAt", "readUntil", "everyoneReadUntil"]) {
    assert.equal(await time(page, name), String(expected[name]), name);
  }
  const local = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
    timeZone: "Europe/London",
  });
  assert.equal(await shown(page, "createdAt"), local.format(expected.createdAt));

  await page.getByText("The snapshot as JSON").click();
  const json = JSON.parse(await page.locator(".about details[open] pre").innerText());
  assert.equal(json.lastMessage.sender.name, "Ben");
  assert.deepEqual({ ...json, lastMessage: json.lastMessage.id }, expected);
});

pageTest("changes by a backend appear without a reload", {}, async (page) => {
  const { ann, id } = await createConversation();
  await page.goto(urlOf({ user: ann, conversation: id }));
  await composer(page).waitFor();
  await openAbout(page);

  await rest("POST", `/conversations/${id}/messages`, [
    { text: "The parcel has left", type: "SystemMessage" },
  ]);
  await page.locator(".message.system", { hasText: "The parcel has left" }).waitFor();
  await rest("PUT", `/conversations/${id}`, { subject: "Three tea sets", custom: { order: "392" } });
  await page.getByRole("heading", { name: "Three tea sets" }).waitFor();
  await until("custom data", async () => /order\s*392/.test(await shown(page, "custom")));

  await rest("PATCH", `/conversations/${id}/participants/${ann}`, { access: "Read", notify: "MentionsOnly" });
  await page.getByText("You have read-only access.").waitFor();
  assert.ok(await composer(page).isHidden());
  assert.match(await shown(page, "access"), /^Read\b(?!Write)/);
  assert.match(await shown(page, "notify"), /^MentionsOnly/);

  await rest("DELETE", `/conversations/${id}/participants/${ann}`);
  await absent(page).waitFor();
});

pageTest("a user's new name and photo appear in every place that shows the user", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  await rest("POST", `/conversations/${id}/messages`, [{ text: "Hi", sender: ben, type: "UserMessage" }]);
  await page.goto(urlOf({ user: ann, conversation: id }));
  await bubble(page, "Hi").waitFor();
  await openAbout(page);
  await rest("PUT", `/users/${ben}`, { name: "Benjamin", photoUrl: photo });
  await row(page, id).getByText("Benjamin: Hi").waitFor();
  assert.equal(await bubble(page, "Hi").locator(".from").innerText(), "Benjamin");
  await until(
    "the photo",
    async () => (await bubble(page, "Hi").locator(".avatar img").getAttribute("src")) === photo,
  );
  await page.locator(`[data-participant="${ben}"]`).getByText("Benjamin").waitFor();
});

pageTest(
  "message text is never interpreted as HTML, and locations and links have the right targets",
  {},
  async (page) => {
    const { ann, ben, id } = await createPair();
    const hostile = `<img src=x onerror="document.title='broken'"> <b>no</b> javascript:alert(1) & more`;
    const send = (body) => rest("POST", `/conversations/${id}/messages`, [body]);
    await send({ type: "UserMessage", sender: ben, text: hostile });
    await send({
      type: "UserMessage",
      sender: ben,
      content: [{ type: "location", latitude: 48.8584, longitude: 2.2945 }],
    });
    await send({ type: "SystemMessage", text: "See <https://example.com/terms|our terms>, *please*" });
    await page.goto(urlOf({ user: ann, conversation: id }));
    await bubble(page, "48.8584, 2.2945").waitFor();
    assert.equal(await messages(page).first().locator(".content").innerText(), hostile);
    assert.equal(await messages(page).first().locator("img[src=x], b").count(), 0);
    assert.match(
      await bubble(page, "48.8584").locator("a").getAttribute("href"),
      /^https:\/\/www\.openstreetmap\.org\/\?mlat=48\.8584/,
    );
    const link = page.locator(".message.system a");
    assert.equal(await link.innerText(), "our terms");
    assert.equal(await link.getAttribute("href"), "https://example.com/terms");
    assert.equal(await page.locator(".message.system strong").innerText(), "please");
    assert.notEqual(await page.title(), "broken");
  },
);

pageTest("a rejected message stays with the reason and can be discarded", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  await page.goto(urlOf({ user: ann, conversation: id }));
  await composer(page).waitFor();
  await sendRefused(page, id, ben, "The blue one");
  await pending(page).getByRole("alert").getByText("A value does not fit").waitFor();
  await sendMessage(page, "short");
  await bubble(page, "short").waitFor();
  await pending(page).getByRole("button", { name: "Discard" }).click();
  assert.equal(await pending(page).count(), 0);
  assert.equal(await messages(page).count(), 1);
});

pageTest("a conversation of others looks like one that does not exist", {}, async (page) => {
  const { id } = await createConversation();
  const stranger = uniqueId("stranger");
  await rest("PUT", `/users/${stranger}`, { name: "Stranger" });
  await page.goto(urlOf({ user: stranger, conversation: id }));
  await absent(page).getByText("curl").waitFor();
  const notice = await absent(page).innerText();
  const nowhere = uniqueId("nowhere");
  await page.goto(urlOf({ user: stranger, conversation: nowhere }));
  await absent(page).getByText("curl").waitFor();
  assert.equal(await absent(page).innerText(), notice.replaceAll(id, nowhere));
});

pageTest("switching the user shows that user's view of the same conversation", {}, async (page) => {
  const { ann, ben, id } = await createConversation();
  await rest("POST", `/conversations/${id}/messages`, [{ text: "Hi", sender: ben, type: "UserMessage" }]);
  await page.goto(urlOf({ user: ann }));
  await badge(page, id).getByText("1").waitFor();
  await page.getByRole("button", { name: "Switch user" }).click();
  await page.getByLabel("User id").fill(ben);
  await page.getByRole("button", { name: "Continue" }).click();
  await row(page, id).getByText("You: Hi").waitFor();
  assert.ok(await badge(page, id).isHidden());
  await page.goBack();
  await page.goBack();
  await badge(page, id).getByText("1").waitFor();
});

pageTest(
  "an invalid conversation id and an unknown user id are explained next to the field",
  {},
  async (page) => {
    const user = uniqueId("hal");
    await rest("PUT", `/users/${user}`, { name: "Hal" });
    await page.goto(urlOf({ user }));
    await page.getByLabel("Conversation id").fill("");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("Must not be empty.").waitFor();
    assert.equal(await page.getByLabel("Conversation id").getAttribute("aria-invalid"), "true");

    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("Choose a user").waitFor();
    const nobody = uniqueId("nobody");
    await page.getByLabel("Another user's id").fill(nobody);
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText(`There is no user “${nobody}” yet.`).waitFor();
  },
);
