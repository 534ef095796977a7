// The test context that every case gets: sessions of its own users, the REST API of a backend, tokens, a
// recorder of network traffic, a fake clock, and assertions whose messages contain the values.

const SECRETS = {
  demo: "demo-secret",
  nosync: "browser-tests-nosync-0123456789abcdef",
  auth: "browser-tests-auth-0123456789abcdef",
};

/**
 * An error of the SDK. Other errors have no code.
 * @typedef {Error & { code?: string, field?: string }} SdkError
 */

const format = (value) => {
  if (value instanceof Error) {
    const { name, code, message } = /** @type {SdkError} */ (value);
    return `${name} ${code ?? ""}: ${message}`;
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};
const fail = (message) => {
  throw new Error(message);
};

const ok = (value, label) => value || fail(`expected: ${label}`);
const is = (actual, expected, label = "value") =>
  Object.is(actual, expected) || fail(`${label}: expected ${format(expected)}, got ${format(actual)}`);
/** Asserts equal JSON, so the order of keys counts. `undefined` differs from an absent key. */
const same = (actual, expected, label = "value") => {
  const text = (value) => JSON.stringify(value, (_, one) => (one === undefined ? "(undefined)" : one));
  is(text(actual), text(expected), label);
};
/** Asserts that a promise rejects and returns the reason. */
const rejects = async (promise, label = "promise") => {
  ok(promise instanceof Promise, `${label} is a promise`);
  const value = await promise.then(
    (value) => fail(`${label}: expected a rejection, got ${format(value)}`),
    (error) => error,
  );
  return value;
};
/** Asserts that a call throws and returns the error. */
const throws = (call, label = String(call)) => {
  let value;
  try {
    value = call();
  } catch (error) {
    return error;
  }
  return fail(`${label}: expected a throw, got ${format(value)}`);
};
/** Asserts that a promise rejects with this error code and returns the error. */
const rejectsWith = async (promise, code, label) => {
  const error = await rejects(promise, label);
  is(error.code, code, `${label ?? "promise"}, rejected with "${error.message}": code`);
  return error;
};

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Polls until a condition holds; fails after the timeout. */
const until = async (condition, description, timeoutMs = 10_000) => {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) fail(`not within ${timeoutMs} ms: ${description}`);
    await pause(10);
  }
};

/** Asserts that exactly these properties of a snapshot are new; the others are the same objects. */
const changedKeys = (before, after, keys) => {
  const differing = Object.keys(after).filter((key) => !Object.is(before[key], after[key]));
  same(differing.sort(), [...keys].sort(), "the changed properties");
};

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const encodeJson = (value) => base64url(new TextEncoder().encode(JSON.stringify(value)));

