// What every case is given: sessions of users of its own, the REST API as a backend uses it, tokens, a recorder of
// what goes over the wire, and assertions that say what they found.

const SECRETS = {
  demo: "demo-secret",
  nosync: "browser-tests-nosync-0123456789abcdef",
  auth: "browser-tests-auth-0123456789abcdef",
};

const shown = (value) => {
  if (value instanceof Error) return `${value.name} ${value.code ?? ""}: ${value.message}`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};
const fail = (message) => {
  throw new Error(message);
};

const ok = (value, what) => value || fail(`not so: ${what}`);
const is = (got, wanted, what = "value") =>
  Object.is(got, wanted) || fail(`${what}: expected ${shown(wanted)}, got ${shown(got)}`);
/** Equal as JSON texts, so the order of keys counts, and `undefined` is not taken for absence. */
const same = (got, wanted, what = "value") => {
  const text = (value) => JSON.stringify(value, (_, one) => (one === undefined ? "(undefined)" : one));
  is(text(got), text(wanted), what);
};
/** What a promise rejects with. */
const rejection = async (promise, what = "promise") => {
  ok(promise instanceof Promise, `${what} is a promise`);
  const value = await promise.then(
    (value) => fail(`${what}: expected a rejection, got ${shown(value)}`),
    (error) => error,
  );
  return value;
};
/** What a call throws. */
const thrown = (call, what = String(call)) => {
  let value;
  try {
    value = call();
  } catch (error) {
    return error;
  }
  return fail(`${what}: expected a throw, got ${shown(value)}`);
};
const code = async (promise, wanted, what) => {
  const error = await rejection(promise, what);
  is(error.code, wanted, `${what ?? "promise"}, rejected with "${error.message}": code`);
  return error;
};

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const until = async (holds, what, patience = 10_000) => {
  const end = performance.now() + patience;
  while (!holds()) {
    if (performance.now() > end) fail(`in ${patience} ms it did not happen that ${what}`);
    await pause(10);
  }
};

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const encoded = (value) => base64url(new TextEncoder().encode(JSON.stringify(value)));

/** A user's token, signed here as a backend would. */
const token = async (user, { life = 3600, secret = SECRETS.auth, app = "auth" } = {}) => {
  const claims = { tokenType: "user", iss: app, sub: user, exp: Date.now() / 1000 + life };
  const text = `${encoded({ alg: "HS256", typ: "JWT" })}.${encoded(claims)}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, [
    "sign",
  ]);
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  return `${text}.${base64url(new Uint8Array(signature))}`;
};

/**
 * What goes from now on between sessions and addresses that begin so: the addresses, the sockets themselves, the texts
 * there, the texts back, the tokens.
 */
const record = (undo, wanted) => {
  const meant = (url) => url.replace(/^ws/, "http").startsWith(wanted);
  const sent = { sockets: [], open: [], calls: [], texts: [], heard: [], tokens: [] };
  const { WebSocket, fetch } = globalThis;
  globalThis.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols);
      if (!meant(url)) return;
      sent.sockets.push(url);
      sent.open.push(this);
      this.addEventListener("message", ({ data }) => sent.heard.push(data));
    }
    send(text) {
      if (meant(this.url)) sent.texts.push(text);
      super.send(text);
    }
  };
  globalThis.fetch = async function (...args) {
    const request = new Request(...args);
    // Other cases may have left a session behind that still tries its own server.
    if (!meant(request.url)) return fetch.call(globalThis, request);
    sent.calls.push(request.url);
    sent.tokens.push(request.headers.get("authorization"));
    sent.texts.push(await request.clone().text());
    const { status, headers, text } = await fetch.call(globalThis, request).then(async (response) => {
      // Read here and handed on: a clone would be aborted together with what it was cloned from.
      return { status: response.status, headers: response.headers, text: await response.text() };
    });
    sent.heard.push(text);
    return new Response(text, { status, headers });
  };
  undo.push(() => Object.assign(globalThis, { WebSocket, fetch }));
  return sent;
};

/** Time that a case can move on: what `setTimeout`, `performance.now` and `Date.now` say from now on. */
const clockwork = (undo) => {
  const { setTimeout, clearTimeout } = globalThis;
  const perf = performance.now.bind(performance);
  const date = Date.now;
  let moved = 0;
  const timers = new Map();
  const now = () => perf() + moved;
  globalThis.setTimeout = (call, wait = 0, ...rest) => {
    const go = () => timers.delete(id) && call(...rest);
    const id = setTimeout(go, wait);
    timers.set(id, { due: now() + wait, go });
    return id;
  };
  globalThis.clearTimeout = (id) => {
    timers.delete(id);
    clearTimeout(id);
  };
  performance.now = now;
  Date.now = () => date() + moved;
  undo.push(() => {
    Object.assign(globalThis, { setTimeout, clearTimeout });
    delete performance.now;
    Date.now = date;
  });
  return {
    /** The timers that are set. */
    timers,
    /** Moves on, and calls what has come due. */
    advance(milliseconds) {
      moved += milliseconds;
      for (const [id, { due, go }] of [...timers].sort(([, one], [, other]) => one.due - other.due)) {
        if (due > now() || !timers.has(id)) continue;
        clearTimeout(id);
        go();
      }
    },
  };
};

let made = 0;

/** The world of one case. */
export const world = (getTalkSession, host, transport, memory) => {
  const mark = `${transport}-${(++made).toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  const undo = [];
  const options = (more = {}) => ({ appId: "demo", userId: `me-${mark}`, host, transport, ...more });
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
  /** Collects what reaches the page as uncaught, instead of failing the run. */
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
  const id = (name) => `${name}-${mark}`;
  /** Sessions of users of this case, who exist and are called so. */
  const people = (...names) =>
    Promise.all(
      names.map(async (name) => {
        const session = getTalkSession(options({ userId: id(name) }));
        await session.currentUser.set({ name });
        return session;
      }),
    );
  /** A conversation between users of this case, in this order; its ref as each of them sees it. */
  const chat = async (...names) => {
    const sessions = await people(...names);
    const refs = sessions.map((session) => session.conversation(id("chat")));
    await refs[0].set({});
    for (const { currentUser } of sessions.slice(1)) await refs[0].participant(currentUser).set({});
    return { sessions, refs, path: `/conversations/${refs[0].id}` };
  };
  /** Subscribes, and keeps what the callback is given; resolves once there was a first snapshot. */
  const follow = async (open) => {
    const calls = [];
    const handle = open((...given) => void calls.push(given));
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
      /** Waits for a call that makes it so. */
      until: (holds, what) => until(() => holds(...calls.at(-1)), `${what}: ${shown(calls.at(-1)[0])}`),
    };
  };
  /** That nothing is told to these while something is done, nor for a while after. */
  const still = async (followed, act, what = String(act)) => {
    const before = followed.map(({ calls }) => calls.length);
    await act();
    await pause(150);
    same(
      followed.map(({ calls }) => calls.length),
      before,
      `the number of calls, after ${what}`,
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
    people,
    chat,
    follow,
    still,
    ok,
    is,
    same,
    rejection,
    thrown,
    code,
    pause,
    until,
    clock: () => clockwork(undo),
    /** A session of a user of this case. */
    session: (more) => getTalkSession(options(more)),
    record: (wanted = `${host}/`) => record(undo, wanted),
  };
};

export const tidy = (world) => {
  for (const back of world.undo.splice(0).reverse()) back();
};
