// Handles: their states and promises, when callbacks run, and what is left behind.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Live } from "../../src/live/live.js";
import { conversation, list, message, messages, settled, user, world } from "./world.mjs";

const ADA = { kind: "user", id: "ada" };
const C1 = { kind: "messages", id: "c1" };
const ada = (more) => ({ value: "ada", entities: { users: [user("ada", more)] } });

test("a subscription is pending, then active, then unsubscribed; each state is frozen", async () => {
  const { live, open, asked } = world();
  const subscription = open(ADA);
  assert.deepEqual(subscription.state, { type: "pending" });
  live.reset({ id: 1, ...ada() });
  assert.equal(subscription.state.type, "pending", "nothing changes within the turn");
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
  assert.deepEqual(asked, [
    ["subscribe", ADA],
    ["unsubscribe", 1],
  ]);
  assert.deepEqual(
    subscription.calls,
    [[active.latestSnapshot]],
    "a single thing's callback has one argument",
  );
});

test("a list's state says whether all is loaded", async () => {
  const { live, open } = world();
  const subscription = open(C1);
  live.reset({ id: 1, ...list([message("c1", 1)], false) });
  assert.deepEqual(Object.keys(await subscription.connected), ["type", "latestSnapshot", "loadedAll"]);
  assert.equal(subscription.state.loadedAll, true);
});

test("what ends before it was active: connected rejects, terminated resolves, loadMore resolves, nothing is unhandled", async (t) => {
  const unhandled = t.mock.fn();
  process.on("unhandledRejection", unhandled);
  t.after(() => process.off("unhandledRejection", unhandled));
  const { open, live } = world();
  const problem = new Error("no");
  const [left, failed, forgotten, over] = [
    open(C1),
    open(ADA),
    open({ kind: "user", id: "bob" }),
    open({ kind: "conversations" }),
  ];
  const more = [left.loadMore(), over.loadMore()];
  left.unsubscribe();
  live.ended(2, problem);
  forgotten.unsubscribe();
  live.end(problem);
  await settled();
  await settled();
  assert.equal(unhandled.mock.callCount(), 0);
  await assert.rejects(left.connected, { name: "CauserieError", code: "unsubscribed" });
  await assert.rejects(failed.connected, problem);
  await assert.rejects(over.connected, problem);
  assert.deepEqual(await left.terminated, { type: "unsubscribed" });
  assert.deepEqual(await failed.terminated, { type: "error", error: problem });
  assert.equal(failed.state.error, problem);
  await Promise.all(more);
  await left.loadMore();
});