/** Signs a user token as a backend does. `lifetime` is in seconds. */
const token = async (user, { lifetime = 3600, secret = SECRETS.auth, app = "auth" } = {}) => {
  const claims = { tokenType: "user", iss: app, sub: user, exp: Date.now() / 1000 + lifetime };
  const text = `${encodeJson({ alg: "HS256", typ: "JWT" })}.${encodeJson(claims)}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, [
    "sign",
  ]);
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  return `${text}.${base64url(new Uint8Array(signature))}`;
};

/**
 * Records the traffic of sessions with URLs that start with `prefix`: the URLs of sockets and requests, the
 * sockets, the texts sent and received, and the tokens.
 */
const record = (undo, prefix) => {
  const matches = (url) => url.replace(/^ws/, "http").startsWith(prefix);
  const traffic = { socketUrls: [], sockets: [], requestUrls: [], sent: [], received: [], tokens: [] };
  const { WebSocket, fetch } = globalThis;
  globalThis.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols);
      if (!matches(url)) return;
      traffic.socketUrls.push(url);
      traffic.sockets.push(this);
      this.addEventListener("message", ({ data }) => traffic.received.push(data));
    }
    send(text) {
      if (matches(this.url)) traffic.sent.push(text);
      super.send(text);
    }
  };
  globalThis.fetch = async function (/** @type {ConstructorParameters<typeof Request>} */ ...args) {
    const request = new Request(...args);
    // A session of an earlier case may still be trying to reach its server.
    if (!matches(request.url)) return fetch.call(globalThis, request);
    traffic.requestUrls.push(request.url);
    traffic.tokens.push(request.headers.get("authorization"));
    traffic.sent.push(await request.clone().text());
    const { status, headers, text } = await fetch.call(globalThis, request).then(async (response) => {
      // The body is read here, because a clone would be aborted together with its original.
      return { status: response.status, headers: response.headers, text: await response.text() };
    });
    traffic.received.push(text);
    return new Response(text, { status, headers });
  };
  undo.push(() => Object.assign(globalThis, { WebSocket, fetch }));
  return traffic;
};

/**
 * The functions that were given to `setTimeout` outside a fake clock. A session of an earlier case calls its
 * own again and again, until it is collected.
 */
const earlier = new WeakSet();
const realTimeout = globalThis.setTimeout;
globalThis.setTimeout = /** @type {typeof setTimeout} */ (
  (call, ...rest) => {
    earlier.add(call);
    return realTimeout(call, ...rest);
  }
);

/** Replaces `setTimeout`, `performance.now` and `Date.now` by a clock that a case can advance. */
const fakeClock = (undo) => {
  const { setTimeout, clearTimeout } = globalThis;
  const perf = performance.now.bind(performance);
  const date = Date.now;
  let offset = 0;
  const timers = new Map();
  const now = () => perf() + offset;
  const setFakeTimeout = (call, wait = 0, ...rest) => {
    if (earlier.has(call)) return realTimeout(call, wait, ...rest);
    const fire = () => timers.delete(id) && call(...rest);
    const id = setTimeout(fire, wait);
    timers.set(id, { due: now() + wait, fire });
    return id;
  };
  globalThis.setTimeout = /** @type {typeof setTimeout} */ (setFakeTimeout);
  globalThis.clearTimeout = (id) => {
    timers.delete(id);
    clearTimeout(id);
  };
  performance.now = now;
  Date.now = () => date() + offset;
  undo.push(() => {
    Object.assign(globalThis, { setTimeout, clearTimeout });
    delete performance.now;
    Date.now = date;
  });
  return {
    /** The pending timers, by id. */
    timers,
    /** Advances the clock and fires the timers that are due. */
    advance(milliseconds) {
      offset += milliseconds;
      for (const [id, { due, fire }] of [...timers].sort(([, one], [, other]) => one.due - other.due)) {
        if (due > now() || !timers.has(id)) continue;
        clearTimeout(id);
        fire();
      }
    },
  };
};

let contextCount = 0;

/** Creates the context of one case. */
export const createContext = (getTalkSession, host, transport, memory) => {
  const runId = `${transport}-${(++contextCount).toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  const undo = [];
  const options = (more = {}) => ({ appId: "demo", userId: `me-${runId}`, host, transport, ...more });
  const rest = async (method, path, body, app = "demo") => {
    const response = await fetch(`${host}/v1/${app}${path}`, {
      method,
      headers: { authorization: `Bearer ${SECRETS[app]}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    ok(response.ok, `${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  /** Collects uncaught errors and unhandled rejections instead of failing the run. */
  const uncaught = () => {
    const errors = [];
    const listen = (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      errors.push(event.type === "error" ? event.error : event.reason);
    };
    for (const name of ["error", "unhandledrejection"]) {
      addEventListener(name, listen, true);
      undo.push(() => removeEventListener(name, listen, true));
    }
    return errors;
  };
  const id = (name) => `${name}-${runId}`;
  /** Creates users of this case with these names and returns a session of each. */
  const users = (...names) =>
    Promise.all(
      names.map(async (name) => {
        const session = getTalkSession(options({ userId: id(name) }));
        await session.currentUser.set({ name });
        return session;
      }),
    );
  /**
   * Creates a conversation of users of this case and returns, for each user, the session and the
   * conversation's ref.
   */
  const chat = async (...names) => {
    const sessions = await users(...names);
    const refs = sessions.map((session) => session.conversation(id("chat")));
    await refs[0].set({});
    for (const { currentUser } of sessions.slice(1)) await refs[0].participant(currentUser).set({});
    return { sessions, refs, path: `/conversations/${refs[0].id}` };
  };
  /** Subscribes and records the arguments of each callback; resolves after the first snapshot. */
  const subscribe = async (open) => {
    const calls = [];
    const handle = open((...args) => void calls.push(args));
    undo.push(() => handle.unsubscribe());
    await handle.connected;
    return {
      handle,
      calls,
      get latest() {
        return calls.at(-1)[0];
      },
      get loadedAll() {
        return calls.at(-1)[1];
      },
      /** Waits until the arguments of the latest callback meet a condition. */
      until: (condition, description) =>
        until(() => condition(...calls.at(-1)), `${description}: ${format(calls.at(-1)[0])}`),
    };
  };
  /** Asserts that these subscriptions get no callback during an action and for 150 ms after it. */
  const expectNoCalls = async (subscriptions, action, label = String(action)) => {
    const before = subscriptions.map(({ calls }) => calls.length);
    await action();
    await pause(150);
    same(
      subscriptions.map(({ calls }) => calls.length),
      before,
      `number of callbacks after ${label}`,
    );
  };
  return {
    getTalkSession,
    host,
    transport,
    options,
    rest,
    token,
    undo,
    uncaught,
    memory,
    id,
    users,
    chat,
    subscribe,
    expectNoCalls,
    changedKeys,
    ok,
    is,
    same,
    rejects,
    throws,
    rejectsWith,
    pause,
    until,
    clock: () => fakeClock(undo),
    /** Returns the session of a user of this case. */
    session: (more) => getTalkSession(options(more)),
    record: (prefix = `${host}/`) => record(undo, prefix),
  };
};

/** Reverts the global changes of a case and ends its subscriptions. */
export const cleanUp = (context) => {
  for (const revert of context.undo.splice(0).reverse()) revert();
};
