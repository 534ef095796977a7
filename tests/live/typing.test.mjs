// Typing: a user whose typing is not confirmed for 10 s, and 3 s for delays, is removed, with one timer and a
// simulated clock.
import assert from "node:assert/strict";
import { test } from "node:test";

import { settled, user, fixture } from "./fixture.mjs";

/** Returns a clock that advances only when `pass` is called. */
const clock = (t) => {
  let now = 1_000;
  let next = 0;
  const timers = new Map();
  t.mock.method(performance, "now", () => now);
  t.mock.method(globalThis, "setTimeout", (call, wait) => {
    timers.set(++next, { call, at: now + wait });
    return next;
  });
  t.mock.method(globalThis, "clearTimeout", (timer) => void timers.delete(timer));
  const pass = async (milliseconds) => {
    const until = now + milliseconds;
    for (;;) {
      const due = [...timers]
        .filter(([, { at }]) => at <= until)
        .sort(([, one], [, other]) => one.at - other.at)[0];
      if (!due) break;
      timers.delete(due[0]);
      now = due[1].at;
      due[1].call();
    }
    now = until;
    await settled();
  };
  return { pass, timers };
};

const typing = (id) => ({ kind: "typing", id });
const users = (...ids) => ({ value: { users: ids }, entities: { users: ids.map((id) => user(id)) } });
/** @param {{ state: { latestSnapshot?: any } }} handle */
const names = ({ state: { latestSnapshot } }) => latestSnapshot.users?.map(({ id }) => id) ?? latestSnapshot;

test("a user whose typing is not confirmed is removed after 13 s", async (t) => {
  const { pass, timers } = clock(t);
  const { live, open } = fixture();
  const subscription = open(typing("c1"));
  live.reset({ id: 1, ...users("bob") });
  await pass(0);
  assert.deepEqual(names(subscription), ["bob"]);
  const { latestSnapshot } = subscription.state;
  await pass(12_000);
  live.reset({ id: 1, ...users("bob") });
  await pass(12_999);
  assert.equal(subscription.state.latestSnapshot, latestSnapshot);
  await pass(1);
  assert.deepEqual(names(subscription), []);
  assert.equal(timers.size, 0);
  assert.equal(subscription.calls.length, 2);
});

test("a state of many typing users is removed after 13 s", async (t) => {
  const { pass } = clock(t);
  const { live, open } = fixture();
  const subscription = open(typing("c1"));
  live.reset({ id: 1, value: { many: true } });
  await pass(12_999);
  assert.deepEqual(names(subscription), { many: true });
  await pass(1);
  assert.deepEqual(names(subscription), []);
});

test("no timer is set after the server reports that all users have stopped", async (t) => {
  const { pass, timers } = clock(t);
  const { live, open } = fixture();
  const subscription = open(typing("c1"));
  live.reset({ id: 1, ...users("bob") });
  assert.equal(timers.size, 1);
  live.reset({ id: 1, ...users() });
  assert.equal(timers.size, 0);
  await pass(20_000);
  assert.deepEqual(
    subscription.calls.map(([snapshot]) => snapshot.users.length),
    [0],
  );
});

test("one timer serves all conversations, and is cleared with the last that needs it", async (t) => {
  const { pass, timers } = clock(t);
  const { live, open } = fixture();
  const all = ["c1", "c2", "c3"].map((id) => open(typing(id)));
  live.reset({ id: 1, ...users("bob") });
  await pass(2_000);
  live.reset({ id: 2, ...users("bob") });
  await pass(2_000);
  live.reset({ id: 3, ...users("bob", "eve") });
  assert.equal(timers.size, 1);
  await pass(9_000);
  assert.deepEqual(all.map(names), [[], ["bob"], ["bob", "eve"]]);
  assert.equal(timers.size, 1);
  all[1].unsubscribe();
  assert.equal(timers.size, 1);
  await pass(3_000);
  assert.deepEqual(names(all[2]), ["bob", "eve"]);
  live.ended(3, new Error("x"));
  assert.equal(timers.size, 0);
  all[0].unsubscribe();
  assert.equal(timers.size, 0);
});

test("conversations that are due at the same time are removed at once, and no timer is left", async (t) => {
  const { pass, timers } = clock(t);
  const { live, open } = fixture();
  const all = ["c1", "c2", "c3"].map((id) => open(typing(id)));
  live.reset({ id: 1, ...users("bob") });
  live.reset({ id: 2, ...users("bob") });
  await pass(1_000);
  live.reset({ id: 3, ...users("bob") });
  await pass(12_000);
  assert.deepEqual(all.map(names), [[], [], ["bob"]]);
  assert.equal(timers.size, 1);
  await pass(1_000);
  assert.deepEqual(all.map(names), [[], [], []]);
  assert.equal(timers.size, 0);
});
