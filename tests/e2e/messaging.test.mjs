// A conversation between two users in two browsers.
import assert from "node:assert/strict";

import {
  absent,
  badge,
  bubble,
  choose,
  composer,
  messages,
  openAbout,
  participant,
  pending,
  post,
  row,
  messageTexts,
  sendMessage,
  openForBoth,
  createPair,
  withinTime,
} from "./chat.mjs";
import { callRealtime, urlOf, conversationAsSeenBy, uniqueId, pageTest, rest, until } from "./support.mjs";

/** Within this time, the other browser shows a change. */
const LIVE_MS = 2_000;

pageTest(
  "two demo users start a conversation and exchange messages within two seconds",
  {},
  async (page, { open }) => {
    const other = await open();
    await page.goto(urlOf({ user: "alice" }));
    await other.goto(urlOf({ user: "bob" }));
    const subject = uniqueId("plan");
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByRole("checkbox", { name: "Bob" }).check();
    await page.getByRole("dialog").getByLabel("Subject").fill(subject);
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByRole("heading", { name: subject }).waitFor();

    await withinTime(LIVE_MS, "the conversation in the other's list", () =>
      other.getByRole("link", { name: subject }).waitFor(),
    );
    await other.getByRole("link", { name: subject }).click();
    await composer(other).waitFor();
    await sendMessage(page, "Hello *Bob*");
    await withinTime(LIVE_MS, "a message", () => bubble(other, "Hello Bob").waitFor());
    await sendMessage(other, "Hello _Alice_");
    await withinTime(LIVE_MS, "the reply", () => bubble(page, "Hello Alice").waitFor());
    for (const one of [page, other]) assert.deepEqual(await messageTexts(one), ["Hello Bob", "Hello Alice"]);
    assert.equal(await bubble(other, "Hello Bob").locator("strong").innerText(), "Bob");
    assert.equal(await bubble(other, "Hello Bob").locator(".from").innerText(), "Alice");
    assert.equal(await bubble(other, "Hello Bob").locator(".avatar img").count(), 1);
    await until("nothing is pending", async () => (await pending(page).count()) === 0);
  },
);

pageTest(
  "two users who start a conversation with each other get the same one",
  {},
  async (page, { open }) => {
    const [user, other] = [uniqueId("ina"), await open()];
    await rest("PUT", `/users/${user}`, { name: "Ina" });
    await page.goto(urlOf({ user }));
    await other.goto(urlOf({ user: "carol" }));
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByRole("checkbox", { name: "Carol" }).check();
    await page.getByRole("button", { name: "Start" }).click();
    await composer(page).waitFor();
    await other.getByRole("button", { name: "New conversation" }).click();
    await other.getByLabel("Another user's id").fill(user);
    await other.getByRole("button", { name: "Start" }).click();
    await composer(other).waitFor();
    const idOf = (one) => new URL(one.url()).searchParams.get("conversation");
    assert.equal(idOf(page), idOf(other));
    await page.getByRole("heading", { name: "Carol" }).waitFor();
    await other.getByRole("heading", { name: "Ina" }).waitFor();
  },
);

pageTest(
  "a reply quotes its message, follows its edits, and stays when it is deleted",
  {},
  async (page, { open }) => {
    const { other } = await openForBoth(page, open);
    page.on("dialog", (dialog) => dialog.accept());
    await sendMessage(page, "At four?");
    await bubble(other, "At four?").waitFor();
    await choose(other, "At four?", "Reply");
    await other.getByText("Replying to Ann").waitFor();
    await sendMessage(other, "Fine.");
    const reply = bubble(page, "Fine.");
    await reply.locator(".quote", { hasText: "At four?" }).waitFor();

    await choose(page, "At four?", "Edit");
    assert.equal(await composer(page).inputValue(), "At four?");
    await composer(page).fill("At *five*?");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    for (const one of [page, other]) {
      await bubble(one, "At five?").getByText("edited").waitFor();
      await bubble(one, "Fine.").locator(".quote", { hasText: "At five?" }).waitFor();
    }
    assert.equal(await composer(page).inputValue(), "", "the composer is empty again");

    await choose(page, "At five?", "Delete");
    for (const one of [page, other]) {
      await until("the message is gone", async () => (await messages(one).count()) === 1);
      assert.equal(await bubble(one, "Fine.").locator(".quote").count(), 0);
    }
  },
);

pageTest("editing starts with the original markup", {}, async (page) => {
  const { ann, id } = await createPair();
  await page.goto(urlOf({ user: ann, conversation: id }));
  const text = "Take *two* _of_ ~the~ ```old ones```:\n- tea\n- *more* tea\nthen https://example.com/x?y=1";
  await sendMessage(page, text);
  await bubble(page, "Take two").waitFor();
  await choose(page, "Take two", "Edit");
  assert.equal(await composer(page).inputValue(), text);
  await page.keyboard.press("Escape");
  assert.equal(await composer(page).inputValue(), "");
});

