// A model of the server: its data, its frames, and the snapshots that a client should make of them.
import { conversation, copy, message, user } from "./fixture.mjs";

export const USERS = ["ada", "bob", "eve"];
export const CONVERSATIONS = ["c1", "c2", "c3"];
export const FIRST_WINDOW = { conversations: 20, messages: 30, participants: 10, reactions: 10 };
// The ids are ASCII; order.test.mjs has others.
const newestFirst = (one, other) =>
  other.at - one.at || (one.id === other.id ? 0 : one.id < other.id ? 1 : -1);
const oldestFirst = (one, other) =>
  one.at - other.at || (one.id === other.id ? 0 : one.id < other.id ? -1 : 1);

export const orderOf = ({ kind }) => (kind === "reactions" ? oldestFirst : newestFirst);

/** The server's data, the frames that it sends, and the snapshots that a client should make of them. */
export class Server {
  constructor(random, live) {
    this.random = random;
    this.live = live;
    this.handles = [];
    this.topics = new Map();
    this.clock = 1_000;
    this.number = 0;
    this.users = new Map(USERS.map((id) => [id, user(id)]));
    this.conversations = new Map();
    // Many conversations, so that the end of their list is not loaded; but changes in only three of them.
    for (const id of [...CONVERSATIONS, ...Array.from({ length: 50 }, (_, index) => `other${index}`)]) {
      this.conversations.set(id, {
        settings: { id, subject: id },
        joinedAt: ++this.clock,
        messages: new Map(),
        participants: new Map(),
        reactions: new Map(),
      });
    }
    for (const id of CONVERSATIONS) for (let count = 0; count < 70; count++) this.send(id);
    for (let index = 0; index < 40; index++) {
      this.users.set(`p${index}`, user(`p${index}`));
      this.conversations.get("c1").participants.set(`p${index}`, {
        user: `p${index}`,
        access: "Read",
        notify: true,
        joinedAt: ++this.clock,
      });
      this.conversations.get("c1").reactions.set(`p${index}`, { user: `p${index}`, createdAt: ++this.clock });
    }
  }

