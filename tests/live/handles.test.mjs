// Handles: their states and promises, when callbacks run, and which memory they release.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Live, conversation, fixture, list, message, messages, settled, user } from "./fixture.mjs";

const ADA = { kind: "user", id: "ada" };
const C1 = { kind: "messages", id: "c1" };
const ada = (more) => ({ value: "ada", entities: { users: [user("ada", more)] } });

test("a subscription is pending, then active, then unsubscribed, and each state is frozen", async () => {
  const { live, open, requests } = fixture();
  const subscription = open(ADA);
  assert.deepEqual(subscription.state, { type: "pending" });
  live.reset({ id: 1, ...ada() });
  assert.equal(subscription.state.type, "pending", "the state does not change within the turn");
  const active = await subscription.connected;
  assert.equal(active, subscription.state);
  assert.deepEqual(Object.keys(active), ["type", "latestSnapshot"]);
  assert.equal(active.latestSnapshot.id, "ada");
  subscription.unsubscribe();
  assert.deepEqual(subscription.state, { type: "unsubscribed" });
  assert.equal(await subscription.terminated, subscription.state);
  assert.equal(await subscription.connected, active);
  for (const state of [active, subscription.state]) assert.ok(Object.isFrozen(state));
  subscription.unsubscribe();
  assert.deepEqual(requests, [
    ["subscribe", ADA],
    ["unsubscribe", 1],
  ]);
  assert.deepEqual(
    subscription.calls,
    [[active.latestSnapshot]],
    "the callback of a single resource has one argument",
  );
});

test("the state of a list contains whether all of it is loaded", async () => {
  const { live, open } = fixture();
  const subscription = open(C1);
  live.reset({ id: 1, ...list([message("c1", 1)], false) });
  assert.deepEqual(Object.keys(await subscription.connected), ["type", "latestSnapshot", "loadedAll"]);
  assert.equal(subscription.state.loadedAll, true);
});

test("ending before the first snapshot rejects connected and resolves terminated and loadMore", async (t) => {
  const unhandled = t.mock.fn();
  process.on("unhandledRejection", unhandled);
  t.after(() => process.off("unhandledRejection", unhandled));
  const { open, live } = fixture();
  const problem = new Error("no");
  const [unsubscribed, failed, ignored, ended] = [
    open(C1),
    open(ADA),
    open({ kind: "user", id: "bob" }),
    open({ kind: "conversations" }),
  ];
  const more = [unsubscribed.loadMore(), ended.loadMore()];
  unsubscribed.unsubscribe();
  live.ended(2, problem);
  ignored.unsubscribe();
  live.end(problem);
  await settled();
  await settled();
  assert.equal(unhandled.mock.callCount(), 0);
  await assert.rejects(unsubscribed.connected, { name: "CauserieError", code: "unsubscribed" });
  await assert.rejects(failed.connected, problem);
  await assert.rejects(ended.connected, problem);
  assert.deepEqual(await unsubscribed.terminated, { type: "unsubscribed" });
  assert.deepEqual(await failed.terminated, { type: "error", error: problem });
  assert.equal(failed.state.error, problem);
  await Promise.all(more);
  await unsubscribed.loadMore();
});

test("loadMore resolves if its subscription ends while the page is loading", async () => {
  for (const end of [
    ({ subscription }) => subscription.unsubscribe(),
    ({ live }) => live.ended(1, new Error("x")),
    ({ live }) => live.end(new Error("x")),
  ]) {
    const made = fixture();
    const subscription = made.open(C1);
    made.live.reset({ id: 1, ...list(messages("c1", 40, 11), true) });
    await settled();
    const waiting = subscription.loadMore();
    await settled();
    assert.equal(made.pages.length, 1);
    end({ ...made, subscription });
    await waiting;
  }
});

