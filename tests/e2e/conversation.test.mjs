// A conversation as a user sees it, made and changed by a backend: everything on the page follows by itself.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { setTimeout } from "node:timers/promises";

import { absent, badge, bubble, composer, messages, openAbout, pending, row, say, two } from "./chat.mjs";
import { at, conversationAsSeenBy, fresh, origin, pageTest, rest, until } from "./world.mjs";

const shown = (page, name) => page.locator(`[data-property="${name}"]`).innerText();
const time = (page, name) => page.locator(`[data-property="${name}"] time`).getAttribute("title");

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
  "null is explained, and the copied line makes the conversation, user and all, which then appears by itself",
  { permissions: ["clipboard-read", "clipboard-write"] },
  async (page) => {
    const [user, id] = [fresh("it's me"), fresh("a place & more")];
    await page.goto(at({ user }));
    await page.getByTestId("newcomer").waitFor();
    await page.getByLabel("Conversation id").fill(id);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText(`“${user}” does not take part in “${id}”.`).waitFor();
    await page.getByRole("button", { name: "Copy: make the conversation by REST" }).click();
    await page.getByText("Copied").first().waitFor();
    const line = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(line.includes(origin), line);
    execFileSync("sh", ["-ec", line], { stdio: "pipe" });
    await page.getByRole("heading", { name: "A first conversation" }).waitFor();
    await composer(page).waitFor();
    assert.ok(await page.getByTestId("newcomer").isHidden(), "the user exists now");
  },
);

pageTest("a newcomer says a name, and makes a conversation with one click", {}, async (page) => {
  const [user, id] = [fresh("new"), fresh("den")];
  await page.goto(at({ user, conversation: id }));
  await page.getByTestId("newcomer").getByLabel("Your name").fill("Nell");
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByTestId("newcomer").waitFor({ state: "hidden" });
  await page.getByRole("button", { name: /^Create or join/ }).click();
  await say(page, "Here I am");
  await bubble(page, "Here I am").waitFor();
  assert.deepEqual(Object.keys((await rest("GET", `/conversations/${id}`)).participants), [user]);
});

pageTest("every property of a conversation is shown", {}, async (page) => {
  const { ann, ben, id } = await scene();
  await rest("POST", `/conversations/${id}/messages`, [
    { text: "Two tea sets, please", sender: ann, type: "UserMessage" },
  ]);
  await setTimeout(5);
  await rest("POST", `/conversations/${id}/messages`, [
    { text: "Has it left?", sender: ben, type: "UserMessage" },
    { text: "When will it be here?", sender: ben, type: "UserMessage" },
  ]);
  await page.goto(at({ user: ann }));
  await badge(page, id).getByText("2").waitFor();
  await row(page, id).click();
  await openAbout(page);
  // It is read by being seen.
  await until("it is read", async () => (await shown(page, "isUnread")) === "no");

  const truth = await conversationAsSeenBy(ann, id);
  assert.equal(await shown(page, "subject"), "Two tea sets");
  assert.equal(await shown(page, "photoUrl"), photo);
  assert.match(await shown(page, "access"), /^ReadWrite/);
  assert.match(await shown(page, "notify"), /^true/);
  assert.equal(await shown(page, "unreadMessageCount"), "0");
  assert.equal(await shown(page, "lastMessage"), truth.lastMessage.id ?? truth.lastMessage);
  assert.equal(await shown(page, "welcomeMessages"), "Hello.\nWe answer within an hour.");
  assert.match(await shown(page, "custom"), /order\s*391/);
  assert.ok(truth.createdAt < truth.joinedAt, "the scene is meant to tell the times apart");
  assert.ok(truth.everyoneReadUntil < truth.readUntil, JSON.stringify(truth));
  for (const name of ["createdAt", "joinedAt", "lastMessageAt", "readUntil", "everyoneReadUntil"]) {
    assert.equal(await time(page, name), String(truth[name]), name);
  }
  const local = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
    timeZone: "Europe/London",
  });
  assert.equal(await shown(page, "createdAt"), local.format(truth.createdAt));

  await page.getByText("The snapshot as JSON").click();
  const json = JSON.parse(await page.locator(".about details[open] pre").innerText());
  assert.equal(json.lastMessage.sender.name, "Ben");
  assert.deepEqual({ ...json, lastMessage: json.lastMessage.id }, truth);
});

