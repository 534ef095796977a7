// Handles: their states and promises, when callbacks run, and which memory they release.
import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, conversation, fixture, list, message, messages, problem, settled, user } from "./fixture.mjs";

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
  await settled();
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
  const [unsubscribed, failed, ignored, ended] = [
    open(C1),
    open(ADA),
    open({ kind: "user", id: "bob" }),
    open({ kind: "conversations" }),
  ];
  const more = [unsubscribed.loadMore(), ended.loadMore()];
  unsubscribed.unsubscribe();
  // The first topic is not requested: its handle was ended before the connection was open.
  live.ended(1, problem("not yours"));
  ignored.unsubscribe();
  live.end(problem("blocked"));
  await settled();
  assert.equal(unhandled.mock.callCount(), 0);
  await assert.rejects(unsubscribed.connected, { name: "CauserieError", code: "unsubscribed" });
  const notYours = { name: "CauserieError", code: "forbidden", message: "not yours" };
  const blocked = { ...notYours, message: "blocked" };
  await assert.rejects(failed.connected, notYours);
  await assert.rejects(ended.connected, blocked);
  assert.deepEqual(await unsubscribed.terminated, { type: "unsubscribed" });
  assert.equal(await failed.terminated, failed.state);
  assert.deepEqual(Object.keys(failed.state), ["type", "error"]);
  assert.equal(failed.state.type, "error");
  await assert.rejects(Promise.reject(failed.state.error), notYours);
  assert.ok(Object.isFrozen(failed.state));
  assert.equal((await ended.terminated).error.message, "blocked");
  await Promise.all(more);
  await unsubscribed.loadMore();
});

test("loadMore resolves if its subscription ends while the page is loading", async () => {
  for (const end of [
    ({ subscription }) => subscription.unsubscribe(),
    ({ live }) => live.ended(1, problem()),
    ({ live }) => live.end(problem()),
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
  live.ended(1, problem("not found"));
  await waiting;
  for (const { state, terminated } of [first, second]) {
    assert.deepEqual(
      [state.type, state.error.code, state.error.message],
      ["error", "forbidden", "not found"],
    );
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
  open(C1);
  await settled();
  assert.deepEqual(requests[2], ["subscribe", C1], "a new handle makes a new subscription");
});

test("if the session cannot subscribe, the handle is in the error state from the start", async () => {
  const { live, open, requests } = fixture();
  open(C1);
  live.end(problem());
  await settled();
  requests.length = 0;
  for (const topic of [C1, C1, ADA]) {
    const subscription = open(topic);
    assert.equal(subscription.state.type, "error");
    const { error } = subscription.state;
    assert.equal(error.code, "session_ended");
    await assert.rejects(subscription.connected, error);
    assert.equal((await subscription.terminated).error, error);
    subscription.unsubscribe();
    await subscription.loadMore?.();
    assert.equal(subscription.state.error, error);
    assert.deepEqual(subscription.calls, []);
  }
  await settled();
  assert.deepEqual(requests, []);
});

test("handles of one topic share one subscription, which ends with the last of them", async () => {
  const { open, live, requests } = fixture();
  const filtered = { kind: "conversations", filter: { isUnread: true } };
  const all = [open(filtered), open({ kind: "conversations" }), open({ ...filtered })];
  await settled();
  assert.deepEqual(requests, [
    ["subscribe", filtered],
    ["subscribe", { kind: "conversations" }],
  ]);
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
  await settled();
  assert.equal(requests.length, 2);
  all[2].unsubscribe();
  await settled();
  assert.deepEqual(requests.slice(2), [["unsubscribe", 1]]);
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
  const thrown = new Error("mine");
  const bad = open(ADA, () => {
    throw thrown;
  });
  const good = open(ADA);
  live.reset({ id: 1, ...ada() });
  await settled();
  live.update({ entities: { users: [user("ada", { name: "Countess" })] } });
  await settled();
  assert.deepEqual(
    reported.mock.calls.map(({ arguments: [error] }) => error),
    [thrown, thrown],
  );
  assert.deepEqual([bad.calls.length, good.calls.length], [2, 2]);
  assert.equal(bad.state.type, "active");
});

test("an exception in the report of an exception affects no other callback and no later frame", async (t) => {
  globalThis.reportError = () => {
    throw new Error("the reporter fails");
  };
  t.after(() => delete globalThis.reportError);
  const { open, live } = fixture();
  open(ADA, () => {
    throw new Error("mine");
  });
  const good = open(ADA);
  live.reset({ id: 1, ...ada() });
  await settled();
  live.update({ entities: { users: [user("ada", { name: "Countess" })] } });
  await settled();
  assert.equal(good.calls.length, 2);
});

test("an entry of a frame that is null is skipped", async () => {
  const { open, live } = fixture();
  const subscription = open(ADA);
  live.update({ entities: { users: [null] } });
  live.reset({ id: 1, ...ada() });
  await settled();
  assert.equal(subscription.calls.length, 1);
});

test("the callback is optional", async () => {
  const { live, session } = fixture();
  const subscription = session.user("ada").subscribe();
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
  assert.equal(opened[0].state.latestSnapshot.length, 33, "thirty at first, and three that arrived later");
  busy.unsubscribe();
  for (const { unsubscribe } of opened) unsubscribe();
});

test("using ends a subscription, if the language has it", { skip: !Symbol.dispose }, async () => {
  const { open, requests } = fixture();
  const subscription = open(ADA);
  await settled();
  subscription[Symbol.dispose]();
  subscription[Symbol.dispose]();
  await settled();
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

test("a numbered subscription continues at its position, and starts again after a gap", async (t) => {
  const { pass } = clock(t);
  const { open, live, requests, resubscribed } = fixture();
  const subscription = open(C1);
  const put = (number, since, id = 1) =>
    live.events({
      id,
      since,
      seq: since + 1,
      changes: [{ put: message("c1", number).id }],
      entities: list([message("c1", number)]).entities,
    });
  live.reset({ id: 1, seq: 7, ...list([message("c1", 1)], false) });
  await settled();
  put(2, 7);
  await settled();
  await live.reconnect(pass);
  assert.deepEqual(resubscribed.get(1).from, { epoch: "1", seq: 8 });
  put(3, 8);
  await settled();
  assert.equal(subscription.state.latestSnapshot.length, 3);
  requests.length = 0;
  put(5, 10);
  await settled();
  assert.equal(subscription.state.latestSnapshot.length, 3);
  assert.deepEqual(requests, [
    ["unsubscribe", 1],
    ["subscribe", C1],
  ]);
  live.reset({ id: 2, seq: 11, ...list(messages("c1", 5, 1), false) });
  put(6, 11, 2);
  await settled();
  assert.equal(subscription.state.latestSnapshot.length, 6);
  assert.equal(subscription.state.type, "active");
});

test("frames of unknown subscriptions and bodies of unknown kinds are ignored", async () => {
  const { open, live } = fixture();
  const subscription = open(ADA);
  live.reset({ id: 7, ...ada() });
  live.events({ id: 7, changes: [{ put: "x" }] });
  live.ended(7, problem());
  live.reset({ id: 1, value: "ada", entities: { users: [user("ada")], channels: [{ id: "c" }] } });
  live.update({ entities: { channels: [{ id: "c", n: 1 }] } });
  live.update({});
  await settled();
  assert.equal(subscription.calls.length, 1);
});
