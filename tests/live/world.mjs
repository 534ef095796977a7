// A live store with a link that writes down what is asked of it, and frames as the server sends them.
import { Live } from "../../src/live/live.js";

/** Lets everything that is queued run. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A store, its link, and what the link was asked. */
export const world = () => {
  const asked = [];
  const pages = [];
  let ids = 0;
  const link = {
    subscribe(topic) {
      asked.push(["subscribe", topic]);
      return ++ids;
    },
    unsubscribe: (id) => void asked.push(["unsubscribe", id]),
    setWindow: (id, count) => void asked.push(["window", id, count]),
    loadPage: (topic, after, limit) =>
      new Promise((resolve, reject) =>
        pages.push({ topic, after, limit, resolve: (answer) => resolve(copy(answer)), reject }),
      ),
  };
  const live = new Live(link);
  // Every frame is a tree of its own, as JSON.parse makes it.
  for (const name of ["reset", "events", "update"]) {
    const take = live[name];
    live[name] = (frame) => take(copy({ t: name, ...frame }));
  }
  /** Opens a topic, and keeps what its callback is given. */
  const open = (topic, then) => {
    const calls = [];
    const handle = live.open(topic, (...given) => {
      calls.push(given);
      then?.(handle, ...given);
    });
    return Object.assign(handle, { calls, id: ids });
  };
  return { live, asked, pages, open, lastId: () => ids };
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

/** Messages from the newest down to the oldest, both included. */
export const messages = (conversationId, newest, oldest) =>
  Array.from({ length: newest - oldest + 1 }, (_, index) => message(conversationId, newest - index));

/** A list's value and bodies of these messages. */
export const list = (bodies, more, users = [user("ada")]) => ({
  value: { items: bodies.map(({ id }) => id), more },
  entities: { messages: bodies, users },
});

export const ids = (snapshots) => snapshots?.map(({ id }) => id);
export const numbers = (snapshots) => snapshots?.map(({ id }) => Number(id.slice(1)));
