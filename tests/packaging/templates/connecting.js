// The program of the tests that close a socket which is still connecting: the server accepts connections and
// never answers.

/** Records the sockets, and lets clock and timers run 20 times as fast, so that the SDK gives up after 0.3 s. */
const instrument = () => {
  const sockets = [];
  const { WebSocket, setTimeout } = globalThis;
  globalThis.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols);
      sockets.push(this);
    }
  };
  const now = performance.now.bind(performance);
  performance.now = () => now() * 20;
  globalThis.setTimeout = /** @type {any} */ ((call, wait, ...rest) => setTimeout(call, wait / 20, ...rest));
  const until = async (condition) => {
    const end = now() + 5_000;
    while (!condition() && now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { sockets, until };
};

/**
 * Ways to close a socket; each begins with a subscription whose socket is connecting.
 * @type {Record<string, (opened: any) => unknown>}
 */
const ways = {
  timeout: () => {},
  unsubscribe: ({ subscription }) => subscription.unsubscribe(),
  suspend: () => dispatchEvent(new Event("pagehide")),
  // A ref with a pointer out of bounds makes the module fail, which ends the session.
  "end of the session": async ({ session }) => {
    const ref = session.user("broken");
    ref.__wbg_ptr = 0x7ffffff0;
    await ref.get().catch(() => {});
  },
};

/** Returns the states of each way's socket, before and after it was closed. */
export async function run({ getTalkSession }, options) {
  const { sockets, until } = instrument();
  globalThis.reportError = () => {};
  const states = {};
  for (const [name, close] of Object.entries(ways)) {
    const session = getTalkSession({ ...options, userId: name });
    const subscription = session.currentUser.subscribe();
    await until(() => sockets.length > 0);
    const [socket] = sockets.splice(0);
    const before = socket?.readyState;
    await close({ session, subscription });
    // Node's own class stays closing until the server answers.
    await until(() => socket?.readyState >= 2);
    states[name] = [before === 0 ? "connecting" : before, socket?.readyState >= 2 ? "closed" : "open"];
    subscription.unsubscribe();
    // The session may have begun another attempt.
    sockets.splice(0);
  }
  // Late events of the closed sockets.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  return states;
}
