// Typing: a user whose typing is not confirmed for 10 s, and 3 s for delays, is removed, with one timer and a
// simulated clock.
import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, fixture, problem, user } from "./fixture.mjs";

/** A timer is set for one millisecond more than its time: the second of these is after both. */
const ROUNDING = 2;
const typing = (id) => ({ kind: "typing", id });
const users = (...ids) => ({ value: { users: ids }, entities: { users: ids.map((id) => user(id)) } });
/** @param {{ state: { latestSnapshot?: any } }} handle */
const names = ({ state: { latestSnapshot } }) => latestSnapshot.users?.map(({ id }) => id) ?? latestSnapshot;

test("a user whose typing is not confirmed is removed after 13 s", async (t) => {
  const { pass } = clock(t);
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
  await pass(ROUNDING);
  assert.deepEqual(names(subscription), []);
  await pass(12_000);
  assert.equal(subscription.calls.length, 2);
});

test("a state of many typing users is removed after 13 s", async (t) => {
  const { pass } = clock(t);
  const { live, open } = fixture();
  const subscription = open(typing("c1"));
  live.reset({ id: 1, value: { many: true } });
  await pass(12_999);
  assert.deepEqual(names(subscription), { many: true });
  await pass(ROUNDING);
  assert.deepEqual(names(subscription), []);
});

test("typing expires no more after the server reports that all users have stopped", async (t) => {
  const { pass, fired } = clock(t);
  const { live, open } = fixture();
  const subscription = open(typing("c1"));
  live.reset({ id: 1, ...users("bob") });
  live.reset({ id: 1, ...users() });
  await pass(30_000);
  assert.deepEqual(
    subscription.calls.map(([snapshot]) => snapshot.users.length),
    [0],
  );
  assert.ok(fired() <= 1, "the timer that was set for the typing user is not set again");
});

test("one timer serves all conversations and the connection, and is cleared with the last", async (t) => {
  const { pass, timers } = clock(t);
  const { live, open } = fixture();
  const all = ["c1", "c2", "c3"].map((id) => open(typing(id)));
  live.reset({ id: 1, ...users("bob") });
  await pass(2_000);
  live.reset({ id: 2, ...users("bob") });
  await pass(2_000);
  live.reset({ id: 3, ...users("bob", "eve") });
  await pass(0);
  assert.equal(timers.size, 1);
  await pass(9_000 + ROUNDING);
  assert.deepEqual(all.map(names), [[], ["bob"], ["bob", "eve"]]);
  assert.equal(timers.size, 1);
  all[1].unsubscribe();
  assert.equal(timers.size, 1);
  await pass(3_000);
  assert.deepEqual(names(all[2]), ["bob", "eve"]);
  live.ended(3, problem());
  assert.equal(all[2].state.type, "active", "the state changes in a later task");
  await pass(0);
  assert.equal(all[2].state.type, "error");
  assert.deepEqual(names(all[0]), []);
  all[0].unsubscribe();
  // The connection closes if nothing uses it for 30 s.
  await pass(30_000 + ROUNDING);
  assert.equal(timers.size, 0);
});

test("conversations that are due at the same time are removed at once", async (t) => {
  const { pass, timers } = clock(t);
  const { live, open } = fixture();
  const all = ["c1", "c2", "c3"].map((id) => open(typing(id)));
  live.reset({ id: 1, ...users("bob") });
  live.reset({ id: 2, ...users("bob") });
  await pass(1_000);
  live.reset({ id: 3, ...users("bob") });
  await pass(12_000 + ROUNDING);
  assert.deepEqual(all.map(names), [[], [], ["bob"]]);
  assert.equal(timers.size, 1);
  await pass(1_000);
  assert.deepEqual(all.map(names), [[], [], []]);
  assert.equal(timers.size, 1, "the connection's");
});
