// What is left when nobody holds it any more: nothing. The wasm heap is judged by its size, which only grows, once a first
// round has brought it to what it needs; the JS heap by what the collector says it has let go.

/** What the wasm heap may grow by while ten thousand things come and go: four of its pages. */
const WASM = 4 * 65_536;
/**
 * What the JS heap may grow by, where the browser says how large it is: rounded, with whatever else is in the page, and with
 * what the collector has not come to.
 */
const JS = 16 * 1024 * 1024;
/** The part that the collector may be late with. */
const LATE = 0.1;

/** Makes the collector work: where it cannot be asked, it does when there is much to do. */
const rubbish = () => {
  globalThis.gc?.();
  let all = [];
  for (let n = 0; n < 200_000; n += 1) all.push({ n, rest: [n] });
  all = null;
};

/** Counts what the collector lets go, and makes it work until it has let go of most. */
const watched = (t) => {
  let held = 0;
  let gone = 0;
  const registry = new FinalizationRegistry(() => {
    gone += 1;
  });
  return {
    watch: (thing) => {
      held += 1;
      registry.register(thing);
      return thing;
    },
    async collected(what, patience = 20_000) {
      const end = performance.now() + patience;
      while (gone < held * (1 - LATE)) {
        if (performance.now() > end) t.ok(false, `the collector lets go of ${what}: ${gone} of ${held}`);
        rubbish();
        await t.pause(20);
      }
    },
  };
};
const heap = () => performance.memory?.usedJSHeapSize ?? 0;
const within = async (t, before, bounds, what) => {
  const grown = t.memory.buffer.byteLength - before[0];
  t.ok(grown <= bounds[0], `the wasm heap grew by ${grown} bytes for ${what}`);
  const end = performance.now() + 20_000;
  for (let more; (more = heap() - before[1]) > bounds[1]; rubbish()) {
    t.ok(performance.now() < end, `the JS heap grew by ${more} bytes for ${what}`);
    await t.pause(20);
  }
};

export const cases = {
  async ten_thousand_subscriptions_leave_nothing_behind(t) {
    const uncaught = t.uncaught();
    const {
      sessions: [ada],
      refs: [talk],
    } = await t.chat("ada", "bob");
    const message = await talk.send("Hello");
    const { watch, collected } = watched(t);
    const stays = await t.follow((on) => ada.currentUser.subscribe(on));
    const opens = [
      () => talk.subscribe(() => {}),
      () => talk.subscribeMessages(() => {}),
      () => talk.subscribeParticipants(() => {}),
      () => talk.subscribeTyping(() => {}),
      () => talk.participant("bob").subscribe(() => {}),
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
        // Lets the answers come in, which nobody waits for.
        if (n % 200 === 0) await ada.currentUser.get();
      }
      await ada.currentUser.get();
    };
    await cycles(1_000);
    await collected("a thousand subscriptions");
    const before = [t.memory.buffer.byteLength, heap()];
    await cycles(10_000);
    await collected("ten thousand subscriptions");
    await within(t, before, [WASM, JS], "ten thousand subscriptions");
    await ada.currentUser.set({ name: "Ada" });
    await stays.until((me) => me.name === "Ada", "the one that stays goes on");
    t.same(uncaught.map(String), [], "uncaught");
  },

  async ten_thousand_refs_leave_nothing_behind(t) {
    const session = t.session();
    const { watch, collected } = watched(t);
    const refs = async (from, count) => {
      for (let n = from; n < from + count; n += 5) {
        const talk = watch(session.conversation(`c${n}`));
        const message = watch(talk.message(`m${n}`));
        watch(talk.participant(watch(session.user(`u${n}`))));
        watch(message.reactions("👍"));
        // Promises and what they resolve with are let go too.
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
    await within(t, before, [WASM, JS], "twice ten thousand refs");
    t.is(session.user("u1"), session.user("u1"), "refs are still interned");
  },

  async sessions_that_have_ended_are_freed(t) {
    const { watch, collected } = watched(t);
    const some = async (from, count) => {
      for (let n = from; n < from + count; n += 10) {
        await Promise.all(
          Array.from({ length: 10 }, async (_, k) => {
            // Most by HTTP, for browsers hold back who opens one socket after the other in vain.
            const options = {
              appId: "auth",
              userId: t.id(`u${n + k}`),
              token: "no token at all",
              transport: k ? "http" : "auto",
            };
            const session = watch(t.session(options));
            session.onError(() => {});
            const handle = watch(session.conversation("c").subscribeMessages(() => {}));
            await t.code(session.currentUser.get(), "not_authenticated");
            t.is((await handle.terminated).type, "error", "terminated");
          }),
        );
      }
    };
    await some(0, 30);
    await collected("thirty sessions");
    const before = [t.memory.buffer.byteLength, heap()];
    await some(30, 100);
    await collected("a hundred sessions");
    await within(t, before, [WASM, JS], "a hundred sessions");
  },

  async no_timer_and_no_listener_is_left(t) {
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
    const sent = t.record();
    const clock = t.clock();
    const session = t.session({ appId: "auth", token: await t.token(t.id("me")) });
    t.same([listeners.size, clock.timers.size], [0, 0], "before anything is asked");
    await session.currentUser.set({ name: "Me" });
    const talk = session.conversation(t.id("chat"));
    await talk.set({});
    const once = [...listeners.values()].sort();
    t.same(once, ["online", "pagehide", "pageshow", "visibilitychange"], "listeners of a session in use");
    for (let n = 0; n < 100; n += 1) {
      const handles = [
        talk.subscribe(),
        talk.subscribeMessages(),
        talk.subscribeTyping(),
        session.subscribeConversations(),
      ];
      if (n % 2) await Promise.all(handles.map(({ connected }) => connected));
      for (const handle of handles) handle.unsubscribe();
    }
    await session.currentUser.get();
    t.same([...listeners.values()].sort(), once, "listeners after a hundred subscriptions");
    t.ok(clock.timers.size <= 1, `${clock.timers.size} timers: the session's own`);
    clock.advance(31_000);
    await t.until(() => sent.open.at(-1).readyState === 3, "the idle socket closes");
    await t.pause(20);
    // The token's own time goes on only while there is a connection to renew it for.
    t.is(
      clock.timers.size -
        [...clock.timers.values()].filter(({ due }) => due > performance.now() + 60_000).length,
      0,
      "timers of an idle session",
    );
    // An end takes all of it.
    const handle = talk.subscribeTyping();
    await handle.connected;
    session.setToken(await t.token(t.id("other")));
    await handle.terminated;
    await t.pause(50);
    t.same([listeners.size, clock.timers.size], [0, 0], "listeners and timers of a session that has ended");
  },
};
