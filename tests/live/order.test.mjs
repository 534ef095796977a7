// The order of ids: by Unicode code points, which is the server's order (by the bytes of UTF-8).
import assert from "node:assert/strict";
import { test } from "node:test";

import { conversation, fixture, generator, ids, settled, user } from "./fixture.mjs";

/** The server's comparison. */
const compareBytes = (one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Returns the ids of a list of equal times after a reset with `sent` and an event for each of `put`. */
const listed = async (topic, sent, put, item, entities) => {
  const { live, open } = fixture();
  const subscription = open(topic);
  live.reset({ id: 1, value: { items: sent.map(item), more: false }, entities: entities(sent) });
  for (const id of put) live.events({ id: 1, changes: [{ put: item(id) }], entities: entities([id]) });
  await settled();
  return subscription.state.latestSnapshot.map((one) => one.id ?? one.user.id);
};
const bodies = (all) => ({ conversations: all.map((id) => conversation(id)) });
const users = (all) => ({ users: all.map((id) => user(id)) });
const conversations = (sent, put) => listed({ kind: "conversations" }, sent, put, (id) => id, bodies);
const reactions = (sent, put) =>
  listed(
    { kind: "reactions", id: "c1", message: "m", emoji: "👍" },
    sent,
    put,
    (id) => ({ user: id, createdAt: 1 }),
    users,
  );

test("a page does not repeat a row that an event put, for ids with characters above U+FFFF", async () => {
  const { live, open, pages } = fixture();
  const subscription = open({ kind: "conversations" });
  const [last, next] = ["a😀", "a～"];
  assert.ok(compareBytes(next, last) < 0 && next > last, "the order by UTF-16 units is the other one");
  const first = Array.from({ length: 19 }, (_, index) => `b${String(40 - index)}`);
  const behind = [next, "a2", "a1"];
  live.reset({ id: 1, value: { items: [...first, last], more: true }, entities: bodies([...first, last]) });
  await settled();
  assert.equal(subscription.state.latestSnapshot.length, 20);
  live.events({ id: 1, changes: [{ put: next }], entities: bodies([next]) });
  await settled();
  assert.deepEqual(ids(subscription.state.latestSnapshot), [...first, last], "it is behind the window");
  const loaded = subscription.loadMore();
  await settled();
  assert.deepEqual(pages[0].after, { at: 1, id: last });
  pages[0].resolve({ value: { items: behind, more: false }, entities: bodies(behind) });
  await loaded;
  assert.deepEqual(ids(subscription.state.latestSnapshot), [...first, last, ...behind]);
});

test("lists of equal times have the server's order, for ids of any code points", async () => {
  const random = generator(1);
  // Around each border at which UTF-16 units or bytes of UTF-8 change their form, surrogates excepted.
  const points = [
    0x21, 0x61, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xff5e, 0xffff, 0x10000, 0x1f600, 0x10ffff,
  ];
  const id = () =>
    Array.from({ length: 1 + random.below(4) }, () => String.fromCodePoint(random.one(points))).join("");
  for (let round = 0; round < 300; round++) {
    const all = [...new Set(Array.from({ length: 10 }, id))];
    const put = all.splice(0, 5);
    // The highest id first; reactions have the lowest first.
    const byBytes = (list) => [...list].sort((one, other) => compareBytes(other, one));
    const expected = byBytes([...all, ...put]);
    assert.deepEqual(await conversations(byBytes(all), put), expected, `round ${round}`);
    assert.deepEqual(await reactions(byBytes(all).reverse(), put), expected.reverse(), `round ${round}`);
  }
});