pageTest("a click adds and removes a reaction, and both users see the count", {}, async (page, { open }) => {
  const { other } = await openForBoth(page, open);
  await sendMessage(page, "Cake!");
  await bubble(other, "Cake!").waitFor();
  const chip = (one) => bubble(one, "Cake!").locator(".reaction");
  await choose(other, "Cake!", "React with 🎉");
  await chip(page).filter({ hasText: "1" }).waitFor();
  assert.equal(await chip(page).getAttribute("aria-pressed"), "false");
  assert.equal(await chip(other).getAttribute("aria-pressed"), "true");
  await chip(page).click();
  await chip(other).filter({ hasText: "2" }).waitFor();
  await chip(page).hover();
  await until("the names are shown", async () => (await chip(page).getAttribute("title")) === "🎉 Ben, Ann");
  await chip(other).click();
  await chip(page).filter({ hasText: "1" }).waitFor();
  await chip(page).click();
  await until("no reaction is left", async () => (await chip(other).count()) === 0);
});

pageTest("the typing indicator appears and ends with the message", {}, async (page, { open }) => {
  const { other } = await openForBoth(page, open);
  const typing = page.getByText("Ben is typing");
  await composer(other).pressSequentially("Wait");
  await withinTime(LIVE_MS, "typing", () => typing.waitFor());
  await sendMessage(other, "Here it is");
  await withinTime(LIVE_MS, "its end", () => typing.waitFor({ state: "hidden" }));
  await bubble(page, "Here it is").waitFor();
});

pageTest("the typing indicator ends ten seconds after the last keystroke", {}, async (page, { open }) => {
  const { other } = await openForBoth(page, open);
  const typing = page.getByText("Ben is typing");
  await composer(other).pressSequentially("Hm");
  await typing.waitFor();
  const start = performance.now();
  await typing.waitFor({ state: "hidden", timeout: 20_000 });
  const took = performance.now() - start;
  assert.ok(took > 7_000 && took < 15_000, `it took ${Math.round(took)} ms`);
});

pageTest("a dot shows whether a user is online", {}, async (page, { open }) => {
  const { ann, ben, id } = await createPair();
  await page.goto(urlOf({ user: ann, conversation: id }));
  await composer(page).waitFor();
  await openAbout(page);
  const dot = participant(page, ben).locator(".dot");
  await until("Ben is offline", async () => (await dot.getAttribute("title")) === "offline");
  const other = await open();
  await other.goto(urlOf({ user: ben }));
  await until("Ben is online", async () => (await dot.getAttribute("title")) === "online");
  await other.close();
  await until("Ben is offline again", async () => (await dot.getAttribute("title")) === "offline", 30_000);
});

pageTest(
  "an unread conversation has a badge until it is shown, and can be marked as unread",
  {},
  async (page) => {
    const { ann, ben, id } = await createPair();
    await page.goto(urlOf({ user: ann }));
    await row(page, id).waitFor();
    assert.ok(await badge(page, id).isHidden());
    await post(id, ben, ["One", "Two"]);
    await badge(page, id).getByText("2").waitFor();
    await until("the page title counts it", async () => (await page.title()).startsWith("(1) "));

    await page.getByRole("checkbox", { name: "Unread only" }).check();
    await row(page, id).waitFor();
    await row(page, id).click();
    await bubble(page, "Two").waitFor();
    await until(
      "it leaves the list of unread conversations",
      async () => (await row(page, id).count()) === 0,
    );
    await page.getByText("No unread conversations.").waitFor();
    await page.getByRole("checkbox", { name: "Unread only" }).uncheck();
    await row(page, id).waitFor();
    assert.ok(await badge(page, id).isHidden());

    await page.getByRole("button", { name: "Mark as unread" }).click();
    await badge(page, id).getByText("•").waitFor();
    await page.getByText("Nothing is open.").waitFor();
    await row(page, id).click();
    await until("opening it marks it as read", async () => badge(page, id).isHidden());
  },
);

pageTest("the user's last message shows when everyone has read it", {}, async (page, { open }) => {
  const { ann, ben, id } = await createPair();
  await page.goto(urlOf({ user: ann, conversation: id }));
  await sendMessage(page, "Are you there?");
  await bubble(page, "Are you there?").waitFor();
  assert.equal(
    await bubble(page, "Are you there?")
      .getByText("read", { exact: false })
      .filter({ hasText: "· read" })
      .count(),
    0,
  );
  const other = await open();
  await other.goto(urlOf({ user: ben, conversation: id }));
  await bubble(page, "Are you there?").getByText("· read").waitFor();
});

