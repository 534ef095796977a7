// Results of get(), and unusual data in snapshots.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as classes from "causerie";

import { conversation, deeplyFrozen, fixture, list, message, settled, user } from "./fixture.mjs";

const C1 = { kind: "messages", id: "c1" };

test("programs cannot construct snapshots", () => {
  const names = [
    "UserSnapshot",
    "ConversationSnapshot",
    "MessageSnapshot",
    "ReferencedMessageSnapshot",
    "ParticipantSnapshot",
  ];
  for (const name of names) assert.throws(() => new classes[name]({}, {}), TypeError, name);
});

test("snapshots have the documented form, or are null", async () => {
  const { live, open } = fixture();
  const opened = {
    user: open({ kind: "user", id: "ada" }),
    online: open({ kind: "online", id: "ada" }),
    participant: open({ kind: "participant", id: "c1", user: "ada" }),
    participants: open({ kind: "participants", id: "c1" }),
    reactions: open({ kind: "reactions", id: "c1", message: "m1", emoji: "👍" }),
    typing: open({ kind: "typing", id: "c1" }),
    conversation: open({ kind: "conversation", id: "c1" }),
  };
  const users = [user("ada"), user("bob")];
  const part = { user: "ada", access: "ReadWrite", notify: true, joinedAt: 7 };
  live.reset({ id: 1, value: "ada", entities: { users } });
  live.reset({ id: 2, value: { user: "ada", isConnected: true }, entities: { users } });
  live.reset({ id: 3, value: part, entities: { users } });
  live.reset({ id: 4, value: { items: [part], more: false }, entities: { users } });
  live.reset({ id: 5, value: { items: [{ user: "bob", createdAt: 3 }], more: false }, entities: { users } });
  live.reset({ id: 6, value: { users: ["bob", "ada"] }, entities: { users } });
  live.reset({ id: 7 });
  await settled();
  const now = Object.fromEntries(
    Object.entries(opened).map(([kind, { state }]) => [kind, state.latestSnapshot]),
  );
  const ada = now.user;
  deeplyFrozen(now.typing);
  for (const snapshot of Object.values(now)) deeplyFrozen(snapshot);
  assert.deepEqual({ ...ada }, user("ada"));
  assert.deepEqual({ ...now.online, user: 0 }, { user: 0, isConnected: true });
  assert.equal(now.online.user, ada);
  assert.ok(now.participant instanceof classes.ParticipantSnapshot);
  assert.deepEqual({ ...now.participant, user: now.participant.user.id }, part);
  assert.equal(now.participants[0].user, ada);
  assert.deepEqual(
    now.reactions.map((one) => ({ ...one, user: one.user.id })),
    [{ user: "bob", createdAt: 3 }],
  );
  assert.equal(now.typing.many, false);
  assert.deepEqual(
    now.typing.users.map(({ id }) => id),
    ["bob", "ada"],
  );
  assert.equal(now.conversation, null);
  for (const id of [1, 2, 3, 4, 5, 6]) live.reset({ id });
  await settled();
  for (const [kind, { state }] of Object.entries(opened)) assert.equal(state.latestSnapshot, null, kind);
  live.reset({ id: 6, value: { many: true } });
  await settled();
  assert.deepEqual(opened.typing.state.latestSnapshot, { many: true });
  for (const { unsubscribe } of Object.values(opened)) unsubscribe();
});

test("custom keys such as __proto__ and constructor are plain data", async () => {
  const { live, open } = fixture();
  const subscription = open({ kind: "user", id: "ada" });
  const custom = JSON.parse('{"__proto__":"a","constructor":"b","hasOwnProperty":"c","toString":"d"}');
  const body = { ...user("ada"), custom };
  live.reset({ id: 1, value: "ada", entities: { users: [body] } });
  await settled();
  const before = subscription.state.latestSnapshot;
  assert.equal(JSON.stringify(before.custom), JSON.stringify(custom));
  assert.equal(Object.getPrototypeOf(before.custom), Object.prototype);
  live.update({ entities: { users: [body] } });
  await settled();
  assert.equal(subscription.calls.length, 1);
  live.update({
    entities: {
      users: [
        {
          ...body,
          custom: JSON.parse('{"__proto__":"A","constructor":"b","hasOwnProperty":"c","toString":"d"}'),
        },
      ],
    },
  });
  live.update({ entities: { users: [{ ...body, name: "constructor", custom: {} }] } });
  await settled();
  assert.deepEqual(subscription.state.latestSnapshot.custom, {});
  assert.equal(subscription.calls.length, 2);
});

test("a message without a sender does not show a user whose id is undefined or null", async () => {
  const { live, open } = fixture();
  const subscription = open(C1);
  const system = message("c1", 1, { type: "SystemMessage", sender: undefined });
  live.reset({ id: 1, ...list([system], false, [user("undefined"), user("null")]) });
  await settled();
  assert.equal(subscription.state.latestSnapshot[0].sender, null);
});

test("results of get() become snapshots, and null stays null", async () => {
  const { session, asked } = fixture();
  const talk = session.conversation("c1");
  const reads = {
    "message.get": () => talk.message("m00002").get(),
    "conversation.get": () => talk.get(),
    "participant.get": () => talk.participant("bob").get(),
    "reaction.list": () => talk.message("m00002").reactions("👍").getFirstReactions(),
    "user.get": () => session.user("ada").get(),
  };
  /** Reads a resource, and returns what it resolves with if the server answers with this result. */
  const got = async (op, result) => {
    const read = reads[op]();
    await settled();
    const request = asked.pop();
    assert.equal(request.op, op);
    request.resolve(result);
    return await read;
  };
  const first = message("c1", 1, { sender: "bob" });
  const last = message("c1", 2, { referencedMessage: first.id });
  const users = [user("ada"), user("bob")];
  const sent = await got("message.get", { value: last.id, entities: { messages: [first, last], users } });
  deeplyFrozen(sent);
  assert.ok(sent instanceof classes.MessageSnapshot);
  assert.equal(sent.id, last.id);
  assert.equal(sent.referencedMessage.sender.name, "BOB");
  const one = await got("conversation.get", {
    value: "c1",
    entities: {
      conversations: [conversation("c1", { lastMessage: last.id, lastMessageAt: 2 })],
      messages: [last, first],
      users,
    },
  });
  deeplyFrozen(one);
  assert.ok(one instanceof classes.ConversationSnapshot);
  assert.equal(one.lastMessage.referencedMessage.id, first.id);
  assert.equal(one.lastMessageAt, 2);
  const part = await got("participant.get", {
    value: { user: "bob", access: "Read", notify: false, joinedAt: 3 },
    entities: { users },
  });
  deeplyFrozen(part);
  assert.deepEqual([part.user.name, part.access, part.notify, part.joinedAt], ["BOB", "Read", false, 3]);
  const reactions = await got("reaction.list", {
    value: [
      { user: "bob", createdAt: 1 },
      { user: "ada", createdAt: 2 },
    ],
    entities: { users },
  });
  deeplyFrozen(reactions);
  assert.deepEqual(
    reactions.map(({ user: { id }, createdAt }) => [id, createdAt]),
    [
      ["bob", 1],
      ["ada", 2],
    ],
  );
  const ada = await got("user.get", { value: "ada", entities: { users: users.slice(0, 1) } });
  deeplyFrozen(ada);
  assert.deepEqual({ ...ada }, user("ada"));
  for (const op of Object.keys(reads)) {
    assert.equal(await got(op, {}), null, op);
    assert.equal(await got(op, { value: null }), null, op);
  }
});
