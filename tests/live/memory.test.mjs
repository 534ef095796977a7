// Memory: bodies and timers that are released, and bodies that are kept.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Live, fixture, list, message, messages, settled, user } from "./fixture.mjs";

const ADA = { kind: "user", id: "ada" };
const C1 = { kind: "messages", id: "c1" };
const ada = (more) => ({ value: "ada", entities: { users: [user("ada", more)] } });

test("the last unsubscribe releases all bodies, and a page that arrives later is not stored", async () => {
  let respond;
  const link = {
    subscribe: () => 1,
    unsubscribe() {},
    setWindow() {},
    loadPage: () => new Promise((resolve) => (respond = resolve)),
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
    respond(page);
    respond = undefined;
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

test("ten thousand subscriptions that end release their memory and timers", async () => {
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

test("bodies that are no longer used are released, and bodies in use are kept", async () => {
  const { open, live } = fixture();
  const subscription = open(C1);
  const held = message("c1", 1, { sender: "held" });
  const reply = message("c1", 2, { referencedMessage: held.id });
  live.reset({ id: 1, ...list([reply, held], false, [user("ada"), user("held")]) });
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
  live.update({ entities: { messages: [{ ...reply, plaintext: "edited" }] } });
  await settled();
  assert.equal(
    subscription.state.latestSnapshot[0].plaintext,
    "edited",
    "a body in the list can still be changed",
  );
  subscription.calls.length = 0;
  globalThis.gc();
  const left = gone.filter((weak) => weak.deref()).length;
  assert.ok(left < 15, `${left} of ${gone.length} senders of deleted messages are still in memory`);
});
