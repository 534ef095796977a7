// Snapshots: their content, that they are deeply frozen, and that unchanged parts stay the same objects.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as classes from "causerie";

import { conversation, deeplyFrozen, fixture, list, message, messages, settled, user } from "./fixture.mjs";

const C1 = { kind: "messages", id: "c1" };

test("a message contains its sender, and the message it references, one level deep", async () => {
  const { live, open } = fixture();
  const first = message("c1", 1, {
    sender: "bob",
    custom: { a: "b" },
    reactions: [{ emoji: "👍", count: 2, currentUserReacted: true }],
  });
  const second = message("c1", 2, { referencedMessage: first.id, editedAt: 5 });
  const third = message("c1", 3, { referencedMessage: second.id, type: "SystemMessage", sender: undefined });
  const subscription = open(C1);
  live.reset({ id: 1, ...list([third, second, first], false, [user("ada"), user("bob")]) });
  await settled();
  const [newest, middle, oldest] = subscription.state.latestSnapshot;
  deeplyFrozen(subscription.state);
  assert.deepEqual(
    { ...oldest, sender: oldest.sender.id },
    {
      id: first.id,
      type: "UserMessage",
      sender: "bob",
      custom: { a: "b" },
      createdAt: 1_001,
      editedAt: null,
      origin: "web",
      plaintext: "message 1",
      content: first.content,
      referencedMessage: null,
      reactions: [{ emoji: "👍", count: 2, currentUserReacted: true }],
    },
  );
  assert.equal(middle.editedAt, 5);
  assert.equal(middle.referencedMessage.sender, oldest.sender, "the same user is the same object");
  assert.equal(middle.referencedMessage.referencedMessageId, null);
  assert.deepEqual([newest.type, newest.sender], ["SystemMessage", null]);
  assert.equal(newest.referencedMessage.referencedMessageId, first.id);
  assert.ok(!("referencedMessage" in newest.referencedMessage), "references are one level deep");
  assert.ok(newest instanceof classes.MessageSnapshot);
  assert.ok(newest.referencedMessage instanceof classes.ReferencedMessageSnapshot);
  assert.ok(oldest.sender instanceof classes.UserSnapshot);
});

test("editing a message keeps all other messages and its own unchanged parts", async () => {
  const { live, open } = fixture();
  const subscription = open(C1);
  const bodies = messages("c1", 30, 1);
  bodies[3] = message("c1", 27, {
    custom: { a: "b" },
    content: [{ type: "text", children: ["one", { type: "bold", children: ["two"] }] }],
  });
  live.reset({ id: 1, ...list(bodies, true) });
  await settled();
  const before = subscription.state.latestSnapshot;
  const content = [{ type: "text", children: ["ONE", { type: "bold", children: ["two"] }] }];
  live.events({
    id: 1,
    changes: [{ put: bodies[3].id }],
    entities: { messages: [{ ...bodies[3], content, editedAt: 9 }], users: [user("ada")] },
  });
  await settled();
  const after = subscription.state.latestSnapshot;
  assert.equal(subscription.calls.length, 2);
  after.forEach((snapshot, index) =>
    assert.equal(snapshot === before[index], index !== 3, `message ${index}`),
  );
  assert.equal(after[3].editedAt, 9);
  assert.equal(after[3].custom, before[3].custom);
  assert.equal(after[3].sender, before[3].sender);
  assert.equal(after[3].reactions, before[3].reactions);
  assert.notEqual(after[3].content, before[3].content);
  assert.equal(after[3].content[0].children[1], before[3].content[0].children[1]);
  deeplyFrozen(after);
});

test("a new message keeps all other snapshots", async () => {
  const { live, open } = fixture();
  const subscription = open(C1);
  live.reset({ id: 1, ...list(messages("c1", 30, 1), true) });
  await settled();
  const before = subscription.state.latestSnapshot;
  live.events({ id: 1, changes: [{ put: "m00031" }], entities: list([message("c1", 31)]).entities });
  await settled();
  assert.equal(subscription.state.latestSnapshot.length, 31);
  before.forEach((snapshot, index) => assert.equal(subscription.state.latestSnapshot[index + 1], snapshot));
});

