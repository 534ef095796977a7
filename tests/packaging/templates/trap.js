// The program of the tests of a module that fails. Traps are provoked in the module as it is packed: by a ref
// with a pointer out of bounds, or by a clock that traps while the module calls it.

const TRAP = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11,
];
const trap = () => {
  const module = new WebAssembly.Module(new Uint8Array(TRAP));
  /** @type {any} */ (new WebAssembly.Instance(module).exports).f();
};

const outcome = (promise) =>
  promise.then(
    () => "no error",
    (error) => error,
  );
const thrown = (call) => {
  try {
    call();
  } catch (error) {
    return error;
  }
  return "no error";
};
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Records the sockets, the timers and the reported errors, and makes the clock trap while `armed` is set. */
const instrument = () => {
  const seen = { sockets: [], timers: [], reported: [], armed: false };
  const { WebSocket, setTimeout } = globalThis;
  globalThis.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols);
      seen.sockets.push(this);
    }
  };
  globalThis.setTimeout = /** @type {any} */ (
    (call, wait) => {
      seen.timers.push(call);
      return setTimeout(call, wait);
    }
  );
  const now = performance.now.bind(performance);
  performance.now = () => {
    // Only for the module: the browser's driver reads the clock too.
    if (seen.armed && new Error().stack.includes("wasm-function")) trap();
    return now();
  };
  globalThis.reportError = (error) => seen.reported.push(error);
  return seen;
};

/** Ways to provoke a trap, by the way in which the module is entered. */
const provocations = {
  "a method": async (seen, session) => {
    const ref = session.user("method");
    ref.__wbg_ptr = 0x7ffffff0;
    return outcome(ref.get());
  },
  "a method that throws": async (seen, session) => {
    const ref = session.conversation("method");
    ref.__wbg_ptr = 0x7ffffff0;
    return thrown(() => ref.message("m"));
  },
  // The response to a request arrives.
  "a socket's event": async (seen, session) => {
    const getting = outcome(session.user("event").get());
    seen.armed = true;
    return getting;
  },
  "a timer": async (seen, session) => {
    const getting = outcome(session.user("timer").get());
    seen.armed = true;
    for (const call of seen.timers.splice(0)) call();
    return getting;
  },
  // The callback of another handle is due in the same turn.
  "a callback": (seen, session) =>
    new Promise((resolve) => {
      const ref = session.user("callback");
      session.currentUser.subscribe(() => {
        ref.__wbg_ptr = 0x7ffffff0;
        resolve(outcome(ref.get()));
      });
      session.currentUser.subscribe(() => (seen.laterCallback = true));
    }),
  "an event of the page": async (seen, session) => {
    const getting = outcome(session.user("page").get());
    seen.armed = true;
    dispatchEvent(new Event("online"));
    return getting;
  },
};

const check = async ({ getTalkSession, TalkSession, CauserieError }, options, seen, provoke) => {
  const session = getTalkSession(options);
  const ref = session.user("other");
  await session.currentUser.set({ name: "Ada" });
  const active = session.currentUser.subscribe();
  await active.connected;
  const list = session.conversation("none").subscribeMessages();
  await list.connected;
  const handled = [];
  session.onError((error) => handled.push(error));
  session.onError((error) => handled.push(error)).unsubscribe();
  seen.reported.length = 0;
  const waiting = [outcome(ref.get()), outcome(session.conversation("pending").subscribe().connected)];

  const error = await provoke(seen, session);
  seen.armed = false;
  const others = await Promise.all(waiting);
  const ended = await active.terminated;
  await pause(0);
  // What the module left behind: timers and events of the old instance do nothing.
  for (const call of seen.timers.splice(0)) call();

  const fresh = getTalkSession(options);
  const sameErrors = {
    ofPending: others,
    ofHandles: [ended.error, active.state.error],
    ofHandlers: handled,
    ofReport: seen.reported.slice(),
    ofOldRefs: [await outcome(ref.get()), await outcome(ref.set({ name: "x" }))],
    ofThrows: [
      () => ref.id,
      () => session.currentUser,
      () => session.user("x"),
      () => session.onNeedToken,
      () => session.onError(() => {}),
      () => ref.subscribe(),
    ].map(thrown),
  };
  const loadMore = await Promise.race([outcome(list.loadMore()), pause(1000).then(() => "nothing")]);
  active.unsubscribe();
  const result = {
    loadMore,
    laterCallback: !!seen.laterCallback,
    error: [error.code, error instanceof CauserieError, error.cause instanceof WebAssembly.RuntimeError],
    message: /SDK failed .* report this/.test(error.message),
    ...Object.fromEntries(
      Object.entries(sameErrors).map(([name, errors]) => [
        name,
        errors.map((one) => (one === error ? "the same" : String(one))),
      ]),
    ),
    sockets: seen.sockets.splice(0).map(({ readyState }) => readyState >= 2),
    fresh: [fresh !== session, fresh instanceof TalkSession, fresh.constructor.name],
  };
  // A new instance in the same page, with subscriptions.
  const again = fresh.currentUser.subscribe();
  const { latestSnapshot } = await again.connected;
  again.unsubscribe();
  return { ...result, name: latestSnapshot.name, get: (await fresh.currentUser.get()).name };
};

/** Returns the observations for each way to provoke a trap. */
export async function run(causerie, options) {
  const seen = instrument();
  const results = {};
  for (const [name, provoke] of Object.entries(provocations)) {
    if (name.includes("page") && !globalThis.dispatchEvent) continue;
    results[name] = await check(causerie, options, seen, provoke);
  }
  return results;
}
