// The REST client in the style of PHP's.
import assert from "node:assert/strict";
import { test } from "node:test";

import { restClient } from "./rest-client.mjs";
import { api, prefix, secret } from "./support.mjs";

const client = restClient({ api, secret });

test("a user with empty values has none of them set", async () => {
  const id = `${prefix()}ada`;
  const answer = await client.users.createOrUpdate(id, {
    name: "Ada",
    email: null,
    phone: [],
    photoUrl: "",
    role: "",
    welcomeMessage: "",
    custom: {},
  });
  assert.deepEqual(answer, {});
  const user = await client.users.get(id);
  assert.deepEqual([user.id, user.name, user.custom], [id, "Ada", {}]);
  assert.deepEqual([user.email, user.phone, user.photoUrl, user.welcomeMessage], [[], [], null, null]);
  assert.ok(Number.isInteger(user.createdAt), "createdAt is in milliseconds");
});

test("a conversation is made, joined without a body, read, and left", async () => {
  const ids = prefix();
  const [ada, bob, talk] = ["ada", "bob", "talk"].map((name) => ids + name);
  for (const [id, name] of [
    [ada, "Ada"],
    [bob, "Bob"],
  ])
    await client.users.createOrUpdate(id, { name });
  await client.conversations.createOrUpdate(talk, {
    participants: [ada],
    subject: "Order 391",
    welcomeMessages: null,
    custom: {},
    photoUrl: "/images/order.png",
  });
  await client.conversations.join(talk, bob);
  await client.conversations.updateParticipation(talk, bob, { access: "Read" });
  const conversation = await client.conversations.get(talk);
  assert.deepEqual(
    [conversation.subject, conversation.custom, conversation.lastMessage],
    ["Order 391", {}, null],
  );
  assert.deepEqual(Object.keys(conversation.participants).sort(), [ada, bob]);
  assert.deepEqual(
    [conversation.participants[bob].access, conversation.participants[bob].notify],
    ["Read", true],
  );

  const sent = await client.messages.post(talk, [
    { type: "SystemMessage", text: "Bob joined", custom: {} },
    { type: "UserMessage", sender: ada, text: "Hello", custom: { a: "b" } },
  ]);
  assert.equal(sent.length, 2);
  const { data } = await client.messages.list(talk, { limit: 1 });
  const [newest] = data;
  assert.deepEqual(
    [newest.id, newest.type, newest.senderId, newest.text, newest.custom],
    [sent[1].id, "UserMessage", ada, "Hello", { a: "b" }],
  );
  assert.deepEqual([newest.readBy, newest.location, newest.attachment], [[], null, null]);
  await client.messages.edit(talk, newest.id, { text: "Hello again", custom: {} });
  const edited = await client.messages.get(talk, newest.id);
  assert.deepEqual([edited.text, edited.custom, edited.editedAt > 0], ["Hello again", { a: "b" }, true]);
  const { data: conversations } = await client.users.getConversations(bob, { limit: 5, unreadsOnly: true });
  assert.deepEqual(
    conversations.map(({ id }) => id),
    [talk],
  );
  assert.equal(conversations[0].isUnread, true);

  await client.messages.delete(talk, newest.id);
  await assert.rejects(client.messages.get(talk, newest.id), { status: 404 });
  await client.conversations.leave(talk, bob);
  assert.deepEqual((await client.users.getConversations(bob, {})).data, []);
  await client.conversations.delete(talk);
  await assert.rejects(client.conversations.get(talk), { status: 404 });
});

test("an unknown query parameter and a list in place of an object are refused", async () => {
  const id = `${prefix()}ada`;
  await client.users.createOrUpdate(id, { name: "Ada" });
  await assert.rejects(client.users.getConversations(id, { unread: true }), {
    status: 400,
    message: /unread/,
  });
  await assert.rejects(client.users.createOrUpdate(id, ["Ada"]), { status: 400 });
  assert.equal((await client.users.get(id)).name, "Ada");
});
