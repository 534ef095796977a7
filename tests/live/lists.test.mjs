// Lists: their order, the range that each handle shows, and loading more of them.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  clock,
  conversation,
  fixture,
  ids,
  list,
  message,
  messages,
  numbers,
  range,
  settled,
  thirty,
  user,
} from "./fixture.mjs";

const C1 = { kind: "messages", id: "c1" };

test("messages are newest first, and equal times are in descending order of ids", async () => {
  const { live, open } = fixture();
  const subscription = open(C1);
  const at = (id, createdAt) => ({ ...message("c1", 0), id, createdAt });
  live.reset({ id: 1, ...list([at("e", 5), at("a", 3)], false) });
  const put = [at("c", 4), at("f", 5), at("b", 3), at("d", 4), at("z", 1), at("g", 9)];
  live.events({ id: 1, changes: put.map(({ id }) => ({ put: id })), entities: list(put).entities });
  await settled();
  assert.deepEqual(ids(subscription.state.latestSnapshot), ["g", "f", "e", "d", "c", "b", "a", "z"]);
  assert.equal(subscription.state.loadedAll, true);
});

test("reactions are oldest first, and equal times are in ascending order of users", async () => {
  const { live, open } = fixture();
  const subscription = open({ kind: "reactions", id: "c1", message: "m", emoji: "👍" });
  const users = ["a", "b", "c", "d", "e"].map((id) => user(id));
  live.reset({
    id: 1,
    value: {
      items: [
        { user: "b", createdAt: 1 },
        { user: "d", createdAt: 2 },
      ],
      more: false,
    },
    entities: { users },
  });
  const put = [
    { user: "c", createdAt: 2 },
    { user: "e", createdAt: 3 },
    { user: "a", createdAt: 1 },
  ];
  live.events({ id: 1, changes: put.map((one) => ({ put: one })), entities: { users } });
  await settled();
  assert.deepEqual(
    subscription.state.latestSnapshot.map((one) => one.user.id),
    ["a", "b", "c", "d", "e"],
  );
});

test("conversations are ordered by the later of last message and joining, each once", async () => {
  const { live, open } = fixture();
  const subscription = open({ kind: "conversations" });
  const body = (id, lastMessageAt, joinedAt = 1) => conversation(id, { lastMessageAt, joinedAt });
  live.reset({
    id: 1,
    value: { items: ["a", "b", "c"], more: false },
    entities: { conversations: [body("a", 9), body("b", 1, 8), body("c", 3)] },
  });
  live.events({ id: 1, changes: [{ put: "c" }], entities: { conversations: [body("c", 10)] } });
  live.events({
    id: 1,
    changes: [{ put: "d" }, { drop: "a" }],
    entities: { conversations: [body("d", 2, 9)] },
  });
  await settled();
  assert.deepEqual(ids(subscription.state.latestSnapshot), ["c", "d", "b"]);
  assert.equal(subscription.calls.length, 1, "frames of one turn cause one callback");
  live.events({ id: 1, changes: [{ put: "c" }], entities: { conversations: [body("c", 2)] } });
  await settled();
  assert.deepEqual(ids(subscription.state.latestSnapshot), ["d", "b", "c"]);
});

test("new messages extend the range of a handle, deleted ones shrink it, others are not shown", async () => {
  const { live, subscription } = await thirty();
  live.events({ id: 1, changes: [{ put: "m00101" }], entities: list([message("c1", 101)]).entities });
  live.events({ id: 1, changes: [{ drop: "m00080" }, { drop: "m00070" }] });
  const behind = { ...message("c1", 70), plaintext: "edited" };
  live.events({ id: 1, changes: [{ put: behind.id }], entities: list([behind]).entities });
  await settled();
  assert.deepEqual(
    numbers(subscription.state.latestSnapshot),
    range(101, 71).filter((one) => one !== 80),
  );
  live.events({ id: 1, changes: [{ drop: "m00071" }] });
  live.events({ id: 1, changes: [{ put: "m00071" }], entities: list([message("c1", 71)]).entities });
  await settled();
  assert.equal(
    numbers(subscription.state.latestSnapshot).at(-1),
    71,
    "the lower bound is a cursor, not an item",
  );
});

test("items that only an unsubscribed handle had loaded are released", async (t) => {
  const { pass } = clock(t);
  const { live, pages, open, resubscribed, subscription } = await thirty();
  const reconnect = async () => {
    await live.reconnect(pass);
    return resubscribed.get(1).window;
  };
  const other = open(C1);
  const wait = subscription.loadMore();
  await settled();
  pages[0].resolve(list(messages("c1", 70, 41), true));
  await wait;
  assert.deepEqual(await reconnect(), { limit: 60 });
  live.reset({ id: 1, ...list(messages("c1", 100, 41), true) });
  await settled();
  subscription.unsubscribe();
  await settled();
  assert.equal(other.state.latestSnapshot.length, 30);
  other.loadMore();
  await settled();
  assert.deepEqual(pages[1].after, { at: 1_071, id: "m00071" });
  assert.deepEqual(await reconnect(), { limit: 30 });
});

