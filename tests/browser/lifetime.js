// Memory, timers and listeners: nothing remains once a program holds nothing. The wasm heap never shrinks, so
// its size is compared with that after a first round; the JS heap is checked through a FinalizationRegistry.

/** Allowed growth of the wasm heap while ten thousand objects are created and freed, in bytes: four pages. */
const MAX_WASM_GROWTH = 4 * 65_536;
/**
 * Allowed growth of the JS heap in bytes, in browsers that report its size: the size is rounded and includes
 * the rest of the page and uncollected garbage.
 */
const MAX_JS_GROWTH = 16 * 1024 * 1024;
/** The fraction of objects that may not have been collected yet. */
const UNCOLLECTED = 0.1;

/** Triggers a garbage collection: through `gc()` if available, and by allocating much. */
const collectGarbage = () => {
  globalThis.gc?.();
  let all = [];
  for (let n = 0; n < 200_000; n += 1) all.push({ n, rest: [n] });
  all = null;
};

/** Counts collected objects; `collected` triggers garbage collections until nearly all are collected. */
const watchCollection = (t) => {
  let watchedCount = 0;
  let collectedCount = 0;
  const registry = new FinalizationRegistry(() => {
    collectedCount += 1;
  });
  return {
    watch: (object) => {
      watchedCount += 1;
      registry.register(object, undefined);
      return object;
    },
    async collected(label, timeoutMs = 20_000) {
      const end = performance.now() + timeoutMs;
      while (collectedCount < watchedCount * (1 - UNCOLLECTED)) {
        if (performance.now() > end)
          t.ok(false, `${label} are collected: ${collectedCount} of ${watchedCount}`);
        collectGarbage();
        await t.pause(20);
      }
    },
  };
};
/** Returns the size of the JS heap in bytes, or 0 in a browser that does not report it. */
const heap = () => {
  const { memory } = /** @type {Performance & { memory?: { usedJSHeapSize: number } }} */ (performance);
  return memory?.usedJSHeapSize ?? 0;
};
const checkGrowth = async (t, before, bounds, label) => {
  const grown = t.memory.buffer.byteLength - before[0];
  t.ok(grown <= bounds[0], `the wasm heap grew by ${grown} bytes for ${label}`);
  const end = performance.now() + 20_000;
  for (let more; (more = heap() - before[1]) > bounds[1]; collectGarbage()) {
    t.ok(performance.now() < end, `the JS heap grew by ${more} bytes for ${label}`);
    await t.pause(20);
  }
};