test("an error from the server ends all handles of its subscription and no others", async () => {
  const { open, live, requests } = fixture();
  const [first, second, other] = [open(C1), open(C1), open(ADA)];
  live.reset({ id: 1, ...list(messages("c1", 40, 11), true) });
  live.reset({ id: 2, ...ada() });
  await settled();
  const waiting = first.loadMore();
  const problem = new Error("not found");
  live.ended(1, problem);
  await waiting;
  for (const { state, terminated } of [first, second]) {
    assert.deepEqual(state, { type: "error", error: problem });
    assert.equal(await terminated, state);
  }
  first.unsubscribe();
  assert.equal(first.state.type, "error", "an ended subscription stays ended");
  live.reset({ id: 1, ...list([], false) });
  live.events({ id: 1, changes: [{ put: "m00041" }], entities: list([message("c1", 41)]).entities });
  await settled();
  assert.equal(first.calls.length, 1);
  assert.equal(other.state.type, "active");
  assert.deepEqual(
    requests.filter(([method]) => method === "unsubscribe"),
    [],
  );
  assert.equal(open(C1).id, 3, "a new handle makes a new subscription");
});

test("if the session cannot subscribe, the handle is in the error state from the start", async () => {
  const problem = new Error("the session has ended");
  const live = new Live({
    subscribe() {
      throw problem;
    },
  });
  const calls = [];
  for (const topic of [C1, C1, ADA]) {
    const subscription = live.open(topic, (...given) => calls.push(given));
    assert.deepEqual(subscription.state, { type: "error", error: problem });
    await assert.rejects(subscription.connected, problem);
    assert.equal((await subscription.terminated).error, problem);
    subscription.unsubscribe();
    await subscription.loadMore?.();
  }
  assert.deepEqual(calls, []);
});

test("handles of one topic share one subscription, which ends with the last of them", async () => {
  const { open, live, requests } = fixture();
  const filtered = { kind: "conversations", filter: { isUnread: true } };
  const all = [open(filtered), open({ kind: "conversations" }), open({ ...filtered })];
  assert.equal(requests.length, 2);
  live.reset({
    id: 1,
    value: { items: ["c1"], more: false },
    entities: { conversations: [conversation("c1")] },
  });
  await settled();
  assert.deepEqual(
    all.map(({ state }) => state.type),
    ["active", "pending", "active"],
  );
  assert.notEqual(all[0].calls, all[2].calls);
  all[0].unsubscribe();
  assert.equal(requests.length, 2);
  all[2].unsubscribe();
  assert.deepEqual(requests.at(-1), ["unsubscribe", 1]);
});

test("a second handle on an active topic gets its own first snapshot in a later task", async () => {
  const { open, live } = fixture();
  const first = open(ADA);
  live.reset({ id: 1, ...ada() });
  await settled();
  const second = open(ADA);
  assert.equal(second.state.type, "pending");
  assert.equal(second.calls.length, 0);
  await settled();
  assert.equal(second.calls.length, 1);
  assert.equal(second.calls[0][0], first.calls[0][0]);
  assert.equal(first.calls.length, 1);
});

test("frames that arrive in one turn cause one callback, which runs after the turn", async () => {
  const { open, live } = fixture();
  const subscription = open(C1);
  live.reset({ id: 1, ...list(messages("c1", 3, 1), false) });
  for (let number = 4; number < 9; number++) {
    live.events({
      id: 1,
      changes: [{ put: message("c1", number).id }],
      entities: list([message("c1", number)]).entities,
    });
  }
  assert.equal(subscription.calls.length, 0);
  await settled();
  assert.equal(subscription.calls.length, 1);
  assert.equal(subscription.calls[0][0].length, 8);
  live.events({ id: 1, changes: [{ put: "m00009" }], entities: list([message("c1", 9)]).entities });
  live.events({ id: 1, changes: [{ drop: "m00009" }] });
  await settled();
  assert.equal(subscription.calls.length, 1, "a change that is undone within the turn causes no callback");
});