  last(state) {
    return [...state.messages.values()].at(-1);
  }
  conversation(id) {
    const state = this.conversations.get(id);
    const last = this.last(state);
    const lastMessageAt = last ? last.createdAt : state.joinedAt;
    return conversation(id, {
      ...state.settings,
      joinedAt: state.joinedAt,
      lastMessage: last?.id ?? null,
      lastMessageAt,
    });
  }
  /** Returns the bodies of a frame that names these entities. */
  bodies({ conversations = [], messages = [], users = [] }) {
    const named = new Map();
    const add = (body) => {
      if (!body) return;
      named.set(body.id, body);
      if (body.sender) users.push(body.sender);
    };
    for (const id of conversations) messages.push(this.last(this.conversations.get(id)));
    for (const body of messages) {
      add(body);
      if (body?.referencedMessage)
        add(this.conversations.get(body.conversation).messages.get(body.referencedMessage));
    }
    return {
      conversations: conversations.map((id) => this.conversation(id)),
      messages: [...named.values()],
      users: [...new Set(users)].map((id) => this.users.get(id)),
    };
  }
  /** Returns all entries of a list, in its order, with their cursors. */
  entries({ kind, id }) {
    const state = this.conversations.get(id);
    if (kind === "conversations") {
      const entry = (one) => ({
        id: one,
        at: Math.max(this.conversation(one).lastMessageAt, this.conversation(one).joinedAt),
        item: one,
      });
      return [...this.conversations.keys()].map(entry).sort(newestFirst);
    }
    if (kind === "messages")
      return [...state.messages.values()]
        .map(({ id: one, createdAt }) => ({ id: one, at: createdAt, item: one }))
        .sort(newestFirst);
    if (kind === "participants")
      return [...state.participants.values()]
        .map((item) => ({ id: item.user, at: item.joinedAt, item }))
        .sort(newestFirst);
    return [...state.reactions.values()]
      .map((item) => ({ id: item.user, at: item.createdAt, item }))
      .sort(oldestFirst);
  }
  bodiesOf(topic, items) {
    if (topic.kind === "conversations") return this.bodies({ conversations: [...items] });
    if (topic.kind === "messages")
      return this.bodies({ messages: items.map((id) => this.conversations.get(topic.id).messages.get(id)) });
    return this.bodies({ users: items.map((item) => item.user) });
  }
  page(topic, after, limit) {
    const order = orderOf(topic);
    const behind = this.entries(topic).filter((entry) => !after || order(after, entry) < 0);
    const items = behind.slice(0, limit).map(({ item }) => item);
    return { value: { items, more: behind.length > limit }, entities: this.bodiesOf(topic, items) };
  }
  /** Returns the number of entries that the client has of a list: as many as the longest snapshot. */
  loaded(number) {
    const shown = this.handles.filter((handle) => handle.number === number && handle.state.type === "active");
    const { kind } = this.topics.get(number);
    return Math.max(FIRST_WINDOW[kind] ?? 0, ...shown.map(({ state }) => state.latestSnapshot?.length ?? 0));
  }
  current(topic) {
    const limit = this.loaded(topic.number);
    if (FIRST_WINDOW[topic.kind]) return this.page(topic, undefined, limit);
    if (topic.kind === "user") return { value: topic.id, entities: this.bodies({ users: [topic.id] }) };
    return { value: topic.id, entities: this.bodies({ conversations: [topic.id] }) };
  }
  reset(number) {
    const topic = this.topics.get(number);
    topic.sent = true;
    const frame = this.current({ ...topic, number });
    this.live.reset({ id: number, ...frame });
    if (!frame.value.more) return;
    // Handles that showed more than the frame has keep as much as it has.
    const order = orderOf(topic);
    const end = this.entries(topic)[frame.value.items.length - 1];
    for (const handle of this.handles) {
      if (handle.number === number && (!handle.lowerBound || order(end, handle.lowerBound) < 0))
        handle.lowerBound = end;
    }
  }
  /** Sends a frame to every subscription of this topic that had its first reset. */
  publish(kind, id, changes, entities) {
    for (const [number, topic] of this.topics) {
      if (!topic.sent || topic.kind !== kind || (id && topic.id !== id)) continue;
      if (changes) this.live.events({ id: number, changes, entities });
      else this.reset(number);
    }
  }
  publishConversation(id) {
    this.publish("conversation", id);
    this.publish("conversations", undefined, [{ put: id }], this.bodies({ conversations: [id] }));
  }
  send(id) {
    const { random } = this;
    const { messages } = this.conversations.get(id);
    /** @type {ReturnType<typeof message> & { referencedMessage?: string, custom?: object }} */
    const made = message(id, ++this.number, {
      sender: random.one(USERS),
      createdAt: (this.clock += random.below(2)),
    });
    if (random.likely(0.4) && messages.size)
      made.referencedMessage = random.one([...messages.keys()].slice(-5));
    if (random.likely(0.3)) made.custom = { k: String(random.below(2)) };
    messages.set(made.id, made);
    this.publish("messages", id, [{ put: made.id }], this.bodies({ messages: [made] }));
    this.publishConversation(id);
  }
  edit(id, change) {
    const { messages } = this.conversations.get(id);
    if (!messages.size) return;
    const old = this.random.likely(0.7)
      ? this.random.one([...messages.values()].slice(-35))
      : this.random.one([...messages.values()]);
    const made = { ...copy(old), ...change(old) };
    messages.set(made.id, made);
    this.publish("messages", id, [{ put: made.id }], this.bodies({ messages: [made] }));
    // The conversation's frames update it as a last message, or as one that a last message references.
    this.publishConversation(id);
  }
  delete(id) {
    const { messages } = this.conversations.get(id);
    if (!messages.size) return;
    const gone = this.random.likely(0.5)
      ? this.random.one([...messages.keys()].slice(-3))
      : this.random.one([...messages.keys()]);
    messages.delete(gone);
    this.publish("messages", id, [{ drop: gone }]);
    this.publishConversation(id);
  }
  changeSomething() {
    const { random } = this;
    const id = random.one(CONVERSATIONS);
    const state = this.conversations.get(id);
    const choice = random.below(12);
    if (choice < 3) this.send(id);
    else if (choice === 3)
      this.edit(id, ({ plaintext }) => ({
        plaintext: `${plaintext}!`,
        content: [{ type: "text", children: [`${plaintext}!`, { type: "bold", children: ["b"] }] }],
        editedAt: ++this.clock,
      }));
    else if (choice === 4)
      this.edit(id, () => ({
        reactions: random.likely(0.5)
          ? [{ emoji: "👍", count: 1 + random.below(2), currentUserReacted: false }]
          : undefined,
      }));
    else if (choice === 5)
      this.edit(id, () => ({})); // without a change
    else if (choice === 6) this.delete(id);
    else if (choice === 7) {
      const one = random.one([...USERS, "p3"]);
      this.users.set(one, { ...this.users.get(one), name: `name ${random.below(3)}` });
      this.live.update({ entities: { users: [this.users.get(one)] } });
    } else if (choice === 8) {
      state.settings = {
        ...state.settings,
        subject: `subject ${random.below(2)}`,
        unreadMessageCount: random.below(3),
      };
      this.publishConversation(id);
    } else if (choice === 9) {
      const one = `p${random.below(45)}`;
      const { participants } = this.conversations.get("c1");
      this.users.set(one, this.users.get(one) ?? user(one));
      if (participants.has(one) && random.likely(0.5)) {
        participants.delete(one);
        this.publish("participants", "c1", [{ drop: one }]);
      } else {
        const part = {
          user: one,
          access: random.one(["Read", "ReadWrite"]),
          notify: true,
          joinedAt: participants.get(one)?.joinedAt ?? ++this.clock,
        };
        participants.set(one, part);
        this.publish("participants", "c1", [{ put: part }], this.bodies({ users: [one] }));
      }
    } else if (choice === 10) {
      const one = `p${random.below(45)}`;
      const { reactions } = this.conversations.get("c1");
      this.users.set(one, this.users.get(one) ?? user(one));
      if (reactions.delete(one)) this.publish("reactions", "c1", [{ drop: one }]);
      else {
        reactions.set(one, { user: one, createdAt: ++this.clock });
        this.publish("reactions", "c1", [{ put: reactions.get(one) }], this.bodies({ users: [one] }));
      }
    } else if (random.likely(0.3)) {
      // The connection was lost: a reset, of as much as was loaded.
      for (const [number, topic] of this.topics) if (topic.sent) this.reset(number);
    }
  }

