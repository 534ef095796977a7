// Memory: bodies and timers that are released, and bodies that are kept.
import assert from "node:assert/strict";
import { test } from "node:test";

import { fixture, list, message, messages, settled, user } from "./fixture.mjs";

const C1 = { kind: "messages", id: "c1" };
const ada = (more) => ({ value: "ada", entities: { users: [user("ada", more)] } });

/** The number of bodies that the SDK promises to keep, so that the server does not send them again. */
const KEPT = 128;

const collect = async () => {
  for (let round = 0; round < 3; round++) {
    globalThis.gc();
    await settled();
  }
};

// The first call of the SDK makes its instance.
const { Instance } = WebAssembly;
let exported;
WebAssembly.Instance = class extends Instance {
  constructor(module, imports) {
    super(module, imports);
    exported = Object.values(this.exports);
  }
};
/** Returns the size of the module's memory, and of its tables of JavaScript values. */
const moduleSizes = () =>
  exported.flatMap((one) => {
    if (one instanceof WebAssembly.Memory) return [one.buffer.byteLength];
    return one instanceof WebAssembly.Table ? [one.length] : [];
  });

test("the last unsubscribe releases all bodies but the kept ones, and a page that arrives later is not stored", async (t) => {
  const { live, session, pages, open } = fixture();
  const held = [];
  const { parse } = JSON;
  t.after(() => (JSON.parse = parse));
  JSON.parse = (...given) => {
    const value = parse(...given);
    if (value.t === "result")
      held.push(new WeakRef(value.entities.users[0]), new WeakRef(value.entities.messages[0]));
    return value;
  };
  await (async () => {
    const subscription = session.conversation("c1").subscribeMessages();
    live.reset({ id: 1, ...list(messages("c1", 40, 11), true) });
    const { latestSnapshot } = await subscription.connected;
    held.push(new WeakRef(latestSnapshot[0]), new WeakRef(latestSnapshot[0].sender));
    live.update({ entities: { users: Array.from({ length: KEPT }, (_, index) => user(`kept${index}`)) } });
    subscription.loadMore();
    await settled();
    subscription.unsubscribe();
    pages.pop().resolve(list(messages("c1", 10, 1), false, [user("bob")]));
    await settled();
  })();
  await collect();
  assert.deepEqual(
    held.map((weak) => weak.deref()?.id),
    [undefined, undefined, undefined, undefined],
  );
  for (const id of ["kept0", `kept${KEPT - 1}`]) {
    const again = open({ kind: "user", id });
    await settled();
    live.reset({ id: id === "kept0" ? 2 : 3, value: id });
    assert.equal((await again.connected).latestSnapshot.id, id, "the server does not send it again");
  }
});

test("ten thousand subscriptions that end release their memory and timers", async () => {
  const { live, session, lastId, forget } = fixture();
  const held = session.user("ada").subscribe();
  live.reset({ id: 1, ...ada() });
  await held.connected;
  const cycles = async (count) => {
    for (let turn = 0; turn < count; turn++) {
      const topic = `c${turn}`;
      const opened = [
        session.conversation(topic).subscribeMessages(() => {}),
        session.conversation(topic).subscribeTyping(() => {}),
      ];
      const next = lastId() + 1;
      live.reset({ id: next, ...list(messages(topic, 3, 1), false, [user("ada"), user(topic)]) });
      live.reset({ id: next + 1, value: { users: [topic] } });
      await Promise.all(opened.map(({ connected }) => connected));
      for (const { unsubscribe } of opened) unsubscribe();
      if (turn % 100 === 0) forget();
      // The refs are released when the garbage collector finds them.
      if (turn % 500 === 0) await collect();
    }
    await settled();
    forget();
    await collect();
    return process.memoryUsage().heapUsed;
  };
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = [await cycles(2_000), timers(), moduleSizes()];
  const after = [await cycles(10_000), timers(), moduleSizes()];
  assert.ok(after[0] - before[0] < 256 * 1024, `${after[0] - before[0]} bytes more than before`);
  assert.equal(after[1], before[1]);
  assert.ok(moduleSizes().length >= 2);
  assert.deepEqual(after[2], before[2]);
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
    await settled();
    if (number % 100 === 0) {
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

test("the stack of the module is mostly unused", async () => {
  const { live, session, pages } = fixture();
  const subscriptions = Array.from({ length: 200 }, (_, index) =>
    session.conversation(`deep${index}`).subscribeMessages(),
  );
  const loaded = subscriptions[0];
  live.reset({ id: 1, ...list(messages("deep0", 40, 11), true) });
  await loaded.connected;
  loaded.loadMore();
  await settled();
  pages.pop().resolve(list(messages("deep0", 10, 1), false, [user("bob")]));
  await settled();
  for (const subscription of subscriptions) subscription.unsubscribe();
  await settled();
  const memory = exported.find((one) => one instanceof WebAssembly.Memory);
  // As in xtask/src/wasm.rs. The stack begins at its end, and its memory is zero until it is used.
  const STACK_BYTES = 65_536;
  const untouched = new Uint8Array(memory.buffer, 0, STACK_BYTES).findIndex((byte) => byte !== 0);
  const depth = STACK_BYTES - untouched;
  console.log(`the deepest stack of these tests: ${depth} bytes`);
  assert.ok(untouched > 0 && depth < STACK_BYTES / 4, `${depth}`);
});