pageTest("what a backend changes is seen without reading again", {}, async (page) => {
  const { ann, id } = await scene();
  await page.goto(at({ user: ann, conversation: id }));
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
  await page.getByText("You may only read here.").waitFor();
  assert.ok(await composer(page).isHidden());
  assert.match(await shown(page, "access"), /^Read\b(?!Write)/);
  assert.match(await shown(page, "notify"), /^MentionsOnly/);

  await rest("DELETE", `/conversations/${id}/participants/${ann}`);
  await absent(page).waitFor();
});

pageTest("a user's new name and photo are seen wherever the user is", {}, async (page) => {
  const { ann, ben, id } = await two();
  await rest("POST", `/conversations/${id}/messages`, [{ text: "Hi", sender: ben, type: "UserMessage" }]);
  await page.goto(at({ user: ann, conversation: id }));
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
  "what is written is only ever text, places and links lead where they say, and nodes of all kinds are shown",
  {},
  async (page) => {
    const { ann, ben, id } = await two();
    const nasty = `<img src=x onerror="document.title='broken'"> <b>no</b> javascript:alert(1) & more`;
    const send = (body) => rest("POST", `/conversations/${id}/messages`, [body]);
    await send({ type: "UserMessage", sender: ben, text: nasty });
    await send({
      type: "UserMessage",
      sender: ben,
      content: [{ type: "location", latitude: 48.8584, longitude: 2.2945 }],
    });
    await send({ type: "SystemMessage", text: "See <https://example.com/terms|our terms>, *please*" });
    await page.goto(at({ user: ann, conversation: id }));
    await bubble(page, "48.8584, 2.2945").waitFor();
    assert.equal(await messages(page).first().locator(".content").innerText(), nasty);
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

pageTest("what the server refuses stays with the reason, and can be thrown away", {}, async (page) => {
  const { ann, id } = await two();
  await page.goto(at({ user: ann, conversation: id }));
  await say(page, "x".repeat(10_001));
  await pending(page).getByRole("alert").getByText("A value does not fit").waitFor();
  await say(page, "short");
  await bubble(page, "short").waitFor();
  await pending(page).getByRole("button", { name: "Throw away" }).click();
  assert.equal(await pending(page).count(), 0);
  assert.equal(await messages(page).count(), 1);
});

pageTest("a conversation of others looks like none at all", {}, async (page) => {
  const { id } = await scene();
  const stranger = fresh("stranger");
  await rest("PUT", `/users/${stranger}`, { name: "Stranger" });
  await page.goto(at({ user: stranger, conversation: id }));
  await absent(page).getByText("curl").waitFor();
  const words = await absent(page).innerText();
  const nowhere = fresh("nowhere");
  await page.goto(at({ user: stranger, conversation: nowhere }));
  await absent(page).getByText("curl").waitFor();
  assert.equal(await absent(page).innerText(), words.replaceAll(id, nowhere));
});

pageTest("another user sees another side of the same conversation", {}, async (page) => {
  const { ann, ben, id } = await scene();
  await rest("POST", `/conversations/${id}/messages`, [{ text: "Hi", sender: ben, type: "UserMessage" }]);
  await page.goto(at({ user: ann }));
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
  "an id that no conversation or user can have is refused in words, beside the field",
  {},
  async (page) => {
    const user = fresh("hal");
    await rest("PUT", `/users/${user}`, { name: "Hal" });
    await page.goto(at({ user }));
    await page.getByLabel("Conversation id").fill("");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("Must not be empty.").waitFor();
    assert.equal(await page.getByLabel("Conversation id").getAttribute("aria-invalid"), "true");

    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("Choose somebody").waitFor();
    const nobody = fresh("nobody");
    await page.getByLabel("Somebody else's id").fill(nobody);
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText(`There is no user “${nobody}” yet.`).waitFor();
  },
);