test("loadMore resolves when its subscription ends while the page is on its way", async () => {
  for (const end of [
    ({ subscription }) => subscription.unsubscribe(),
    ({ live }) => live.ended(1, new Error("x")),
    ({ live }) => live.end(new Error("x")),
  ]) {
    const made = world();
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

test("the last unsubscribe lets every body go, and a page that comes later is not kept", async () => {
  let answer;
  const link = {
    subscribe: () => 1,
    unsubscribe() {},
    setWindow() {},
    loadPage: () => new Promise((resolve) => (answer = resolve)),
  };
  const live = new Live(link);
  const held = await (async () => {
    const subscription = live.open(C1);
    live.reset({ id: 1, ...list(messages("c1", 40, 11), true) });
    const { latestSnapshot } = await subscription.connected;
    subscription.loadMore();
    await settled();
    subscription.unsubscribe();
    const page = list(messages("c1", 10, 1), false, [user("bob")]);
    answer(page);
    answer = undefined;
    await settled();
    return [
      latestSnapshot[0],
      latestSnapshot[0].sender,
      page.entities.users[0],
      page.entities.messages[0],
    ].map((one) => new WeakRef(one));
  })();
  await settled();
  globalThis.gc();
  await settled();
  globalThis.gc();
  assert.deepEqual(
    held.map((weak) => weak.deref()?.id),
    [undefined, undefined, undefined, undefined],
  );
  void live.open;
});

test("an error of the server's ends all handles of its subscription and no other; nothing is asked of it after", async () => {
  const { open, live, asked } = world();
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
  assert.equal(first.state.type, "error", "an end is final");
  live.reset({ id: 1, ...list([], false) });
  live.events({ id: 1, changes: [{ put: "m00041" }], entities: list([message("c1", 41)]).entities });
  await settled();
  assert.equal(first.calls.length, 1);
  assert.equal(other.state.type, "active");
  assert.deepEqual(
    asked.filter(([what]) => what === "unsubscribe"),
    [],
  );
  assert.equal(open(C1).id, 3, "who subscribes again asks again");
});

test("where there can be no subscription, the handle is in error from the start", async () => {
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

test("handles of one topic share one subscription, whose end is the last one's", async () => {
  const { open, live, asked } = world();
  const filtered = { kind: "conversations", filter: { isUnread: true } };
  const all = [open(filtered), open({ kind: "conversations" }), open({ ...filtered })];
  assert.equal(asked.length, 2);
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
  assert.equal(asked.length, 2);
  all[2].unsubscribe();
  assert.deepEqual(asked.at(-1), ["unsubscribe", 1]);
});

test("a second handle on an active topic gets its first snapshot by itself, later, and the first one none", async () => {
  const { open, live } = world();
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

test("changes that arrive together are told once, and the callback never runs inside", async () => {
  const { open, live } = world();
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
  assert.equal(subscription.calls.length, 1, "there and back again is no change");
});

test("a callback that throws is reported like an uncaught error and harms no other", async (t) => {
  const reported = t.mock.fn();
  globalThis.reportError = reported;
  t.after(() => delete globalThis.reportError);
  const { open, live } = world();
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

test("no callback at all will do", async () => {
  const { live } = world();
  const subscription = live.open(ADA);
  live.reset({ id: 1, ...ada() });
  assert.equal((await subscription.connected).latestSnapshot.id, "ada");
});

test("who unsubscribes in a callback is not called again, even if the call was already due", async () => {
  const { open, live } = world();
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

test("a callback may do anything: open, load more, end, and take frames", async () => {
  const { open, live, pages } = world();
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
  assert.equal(opened[0].state.latestSnapshot.length, 32, "thirty at first, and two came after");
  busy.unsubscribe();
  for (const { unsubscribe } of opened) unsubscribe();
});

test("using ends a subscription, where the language has it", { skip: !Symbol.dispose }, () => {
  const { open, asked } = world();
  const subscription = open(ADA);
  subscription[Symbol.dispose]();
  subscription[Symbol.dispose]();
  assert.deepEqual(asked.slice(1), [["unsubscribe", 1]]);
  assert.equal(subscription.state.type, "unsubscribed");
});

test("methods need no this", async () => {
  const { open, live } = world();
  const { unsubscribe, loadMore, connected } = open(C1);
  live.reset({ id: 1, ...list([], false) });
  await connected;
  await loadMore();
  unsubscribe();
});

test("frames of unknown subscriptions, and bodies of unknown kinds, do no harm", async () => {
  const { open, live } = world();
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

test("ten thousand subscriptions and ends leave nothing behind", async () => {
  let id = 0;
  const link = { subscribe: () => ++id, unsubscribe() {}, setWindow() {} };
  const live = new Live(link);
  const held = live.open(ADA);
  live.reset(JSON.parse(JSON.stringify({ id: 1, ...ada() })));
  await held.connected;
  const cycles = async (count) => {
    for (let turn = 0; turn < count; turn++) {
      const topic = `c${turn}`;
      const opened = [
        live.open({ kind: "messages", id: topic }, () => {}),
        live.open({ kind: "typing", id: topic }, () => {}),
      ];
      const value = list(messages(topic, 3, 1), false, [user("ada"), user(topic)]);
      live.reset(JSON.parse(JSON.stringify({ id: id - 1, ...value })));
      live.reset(JSON.parse(JSON.stringify({ id, value: { users: [topic] } })));
      await Promise.all(opened.map(({ connected }) => connected));
      for (const { unsubscribe } of opened) unsubscribe();
    }
    globalThis.gc();
    await settled();
    globalThis.gc();
    return process.memoryUsage().heapUsed;
  };
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = [await cycles(2_000), timers()];
  const after = [await cycles(10_000), timers()];
  assert.ok(after[0] - before[0] < 256 * 1024, `${after[0] - before[0]} bytes more than before`);
  assert.equal(after[1], before[1]);
});

test("bodies that nobody has any more are let go, and those that somebody has are not", async () => {
  const { open, live } = world();
  const subscription = open(C1);
  const held = message("c1", 1, { sender: "held" });
  const answer = message("c1", 2, { referencedMessage: held.id });
  live.reset({ id: 1, ...list([answer, held], false, [user("ada"), user("held")]) });
  await settled();
  const [snapshot] = subscription.state.latestSnapshot;
  const gone = [];
  for (let number = 0; number < 3_000; number++) {
    const body = message("c1", 100 + number, { sender: `u${number}` });
    live.events({
      id: 1,
      changes: [{ put: body.id }],
      entities: { messages: [body], users: [user(`u${number}`)] },
    });
    await Promise.resolve();
    if (number % 100 === 0) {
      await settled();
      gone.push(new WeakRef(subscription.state.latestSnapshot[0].sender));
    }
    live.events({ id: 1, changes: [{ drop: body.id }] });
  }
  await settled();
  assert.equal(subscription.state.latestSnapshot[0], snapshot);
  subscription.calls.length = 0;
  live.update({ entities: { users: [user("held", { name: "still" })] } });
  await settled();
  assert.equal(subscription.state.latestSnapshot[0].referencedMessage.sender.name, "still");
  live.update({ entities: { messages: [{ ...answer, plaintext: "edited" }] } });
  await settled();
  assert.equal(
    subscription.state.latestSnapshot[0].plaintext,
    "edited",
    "what a list holds can still be changed",
  );
  subscription.calls.length = 0;
  globalThis.gc();
  const left = gone.filter((weak) => weak.deref()).length;
  assert.ok(left < 15, `${left} of ${gone.length} senders of deleted messages are still held`);
});