test("an exception in a callback is reported and affects no other callback", async (t) => {
  const reported = t.mock.fn();
  globalThis.reportError = reported;
  t.after(() => delete globalThis.reportError);
  const { open, live } = fixture();
  const problem = new Error("mine");
  const bad = open(ADA, () => {
    throw problem;
  });
  const good = open(ADA);
  live.reset({ id: 1, ...ada() });
  await settled();
  live.update({ entities: { users: [user("ada", { name: "Countess" })] } });
  await settled();
  assert.deepEqual(
    reported.mock.calls.map(({ arguments: [error] }) => error),
    [problem, problem],
  );
  assert.deepEqual([bad.calls.length, good.calls.length], [2, 2]);
  assert.equal(bad.state.type, "active");
});

test("the callback is optional", async () => {
  const { live } = fixture();
  const subscription = live.open(ADA);
  live.reset({ id: 1, ...ada() });
  assert.equal((await subscription.connected).latestSnapshot.id, "ada");
});

test("a handle that is unsubscribed in a callback gets no further call, even a due one", async () => {
  const { open, live } = fixture();
  const late = [];
  const first = open(ADA, () => late.forEach(({ unsubscribe }) => unsubscribe()));
  late.push(open(ADA), open({ kind: "user", id: "bob" }));
  live.reset({ id: 1, ...ada() });
  live.reset({ id: 2, value: "bob", entities: { users: [user("bob")] } });
  await settled();
  assert.equal(first.calls.length, 1);
  assert.deepEqual(
    late.map(({ calls }) => calls.length),
    [0, 0],
  );
  const own = open(ADA, (handle) => handle.unsubscribe());
  await settled();
  live.update({ entities: { users: [user("ada", { name: "x" })] } });
  await settled();
  assert.equal(own.calls.length, 1);
  assert.equal(first.calls.length, 2);
});

test("callbacks can open, load more, unsubscribe and receive frames", async () => {
  const { open, live, pages } = fixture();
  const opened = [];
  let turns = 0;
  const busy = open(C1, (handle) => {
    if (++turns > 3) return;
    opened.push(open(C1), open(ADA), open({ kind: "conversations" }));
    opened.at(-1).unsubscribe();
    opened.at(-2).loadMore?.();
    handle.loadMore(5).catch(() => {});
    live.events({
      id: 1,
      changes: [{ put: message("c1", 100 + turns).id }],
      entities: list([message("c1", 100 + turns)]).entities,
    });
  });
  live.reset({ id: 1, ...list(messages("c1", 50, 21), true) });
  await settled();
  pages[0].resolve(list(messages("c1", 20, 16), false));
  await settled();
  assert.equal(busy.state.latestSnapshot.length, 38);
  assert.equal(opened[0].state.latestSnapshot.length, 32, "thirty at first, and two that arrived later");
  busy.unsubscribe();
  for (const { unsubscribe } of opened) unsubscribe();
});

test("using ends a subscription, if the language has it", { skip: !Symbol.dispose }, () => {
  const { open, requests } = fixture();
  const subscription = open(ADA);
  subscription[Symbol.dispose]();
  subscription[Symbol.dispose]();
  assert.deepEqual(requests.slice(1), [["unsubscribe", 1]]);
  assert.equal(subscription.state.type, "unsubscribed");
});

test("methods work without this", async () => {
  const { open, live } = fixture();
  const { unsubscribe, loadMore, connected } = open(C1);
  live.reset({ id: 1, ...list([], false) });
  await connected;
  await loadMore();
  unsubscribe();
});

test("frames of unknown subscriptions and bodies of unknown kinds are ignored", async () => {
  const { open, live } = fixture();
  const subscription = open(ADA);
  live.reset({ id: 7, ...ada() });
  live.events({ id: 7, changes: [{ put: "x" }] });
  live.ended(7, new Error("x"));
  live.reset({ id: 1, value: "ada", entities: { users: [user("ada")], channels: [{ id: "c" }] } });
  live.update({ entities: { channels: [{ id: "c", n: 1 }] } });
  live.update({});
  await settled();
  assert.equal(subscription.calls.length, 1);
});