test("renaming the sender of a referenced last message keeps all other parts", async () => {
  const { live, open } = fixture();
  const lists = open({ kind: "conversations" });
  const first = message("c1", 1, { sender: "bob" });
  const second = message("c1", 2, { referencedMessage: first.id });
  const other = message("c2", 1);
  live.reset({
    id: 1,
    value: { items: ["c1", "c2"], more: false },
    entities: {
      conversations: [
        conversation("c1", { lastMessage: second.id, lastMessageAt: 1_002 }),
        conversation("c2", { lastMessage: other.id, lastMessageAt: 1_001 }),
      ],
      messages: [second, first, other],
      users: [user("ada"), user("bob")],
    },
  });
  await settled();
  const [before, untouched] = lists.state.latestSnapshot;
  live.update({ entities: { users: [user("bob", { name: "Bobby" })] } });
  await settled();
  const [after, still] = lists.state.latestSnapshot;
  assert.equal(after.lastMessage.referencedMessage.sender.name, "Bobby");
  assert.notEqual(after, before);
  assert.equal(after.lastMessage.sender, before.lastMessage.sender);
  assert.equal(after.lastMessage.content, before.lastMessage.content);
  assert.equal(after.lastMessage.referencedMessage.content, before.lastMessage.referencedMessage.content);
  assert.equal(
    after.lastMessage.referencedMessage.sender.custom,
    before.lastMessage.referencedMessage.sender.custom,
  );
  assert.equal(after.custom, before.custom);
  assert.equal(after.welcomeMessages, before.welcomeMessages);
  assert.equal(still, untouched);
  assert.equal(lists.calls.length, 2);
});

test("a message is the same object in its list and as a last message", async () => {
  const { live, open } = fixture();
  const [inMessages, single, all] = [
    open(C1),
    open({ kind: "conversation", id: "c1" }),
    open({ kind: "conversations" }),
  ];
  const last = message("c1", 1);
  const whole = {
    conversations: [conversation("c1", { lastMessage: last.id, lastMessageAt: 1_001 })],
    messages: [last],
    users: [user("ada")],
  };
  live.reset({ id: 1, ...list([last], false) });
  live.reset({ id: 2, value: "c1", entities: whole });
  live.reset({ id: 3, value: { items: ["c1"], more: false }, entities: whole });
  await settled();
  const [snapshot] = inMessages.state.latestSnapshot;
  assert.equal(single.state.latestSnapshot.lastMessage, snapshot);
  assert.equal(all.state.latestSnapshot[0], single.state.latestSnapshot);
  live.update({ entities: { messages: [{ ...last, plaintext: "edited" }] } });
  await settled();
  assert.equal(inMessages.state.latestSnapshot[0].plaintext, "edited");
  assert.equal(single.state.latestSnapshot.lastMessage, inMessages.state.latestSnapshot[0]);
  assert.equal(all.state.latestSnapshot[0], single.state.latestSnapshot);
});

test("equal bodies cause no callback, whichever frame contains them", async () => {
  const { live, open } = fixture();
  const opened = [
    open(C1),
    open({ kind: "conversation", id: "c1" }),
    open({ kind: "user", id: "ada" }),
    open({ kind: "participants", id: "c1" }),
  ];
  const bodies = messages("c1", 3, 1);
  const one = conversation("c1", { lastMessage: bodies[0].id, custom: { k: "v" } });
  const send = () => {
    live.reset({ id: 1, ...list(bodies, false) });
    live.reset({
      id: 2,
      value: "c1",
      entities: { conversations: [one], messages: [bodies[0]], users: [user("ada")] },
    });
    live.reset({ id: 3, value: "ada", entities: { users: [user("ada")] } });
    const items = [{ user: "ada", access: "Read", notify: "MentionsOnly", joinedAt: 4 }];
    live.reset({ id: 4, value: { items, more: false }, entities: { users: [user("ada")] } });
  };
  send();
  await settled();
  const states = opened.map(({ state }) => state);
  send();
  live.events({
    id: 1,
    changes: [{ put: bodies[1].id }, { drop: "nobody" }],
    entities: { messages: [bodies[1]], users: [user("ada")] },
  });
  live.update({ entities: { users: [user("ada")], messages: bodies, conversations: [one] } });
  await settled();
  opened.forEach(({ state, calls }, index) => {
    assert.equal(calls.length, 1, `subscription ${index}`);
    assert.equal(state, states[index]);
  });
});

test("changes to a referenced message outside the window show where it is referenced", async () => {
  const { live, open } = fixture();
  const subscription = open(C1);
  const single = open({ kind: "conversation", id: "c1" });
  const old = message("c1", 1);
  const window = [message("c1", 50, { referencedMessage: old.id }), ...messages("c1", 49, 21)];
  const { value, entities } = list(window, true);
  live.reset({ id: 1, value, entities: { ...entities, messages: [...window, old] } });
  const talk = conversation("c1", { lastMessage: window[0].id });
  live.reset({
    id: 2,
    value: "c1",
    entities: { conversations: [talk], messages: [window[0], old], users: [user("ada")] },
  });
  await settled();
  live.events({
    id: 1,
    changes: [{ put: old.id }],
    entities: { messages: [{ ...old, plaintext: "edited" }], users: [user("ada")] },
  });
  await settled();
  assert.equal(subscription.state.latestSnapshot.length, 30, "it is behind the window");
  assert.equal(subscription.state.latestSnapshot[0].referencedMessage.plaintext, "edited");
  assert.equal(single.state.latestSnapshot.lastMessage, subscription.state.latestSnapshot[0]);
  live.events({ id: 1, changes: [{ drop: old.id }] });
  await settled();
  assert.equal(single.state.latestSnapshot.lastMessage, subscription.state.latestSnapshot[0]);
  assert.equal(subscription.state.latestSnapshot[0].referencedMessage, null);
});

