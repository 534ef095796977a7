// A session of the packed SDK with a server that the tests control: a WebSocket class without a network.
import assert from "node:assert/strict";

import { getTalkSession, registerPolyfills } from "causerie";

// The socket of a session, whose server is the fixture of its app.
class Socket extends EventTarget {
  constructor(url) {
    super();
    this.readyState = 0;
    this.server = fixtures.get(/\/v1\/(\w+)\//.exec(url)[1]);
    queueMicrotask(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.dispatchEvent(new Event("open"));
    });
    this.server.accept(this);
  }
  send(text) {
    this.server.receive(JSON.parse(text));
  }
  /** Passes a frame of the server to the SDK, unless the connection is closed. */
  deliver(frame) {
    if (this.readyState !== 1) return;
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }
  close(code = 1005) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason: "", wasClean: true }));
  }
}

const fixtures = new Map();
registerPolyfills({ WebSocket: Socket });
// Later versions of Node have a WebSocket, which the polyfill does not replace.
globalThis.WebSocket = /** @type {any} */ (Socket);

/** Waits until all queued microtasks have run, and the frames that they send have arrived. */
export const settled = async () => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** Opens a handle on a topic, through the ref that has it. */
const subscribe = (session, topic, onSnapshot) => {
  const { kind, id, user: userId, message: messageId, emoji, filter } = topic;
  if (kind === "conversations") return session.subscribeConversations({ filter }, onSnapshot);
  if (kind === "user") return session.user(id).subscribe(onSnapshot);
  if (kind === "online") return session.user(id).subscribeOnline(onSnapshot);
  const one = session.conversation(id);
  if (kind === "participant") return one.participant(userId).subscribe(onSnapshot);
  if (kind === "reactions") return one.message(messageId).reactions(emoji).subscribe(onSnapshot);
  const methods = {
    conversation: "subscribe",
    messages: "subscribeMessages",
    participants: "subscribeParticipants",
    typing: "subscribeTyping",
  };
  return one[methods[kind]](onSnapshot);
};

/**
 * Returns a session of the SDK and the server that it is connected to.
 *
 * - `live` sends the frames of the server. Their `id` is the number of the subscription: 1 for the first
 *   topic that the SDK subscribed to, and so on. A frame for a subscription that the server does not have yet
 *   waits for one turn.
 * - `requests` has the SDK's `subscribe` and `unsubscribe` frames, without those that repeat a subscription
 *   on another connection: `resubscribed` has those of the last one, by the number of the subscription.
 * - `pages` has the requests for pages, and `asked` all others.
 */
export const fixture = () => {
  const app = `live${fixtures.size}`;
  const requests = [];
  const resubscribed = new Map();
  const pages = [];
  const asked = [];
  const numbers = new Map();
  const wireIds = new Map();
  let last = 0;
  let socket;
  const reply = (frame) => {
    const to = socket;
    queueMicrotask(() => to.deliver(frame));
  };
  const answered = {
    hello: () => reply({ t: "welcome", protocol: 1, epoch: "1", time: 0, pingInterval: 25_000 }),
    ping: () => reply({ t: "pong" }),
    subscribe({ id, topic, window, from }) {
      const known = numbers.get(id);
      if (known) return void resubscribed.set(known, { topic, window, from });
      numbers.set(id, ++last);
      wireIds.set(last, id);
      requests.push(["subscribe", topic]);
    },
    unsubscribe: ({ id }) => void requests.push(["unsubscribe", numbers.get(id)]),
    request({ id, op, params }) {
      const to = socket;
      const answer = (given) => to.deliver({ t: "result", id, ...given });
      const request = { resolve: answer, reject: (error) => answer({ error }) };
      if (op === "more") pages.push({ ...params, ...request });
      else asked.push({ op, params, ...request });
    },
  };
  fixtures.set(app, {
    accept: (made) => void (socket = made),
    receive: (frame) => answered[frame.t](frame),
  });

  const waiting = [];
  const deliver = (frame) => {
    if (!socket) return; // a server without a connection sends nothing
    if (frame.t === "end") {
      socket.deliver({ t: "error", error: frame.error });
      return socket.close(4403);
    }
    // No subscription ever has this id.
    const unknown = 4_000_000_000;
    socket.deliver("id" in frame ? { ...frame, id: wireIds.get(frame.id) ?? unknown } : frame);
  };
  const send = (frame) => {
    if (!waiting.length && socket?.readyState === 1 && (!("id" in frame) || wireIds.has(frame.id)))
      return deliver(frame);
    waiting.push(copy(frame));
    if (waiting.length === 1) setImmediate(() => waiting.splice(0).forEach(deliver));
  };
  const live = {
    reset: (frame) => send({ t: "reset", ...frame }),
    events: (frame) => send({ t: "events", ...frame }),
    update: (frame) => send({ t: "update", ...frame }),
    /** Ends a subscription. */
    ended: (id, error) => send({ t: "ended", id, error }),
    /** Ends the session. */
    end: (error) => send({ t: "end", error }),
    /** Closes the connection, as a server that restarts, and waits until the SDK has subscribed again. */
    async reconnect(pass) {
      resubscribed.clear();
      socket.close(4000);
      for (let second = 0; second < 60 && !resubscribed.size; second++) await pass(1_000);
    },
  };
  const session = getTalkSession({ host: "https://chat.example.com", appId: app, userId: "me" });
  /** Opens a topic, and records the arguments of its callback. */
  const open = (topic, then) => {
    const calls = [];
    const handle = subscribe(session, topic, (...given) => {
      calls.push(given);
      then?.(handle, ...given);
    });
    return Object.assign(handle, { calls });
  };
  const lastId = () => last;
  /** Forgets the subscriptions so far, so that a test can measure the memory of the SDK. */
  const forget = () => {
    requests.length = 0;
    numbers.clear();
    wireIds.clear();
  };
  return { live, session, requests, resubscribed, pages, asked, open, lastId, forget };
};

