// A model test: random histories from a seed, for a model of the server, a naive client that rebuilds every
// snapshot, and the real client. Pages arrive late, and connections are lost. After every turn:
// - each handle shows the same as a rebuild from the server's data, in its range of the list, deeply equal;
// - a callback ran if and only if the state of its handle changed;
// - each part of a snapshot that is equal to the previous one is the same object.
// After a reconnect the client requests as much of each list as it had.
// Run one seed with SEED=n.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { clock, copy, fixture, generator, settled } from "./fixture.mjs";
import { CONVERSATIONS, FIRST_WINDOW, Server, USERS, orderOf } from "./model.mjs";

/** Returns a copy as plain data, without classes. */
const plain = (value) => copy(value);

/** Asserts that every part that is equal to the previous one is the same object. */
const sameParts = (before, after, path) => {
  if (
    typeof before !== "object" ||
    typeof after !== "object" ||
    before === null ||
    after === null ||
    before === after
  )
    return;
  assert.ok(!isDeepStrictEqual(before, after), `${path} is equal and a different object`);
  if (Array.isArray(before) && before[0]?.id + before[0]?.user?.id) {
    const key = (one) => one?.id ?? one?.user?.id;
    const known = new Map(before.map((one) => [key(one), one]));
    for (const one of after)
      if (known.has(key(one))) sameParts(known.get(key(one)), one, `${path}[${key(one)}]`);
    return;
  }
  // A different message is referenced.
  if (before.id !== after.id) return;
  for (const name of Object.keys(after)) sameParts(before[name], after[name], `${path}.${name}`);
};

const TOPICS = [
  { kind: "conversations" },
  ...CONVERSATIONS.flatMap((id) => [
    { kind: "messages", id },
    { kind: "conversation", id },
  ]),
  { kind: "participants", id: "c1" },
  { kind: "reactions", id: "c1", message: "m", emoji: "👍" },
  ...USERS.map((id) => ({ kind: "user", id })),
];