test("a reset replaces the list, and handles keep their ranges as far as it reaches", async () => {
  const { live, pages, open, subscription } = await thirty();
  const wide = open(C1);
  await settled();
  const wait = wide.loadMore(100);
  await settled();
  pages[0].resolve(list(messages("c1", 70, 1), false));
  await wait;
  assert.equal(wide.state.loadedAll, true);
  // The connection was lost, ten messages were sent, and the server sends fifty.
  live.reset({ id: 1, ...list(messages("c1", 110, 61), true) });
  await settled();
  assert.deepEqual(numbers(subscription.state.latestSnapshot), range(110, 71));
  assert.deepEqual(numbers(wide.state.latestSnapshot), range(110, 61));
  assert.equal(wide.state.loadedAll, false);
  // The server sends fewer than a handle shows.
  live.reset({ id: 1, ...list(messages("c1", 110, 81), true) });
  await settled();
  assert.deepEqual(numbers(subscription.state.latestSnapshot), range(110, 81));
  assert.deepEqual(numbers(wide.state.latestSnapshot), range(110, 81));
  live.reset({ id: 1, ...list(messages("c1", 110, 81), false) });
  await settled();
  assert.equal(subscription.state.loadedAll, true);
});

test("an empty list becomes null when its conversation or the access to it is gone", async () => {
  const { live, open } = fixture();
  const subscription = open(C1);
  live.reset({ id: 1, ...list([], false) });
  await settled();
  live.reset({ id: 1, value: null });
  await settled();
  assert.deepEqual(subscription.calls, [
    [[], true],
    [null, true],
  ]);
});

test("a user who is not a participant gets null, and the list after joining", async () => {
  const { live, open, pages } = fixture();
  const subscription = open(C1);
  live.reset({ id: 1 });
  await settled();
  assert.deepEqual(subscription.calls, [[null, true]]);
  await subscription.loadMore();
  live.reset({ id: 1, ...list(messages("c1", 30, 1), true) });
  await settled();
  assert.equal(subscription.state.latestSnapshot.length, 30);
  assert.equal(subscription.state.loadedAll, false);
  live.reset({ id: 1, value: null });
  await settled();
  assert.equal(subscription.state.latestSnapshot, null);
  assert.equal(pages.length, 0);
});

test("an empty list is an empty array, not null", async () => {
  const { live, open } = fixture();
  const subscription = open({ kind: "conversations" });
  live.reset({ id: 1, value: { items: [], more: false } });
  await settled();
  assert.deepEqual(subscription.calls, [[[], true]]);
  live.reset({ id: 1, value: { items: [], more: false } });
  await settled();
  assert.equal(subscription.calls.length, 1);
});

test("after a reconnect the window is the number of loaded items, up to its limit", async (t) => {
  const { pass } = clock(t);
  const { live, pages, open, resubscribed } = fixture();
  const subscription = open(C1);
  const reset = (oldest) => live.reset({ id: 1, ...list(messages("c1", 2000, oldest), true) });
  const reconnect = async () => {
    await live.reconnect(pass);
    return resubscribed.get(1).window;
  };
  reset(1971);
  await settled();
  assert.equal(await reconnect(), undefined, "the server's first window");
  reset(1971);
  await settled();
  for (let oldest = 1871; oldest > 900; oldest -= 100) {
    const wait = subscription.loadMore(100);
    await settled();
    pages.at(-1).resolve(list(messages("c1", oldest + 99, oldest), true));
    await wait;
    if (oldest === 1871) {
      assert.deepEqual(await reconnect(), { limit: 130 });
      reset(1871);
      await settled();
    }
  }
  assert.equal(subscription.state.latestSnapshot.length, 1030);
  assert.deepEqual(await reconnect(), { limit: 1000 });
  reset(1001);
  await settled();
  assert.equal(subscription.state.latestSnapshot.length, 1000);
  assert.deepEqual([pages.at(-1).after.id, pages.at(-1).limit], ["m01001", 30]);
  pages.at(-1).resolve(list(messages("c1", 1000, 971), true));
  await settled();
  assert.equal(subscription.state.latestSnapshot.length, 1030);
  live.events({ id: 1, changes: subscription.state.latestSnapshot.map(({ id }) => ({ drop: id })) });
  await settled();
  assert.deepEqual(await reconnect(), { limit: 30 });
});