/** Returns an error as the server sends it. */
export const problem = (message = "no") => ({ code: "forbidden", message });

/**
 * Replaces the clock and the timers by ones that advance only when `pass` is called. `fired` returns how many
 * timers fired.
 */
export const clock = (t) => {
  let now = 1_000;
  let next = 0;
  let fired = 0;
  const timers = new Map();
  t.mock.method(performance, "now", () => now);
  t.mock.method(globalThis, "setTimeout", (call, wait) => {
    timers.set(++next, { call, at: now + wait });
    return next;
  });
  t.mock.method(globalThis, "clearTimeout", (timer) => void timers.delete(timer));
  const pass = async (milliseconds) => {
    await settled();
    const until = now + milliseconds;
    for (;;) {
      const due = [...timers]
        .filter(([, { at }]) => at <= until)
        .sort(([, one], [, other]) => one.at - other.at)[0];
      if (!due) break;
      timers.delete(due[0]);
      now = due[1].at;
      fired++;
      due[1].call();
      await settled();
    }
    now = until;
    await settled();
  };
  return { pass, timers, fired: () => fired };
};

export const copy = (value) => JSON.parse(JSON.stringify(value));

export const user = (id, more = {}) => ({
  id,
  name: id.toUpperCase(),
  custom: {},
  locale: "en",
  photoUrl: null,
  role: "default",
  welcomeMessage: null,
  ...more,
});

export const conversation = (id, more = {}) => ({
  id,
  subject: null,
  photoUrl: null,
  welcomeMessages: [],
  custom: {},
  createdAt: 1,
  joinedAt: 1,
  lastMessage: null,
  lastMessageAt: 1,
  unreadMessageCount: 0,
  readUntil: 1,
  everyoneReadUntil: 1,
  isUnread: false,
  access: "ReadWrite",
  notify: true,
  ...more,
});

export const message = (conversationId, number, more = {}) => ({
  id: `m${String(number).padStart(5, "0")}`,
  conversation: conversationId,
  type: "UserMessage",
  sender: "ada",
  createdAt: 1_000 + number,
  origin: "web",
  plaintext: `message ${number}`,
  content: [{ type: "text", children: [`message ${number}`] }],
  ...more,
});

/** Returns messages from the newest to the oldest number, both included. */
export const messages = (conversationId, newest, oldest) =>
  Array.from({ length: newest - oldest + 1 }, (_, index) => message(conversationId, newest - index));

/** Returns the value and the bodies of a list of these messages. */
export const list = (bodies, more, users = [user("ada")]) => ({
  value: { items: bodies.map(({ id }) => id), more },
  entities: { messages: bodies, users },
});

export const ids = (snapshots) => snapshots?.map(({ id }) => id);
export const numbers = (snapshots) => snapshots?.map(({ id }) => Number(id.slice(1)));

/** Returns a generator of pseudo-random numbers (mulberry32). */
export const generator = (seed) => {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  return { below, one: (list) => list[below(list.length)], likely: (probability) => next() < probability };
};

/** Returns the numbers from the newest to the oldest, both included. */
export const range = (newest, oldest) =>
  Array.from({ length: newest - oldest + 1 }, (_, index) => newest - index);

/** Returns a fixture with one handle on the newest 30 of 100 messages. */
export const thirty = async () => {
  const made = fixture();
  const subscription = made.open({ kind: "messages", id: "c1" });
  made.live.reset({ id: 1, ...list(messages("c1", 100, 71), true) });
  await settled();
  return { ...made, subscription };
};

/** Asserts that a value and all its parts are frozen. */
export const deeplyFrozen = (value, path = "snapshot") => {
  if (typeof value !== "object" || value === null) return;
  assert.ok(Object.isFrozen(value), `${path} is frozen`);
  for (const key of Object.keys(value)) deeplyFrozen(value[key], `${path}.${key}`);
};