const run = async (seed, turns, pass) => {
  const random = generator(seed);
  const made = fixture();
  const server = new Server(random, made.live);
  const { handles } = server;
  let compared = 0;
  let reconnects = 0;
  const check = (turn) => {
    for (const handle of handles) {
      const context = `seed ${seed}, turn ${turn}, ${JSON.stringify(handle.topic)}`;
      const { state, calls, shown } = handle;
      const received = calls.splice(0);
      if (state.type !== "active") {
        assert.equal(received.length, 0, context);
        continue;
      }
      let expected;
      if (FIRST_WINDOW[handle.topic.kind]) {
        const order = orderOf(handle.topic);
        const entries = server.entries(handle.topic);
        // The range grows by the requested number of entries.
        const within = entries.filter((entry) => !handle.lowerBound || order(entry, handle.lowerBound) <= 0);
        if (handle.requested) {
          const behind = entries.slice(within.length, within.length + handle.requested);
          within.push(...behind);
          handle.requested = 0;
        }
        handle.lowerBound =
          within.length === entries.length ? undefined : (within.at(-1) ?? handle.lowerBound);
        expected = within.map(({ item }) => server.show(handle.topic, item));
        if (state.loadedAll) assert.equal(state.latestSnapshot.length, entries.length, context);
      } else expected = server.show(handle.topic, handle.topic.id);
      assert.deepStrictEqual(plain(state.latestSnapshot), plain(expected), context);
      sameParts(shown?.latestSnapshot, state.latestSnapshot, context);
      if (shown === state) assert.equal(received.length, 0, `${context}: a call without a change`);
      else assert.equal(received.length, 1, `${context}: ${received.length} calls for a change`);
      if (shown && shown !== state) {
        assert.ok(
          shown.latestSnapshot !== state.latestSnapshot || shown.loadedAll !== state.loadedAll,
          `${context}: a state without a change`,
        );
      }
      compared += received.length;
      handle.shown = state;
    }
  };
  for (let turn = 0; turn < turns; turn++) {
    const step = random.below(10);
    if (step < 1 && handles.length < 20) {
      const topic = random.one(TOPICS);
      const known = made.lastId();
      const handle = Object.assign(made.open(topic), {
        topic,
        requested: FIRST_WINDOW[topic.kind] ?? 0,
        lowerBound: { at: topic.kind === "reactions" ? -Infinity : Infinity, id: "" },
      });
      handles.push(handle);
      await settled();
      if (made.lastId() > known) server.topics.set(made.lastId(), { ...topic, key: topic });
      [handle.number] = [...server.topics].find(([, { key }]) => key === topic);
    } else if (step < 2 && handles.length > 8) {
      const [handle] = handles.splice(random.below(handles.length), 1);
      handle.unsubscribe();
      await settled();
      const [, gone] = made.requests.find(([method]) => method === "unsubscribe") ?? [];
      server.topics.delete(gone);
    } else {
      // Several changes in one turn.
      for (let count = 1 + random.below(3); count > 0; count--) server.changeSomething();
    }
    // First resets arrive after a random delay.
    for (const [number, topic] of server.topics) if (!topic.sent && random.likely(0.5)) server.reset(number);
    made.requests.length = 0;
    await settled();
    // Loads more: the page is read now, and arrives before or after other changes.
    const lists = handles.filter(({ loadMore, state }) => loadMore && state.type === "active");
    if (lists.length && random.likely(0.2)) {
      check(turn);
      const handle = random.one(lists);
      const count = 1 + random.below(10);
      const before = handle.state.latestSnapshot.length;
      const loaded = handle.loadMore(count);
      await settled();
      for (let rounds = 0; made.pages.length && rounds < 20; rounds++) {
        const { topic, after, limit, resolve } = made.pages.shift();
        const page = copy(server.page(topic, after, limit));
        if (random.likely(0.5)) server.changeSomething();
        resolve(page);
        await settled();
      }
      await loaded;
      // The model does not cover which entries arrived in the meantime, before or behind the page: the range
      // is taken from the snapshot, which must have at least the requested entries, and is checked from here
      // on.
      const shown = handle.state.latestSnapshot.length;
      const total = server.entries(handle.topic).length;
      assert.ok(
        shown >= Math.min(before + count - 20, total),
        `seed ${seed}, turn ${turn}: too few entries were loaded`,
      );
      for (const other of handles) {
        other.calls.length = 0;
        if (other.state.type !== "active") continue;
        other.shown = other.state;
        if (other !== handle && !other.requested) continue;
        other.requested = 0;
        const entries = FIRST_WINDOW[other.topic.kind] ? server.entries(other.topic) : [];
        const { length } = other.state.latestSnapshot ?? [];
        other.lowerBound = length === entries.length ? undefined : entries[length - 1];
      }
      check(turn);
      continue;
    }
    made.pages
      .splice(0)
      .forEach(({ topic, after, limit, resolve }) => resolve(copy(server.page(topic, after, limit))));
    await settled();
    check(turn);
    if (server.topics.size && random.likely(0.05)) {
      await made.live.reconnect(pass);
      assert.deepEqual([...made.resubscribed.keys()].sort(), [...server.topics.keys()].sort());
      for (const [
        number,
        { window = { limit: FIRST_WINDOW[server.topics.get(number).kind] } },
      ] of made.resubscribed) {
        if (window.limit) assert.equal(window.limit, server.loaded(number), `seed ${seed}, turn ${turn}`);
        if (server.topics.get(number).sent) server.reset(number);
      }
      reconnects++;
      await settled();
      check(turn);
    }
  }
  return { compared, reconnects };
};

const seeds = process.env.SEED
  ? [Number(process.env.SEED)]
  : Array.from({ length: 12 }, (_, index) => index + 1);
test(`random histories show the server's data and keep equal parts (seeds ${seeds[0]} to ${seeds.at(-1)})`, async (t) => {
  const { pass } = clock(t);
  let compared = 0;
  let reconnects = 0;
  for (const seed of seeds) {
    const done = await run(seed, 120, pass);
    compared += done.compared;
    reconnects += done.reconnects;
  }
  assert.ok(compared > seeds.length * 50, `only ${compared} snapshots were compared`);
  assert.ok(reconnects > seeds.length || seeds.length === 1, `only ${reconnects} connections were lost`);
});