test("a referenced message that is missing from the frame counts as deleted", async () => {
  const { live, open } = fixture();
  const [subscription, single] = [open(C1), open({ kind: "conversation", id: "c2" })];
  const [old, other] = [message("c1", 1), message("c2", 1)];
  const [reply, last] = [
    message("c1", 2, { referencedMessage: old.id }),
    message("c2", 2, { referencedMessage: other.id }),
  ];
  const value = { items: [reply.id], more: false };
  live.reset({ id: 1, value, entities: { messages: [reply, old], users: [user("ada")] } });
  const whole = { conversations: [conversation("c2", { lastMessage: last.id })], users: [user("ada")] };
  live.reset({ id: 2, value: "c2", entities: { ...whole, messages: [last, other] } });
  await settled();
  assert.equal(subscription.state.latestSnapshot[0].referencedMessage.id, old.id);
  assert.equal(single.state.latestSnapshot.lastMessage.referencedMessage.id, other.id);
  live.reset({ id: 1, value, entities: { messages: [reply], users: [user("ada")] } });
  live.reset({ id: 2, value: "c2", entities: { ...whole, messages: [last] } });
  await settled();
  assert.equal(subscription.state.latestSnapshot[0].referencedMessage, null);
  assert.equal(single.state.latestSnapshot.lastMessage.referencedMessage, null);
});

test("a deleted last message stays until a frame of the conversation replaces it", async () => {
  const { live, open } = fixture();
  const [list1, single] = [open(C1), open({ kind: "conversation", id: "c1" })];
  const [last, first] = messages("c1", 2, 1);
  live.reset({ id: 1, ...list([last, first], false) });
  live.reset({
    id: 2,
    value: "c1",
    entities: {
      conversations: [conversation("c1", { lastMessage: last.id })],
      messages: [last],
      users: [user("ada")],
    },
  });
  await settled();
  live.events({ id: 1, changes: [{ drop: last.id }] });
  await settled();
  assert.equal(list1.state.latestSnapshot.length, 1);
  assert.equal(single.calls.length, 1);
  live.reset({
    id: 2,
    value: "c1",
    entities: {
      conversations: [conversation("c1", { lastMessage: first.id })],
      messages: [first],
      users: [user("ada")],
    },
  });
  await settled();
  assert.equal(single.state.latestSnapshot.lastMessage, list1.state.latestSnapshot[0]);
  assert.equal(single.calls.length, 2);
});

test("an unchanged participant stays the same object when another user joins", async () => {
  const { live, open } = fixture();
  const subscription = open({ kind: "participants", id: "c1" });
  const part = (id, joinedAt) => ({ user: id, access: "ReadWrite", notify: true, joinedAt });
  const users = [user("ada"), user("bob"), user("eve")];
  live.reset({ id: 1, value: { items: [part("bob", 2), part("ada", 1)], more: false }, entities: { users } });
  await settled();
  const before = subscription.state.latestSnapshot;
  live.events({
    id: 1,
    changes: [{ put: part("eve", 3) }, { put: { ...part("bob", 2), access: "Read" } }],
    entities: { users },
  });
  await settled();
  const after = subscription.state.latestSnapshot;
  assert.deepEqual(
    after.map((one) => [one.user.id, one.access]),
    [
      ["eve", "ReadWrite"],
      ["bob", "Read"],
      ["ada", "ReadWrite"],
    ],
  );
  assert.equal(after[2], before[1]);
  assert.equal(after[1].user, before[0].user);
  live.reset({
    id: 1,
    value: { items: [part("eve", 3), { ...part("bob", 2), access: "Read" }, part("ada", 1)], more: false },
    entities: { users },
  });
  await settled();
  assert.equal(subscription.state.latestSnapshot, after);
});

test("another revision of an equal body is no change, nor is the first one", async () => {
  const { open, live } = fixture();
  const subscription = open({ kind: "user", id: "ada" });
  live.reset({ id: 1, value: "ada", entities: { users: [user("ada")] } });
  await settled();
  const { latestSnapshot } = subscription.state;
  for (const revision of [{ rev: 5 }, { rev: 6 }, {}]) {
    live.update({ entities: { users: [user("ada", revision)] } });
    await settled();
    assert.equal(subscription.state.latestSnapshot, latestSnapshot);
  }
  assert.equal(subscription.calls.length, 1);
  assert.equal("rev" in latestSnapshot, false);
});