export const cases = {
  async ten_thousand_subscriptions_are_freed(t) {
    const uncaught = t.uncaught();
    const {
      sessions: [ada],
      refs: [conversation],
    } = await t.chat("ada", "bob");
    const message = await conversation.send("Hello");
    const { watch, collected } = watchCollection(t);
    const remaining = await t.subscribe((on) => ada.currentUser.subscribe(on));
    const opens = [
      () => conversation.subscribe(() => {}),
      () => conversation.subscribeMessages(() => {}),
      () => conversation.subscribeParticipants(() => {}),
      () => conversation.subscribeTyping(() => {}),
      () => conversation.participant("bob").subscribe(() => {}),
      () => ada.subscribeConversations(() => {}),
      () => ada.subscribeConversations({ filter: { isUnread: true } }, () => {}),
      () => message.reactions("👍").subscribe(() => {}),
      () => ada.user("nobody").subscribe(() => {}),
      () => ada.user("nobody").subscribeOnline(() => {}),
    ];
    const cycles = async (count) => {
      for (let n = 0; n < count; n += opens.length) {
        const handles = opens.map((open) => watch(open()));
        // Half of them end before their first snapshot.
        if (n % 20) await Promise.all(handles.map(({ connected }) => connected));
        for (const handle of handles) handle.unsubscribe();
        // Waits for pending results.
        if (n % 200 === 0) await ada.currentUser.get();
      }
      await ada.currentUser.get();
    };
    await cycles(1_000);
    await collected("a thousand subscriptions");
    const before = [t.memory.buffer.byteLength, heap()];
    await cycles(10_000);
    await collected("ten thousand subscriptions");
    await checkGrowth(t, before, [MAX_WASM_GROWTH, MAX_JS_GROWTH], "ten thousand subscriptions");
    await ada.currentUser.set({ name: "Ada" });
    await remaining.until((me) => me.name === "Ada", "the remaining subscription works");
    t.same(uncaught.map(String), [], "uncaught");
  },

  async ten_thousand_refs_are_freed(t) {
    const session = t.session();
    const { watch, collected } = watchCollection(t);
    const refs = async (from, count) => {
      for (let n = from; n < from + count; n += 5) {
        const conversation = watch(session.conversation(`c${n}`));
        const message = watch(conversation.message(`m${n}`));
        watch(conversation.participant(watch(session.user(`u${n}`))));
        watch(message.reactions("👍"));
        // Promises and their results are collected too.
        if (n % 1000 === 0) await session.user(`u${n}`).get();
      }
    };
    await refs(0, 10_000);
    await collected("the first ten thousand refs");
    const before = [t.memory.buffer.byteLength, heap()];
    for (const round of [1, 2]) {
      await refs(round * 10_000, 10_000);
      await collected(`the refs of round ${round}`);
    }
    await checkGrowth(t, before, [MAX_WASM_GROWTH, MAX_JS_GROWTH], "twice ten thousand refs");
    t.is(session.user("u1"), session.user("u1"), "refs are still interned");
  },

  async ended_sessions_are_freed(t) {
    const { watch, collected } = watchCollection(t);
    const endSessions = async (from, count) => {
      for (let n = from; n < from + count; n += 10) {
        await Promise.all(
          Array.from({ length: 10 }, async (_, k) => {
            // Most use HTTP, because browsers throttle pages with many failed sockets.
            const options = {
              appId: "auth",
              userId: t.id(`u${n + k}`),
              token: "no token at all",
              transport: k ? "http" : "auto",
            };
            const session = watch(t.session(options));
            session.onError(() => {});
            const handle = watch(session.conversation("c").subscribeMessages(() => {}));
            await t.rejectsWith(session.currentUser.get(), "not_authenticated");
            t.is((await handle.terminated).type, "error", "terminated");
          }),
        );
      }
    };
    await endSessions(0, 30);
    await collected("thirty sessions");
    const before = [t.memory.buffer.byteLength, heap()];
    await endSessions(30, 100);
    await collected("a hundred sessions");
    await checkGrowth(t, before, [MAX_WASM_GROWTH, MAX_JS_GROWTH], "a hundred sessions");
  },

  async no_timers_or_listeners_remain(t) {
    const listeners = new Map();
    for (const target of [globalThis, document]) {
      const { addEventListener: add, removeEventListener: remove } = target;
      target.addEventListener = function (name, call, ...rest) {
        listeners.set(call, name);
        add.call(target, name, call, ...rest);
      };
      target.removeEventListener = function (name, call, ...rest) {
        listeners.delete(call);
        remove.call(target, name, call, ...rest);
      };
      t.undo.push(() => {
        delete target.addEventListener;
        delete target.removeEventListener;
        if (target.addEventListener !== add)
          Object.assign(target, { addEventListener: add, removeEventListener: remove });
      });
    }
    const traffic = t.record();
    const clock = t.clock();
    const session = t.session({ appId: "auth", token: await t.token(t.id("me")) });
    t.same([listeners.size, clock.timers.size], [0, 0], "before the first request");
    await session.currentUser.set({ name: "Me" });
    const conversation = session.conversation(t.id("chat"));
    await conversation.set({});
    const once = [...listeners.values()].sort();
    t.same(once, ["online", "pagehide", "pageshow", "visibilitychange"], "listeners of a session in use");
    for (let n = 0; n < 100; n += 1) {
      const handles = [
        conversation.subscribe(),
        conversation.subscribeMessages(),
        conversation.subscribeTyping(),
        session.subscribeConversations(),
      ];
      if (n % 2) await Promise.all(handles.map(({ connected }) => connected));
      for (const handle of handles) handle.unsubscribe();
    }
    await session.currentUser.get();
    t.same([...listeners.values()].sort(), once, "listeners after a hundred subscriptions");
    t.ok(clock.timers.size <= 1, `${clock.timers.size} timers: the session's own`);
    clock.advance(31_000);
    await t.until(() => traffic.sockets.at(-1).readyState === 3, "the idle socket closes");
    await t.pause(20);
    // The timer for the renewal of the token is set only while there is a connection.
    t.is(
      clock.timers.size -
        [...clock.timers.values()].filter(({ due }) => due > performance.now() + 60_000).length,
      0,
      "timers of an idle session",
    );
    // The end of the session removes all of them.
    const handle = conversation.subscribeTyping();
    await handle.connected;
    session.setToken(await t.token(t.id("other")));
    await handle.terminated;
    await t.pause(50);
    t.same([listeners.size, clock.timers.size], [0, 0], "listeners and timers of a session that has ended");
  },
};