pageTest(
  "a removed participant loses the conversation, and an added one gets it",
  {},
  async (page, { open }) => {
    const { ben, id, other } = await openForBoth(page, open);
    await sendMessage(page, "Goodbye");
    await bubble(other, "Goodbye").waitFor();
    await openAbout(page);
    await participant(page, ben).getByRole("button", { name: "Remove Ben" }).click();
    await withinTime(LIVE_MS, "the end", () =>
      absent(other).getByText(`“${ben}” is not in “${id}” any more.`).waitFor(),
    );
    await until("it leaves the list", async () => (await row(other, id).count()) === 0);
    assert.equal(await messages(other).count(), 0, "none of its messages are left on the page");
    await participant(page, ben).waitFor({ state: "detached" });

    await page.getByLabel("Add a user by id").fill(ben);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await bubble(other, "Goodbye").waitFor();
    await row(other, id).waitFor();
    await sendMessage(other, "Back again");
    await bubble(page, "Back again").waitFor();
  },
);

pageTest("leaving asks for confirmation and removes the participant", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  await page.goto(urlOf({ user: ben, conversation: id }));
  await composer(page).waitFor();
  await openAbout(page);
  page.once("dialog", (dialog) => dialog.accept());
  await participant(page, ben).getByRole("button", { name: "Leave" }).click();
  await page.getByText("Nothing is open.").waitFor();
  await until("it leaves the list", async () => (await row(page, id).count()) === 0);
  assert.deepEqual(Object.keys((await rest("GET", `/conversations/${id}`)).participants), [ann]);
});

pageTest("a new subject appears for everybody", {}, async (page, { open }) => {
  const { id, other } = await openForBoth(page, open);
  await openAbout(page);
  await page.getByRole("complementary").getByLabel("Subject").fill("Coffee");
  await page.getByRole("button", { name: "Rename" }).click();
  for (const one of [page, other]) {
    await one.getByRole("heading", { name: "Coffee" }).waitFor();
    await row(one, id).getByText("Coffee").waitFor();
  }
});

pageTest("a conversation hidden by the profile does not mark messages as read", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  await page.goto(urlOf({ user: ann, conversation: id }));
  await composer(page).waitFor();
  await page.getByRole("button", { name: "Profile", exact: true }).click();
  await post(id, ben, ["Not seen"]);
  await until("the page title counts it", async () => (await page.title()).startsWith("(1) "));
  await post(id, ben, ["Unseen"]);
  assert.equal((await conversationAsSeenBy(ann, id)).unreadMessageCount, 2);
  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await bubble(page, "Unseen").waitFor();
  await until("it is marked as read", async () => !(await page.title()).startsWith("("));
});

pageTest("an unsent draft is restored when the conversation is opened again", {}, async (page) => {
  const { ann, id } = await createPair();
  await page.goto(urlOf({ user: ann }));
  await row(page, id).click();
  await composer(page).fill("Half a thought");
  await page.goBack();
  await page.getByText("Nothing is open.").waitFor();
  await row(page, id).click();
  assert.equal(await composer(page).inputValue(), "Half a thought");
  await sendMessage(page, "A whole one");
  await bubble(page, "A whole one").waitFor();
  assert.equal(await composer(page).inputValue(), "");
});

// Frames cannot be read in Firefox.
pageTest("each visible message is marked as read exactly once", { only: "chromium" }, async (page) => {
  const { ann, ben, id } = await createPair();
  const frames = [];
  page.on("websocket", (socket) =>
    socket.on(
      "framesent",
      ({ payload }) => payload.includes("conversation.markAsRead") && frames.push(payload),
    ),
  );
  await page.goto(urlOf({ user: ann, conversation: id }));
  await composer(page).waitFor();
  for (const text of ["one", "two", "three"]) {
    await post(id, ben, [text]);
    await until(`${text} is read`, async () => !(await conversationAsSeenBy(ann, id)).isUnread);
  }
  assert.equal(frames.length, 3, frames.join("\n"));
});

pageTest("more than five typing users are shown without names", {}, async (page) => {
  const { ann, ben, id } = await createPair();
  await page.goto(urlOf({ user: ann, conversation: id }));
  await composer(page).waitFor();
  const others = [ben];
  for (let count = 0; count < 5; count += 1) others.push(uniqueId("typing"));
  for (const user of others.slice(1)) {
    await rest("PUT", `/users/${user}`, { name: user });
    await rest("PUT", `/conversations/${id}/participants/${user}`, {});
  }
  // Uses the protocol directly, because six browsers would be too many.
  const type = (user) => callRealtime(user, "conversation.markAsTyping", { conversation: id });
  for (const user of others.slice(0, 2)) await type(user);
  await page.getByText(`Ben and ${others[1]} are typing`).waitFor();
  for (const user of others.slice(2)) await type(user);
  await page.getByText("Many people are typing").waitFor();
});