  // The snapshots that a client should show, built without any cache.
  showUser = (id) => (id ? { ...this.users.get(id) } : null);
  showMessage(body) {
    const { messages } = this.conversations.get(body.conversation);
    const plain = ({
      id,
      type,
      sender,
      custom = {},
      createdAt,
      editedAt = null,
      origin,
      plaintext,
      content,
      reactions = [],
    }) => ({
      id,
      type,
      sender: this.showUser(sender),
      custom,
      createdAt,
      editedAt,
      origin,
      plaintext,
      content,
      reactions,
    });
    const referenced = messages.get(body.referencedMessage);
    return {
      ...plain(body),
      referencedMessage: referenced
        ? { ...plain(referenced), referencedMessageId: referenced.referencedMessage ?? null }
        : null,
    };
  }
  showConversation(id) {
    const body = this.conversation(id);
    const last = this.last(this.conversations.get(id));
    return { ...body, lastMessage: last ? this.showMessage(last) : null };
  }
  show(topic, item) {
    if (topic.kind === "user") return this.showUser(item);
    if (topic.kind.startsWith("conversation")) return this.showConversation(item);
    if (topic.kind === "messages")
      return this.showMessage(this.conversations.get(topic.id).messages.get(item));
    return { ...item, user: this.showUser(item.user) };
  }
}
