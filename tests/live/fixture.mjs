// A `Live` object with a link that records its calls, and frames as the server sends them.
import assert from "node:assert/strict";

import { Live as liveFunction } from "../../src/live/live.js";

/** `Live` as a constructor, as the wasm module calls it. */
export const Live = /** @type {new (link: object) => ReturnType<typeof liveFunction>} */ (
  /** @type {unknown} */ (liveFunction)
);

/** Waits until all queued microtasks have run. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Returns a `Live` object, the calls of its link, and the pages that it requested. */
export const fixture = () => {
  const requests = [];
  const pages = [];
  let ids = 0;
  const link = {
    subscribe(topic) {
      requests.push(["subscribe", topic]);
      return ++ids;
    },
    unsubscribe: (id) => void requests.push(["unsubscribe", id]),
    setWindow: (id, count) => void requests.push(["window", id, count]),
    loadPage: (topic, after, limit) =>
      new Promise((resolve, reject) =>
        pages.push({ topic, after, limit, resolve: (result) => resolve(copy(result)), reject }),
      ),
  };
  const live = new Live(link);
  // Each frame is a new object, as JSON.parse returns it.
  for (const name of ["reset", "events", "update"]) {
    const handle = live[name];
    live[name] = (frame) => handle(copy({ t: name, ...frame }));
  }
  /** Opens a topic, and records the arguments of its callback. */
  const open = (topic, then) => {
    const calls = [];
    const handle = live.open(topic, (...given) => {
      calls.push(given);
      then?.(handle, ...given);
    });
    return Object.assign(handle, { calls, id: ids });
  };
  return { live, requests, pages, open, lastId: () => ids };
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
