// A server that keeps everything and a naive client that rebuilds everything, beside the real one: random histories from a
// seed, over a line on which pages come late. After every turn:
// - each handle shows what a rebuild from the server's truth shows, in its range of the list, deeply equal;
// - a callback ran exactly if what its handle shows is not what it showed before;
// - whatever part of a snapshot says the same as it did before is the same object.
// Run a seed again with SEED=n.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { conversation, copy, message, settled, user, world } from "./world.mjs";

const chance = (seed) => {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  return { below, one: (list) => list[below(list.length)], likely: (part) => next() < part };
};

const USERS = ["ada", "bob", "eve"];
const TALKS = ["c1", "c2", "c3"];
const FIRST = { conversations: 20, messages: 30, participants: 10, reactions: 10 };
const newestFirst = (one, other) =>
  other.at - one.at || (one.id === other.id ? 0 : one.id < other.id ? 1 : -1);
const oldestFirst = (one, other) =>
  one.at - other.at || (one.id === other.id ? 0 : one.id < other.id ? -1 : 1);

const orderOf = ({ kind }) => (kind === "reactions" ? oldestFirst : newestFirst);

/** The server's truth, the frames it sends, and what a client should make of it. */
class Server {
  constructor(random, live) {
    Object.assign(this, { random, live, handles: [], topics: new Map(), clock: 1_000, number: 0 });
    this.users = new Map(USERS.map((id) => [id, user(id)]));
    this.talks = new Map();
    // Many conversations, so that their list has an end that is not loaded; but only three in which much happens.
    for (const id of [...TALKS, ...Array.from({ length: 50 }, (_, index) => `other${index}`)]) {
      this.talks.set(id, {
        settings: { id, subject: id },
        joinedAt: ++this.clock,
        messages: new Map(),
        participants: new Map(),
        reactions: new Map(),
      });
    }
    for (const id of TALKS) for (let count = 0; count < 70; count++) this.send(id);
    for (let index = 0; index < 40; index++) {
      this.users.set(`p${index}`, user(`p${index}`));
      this.talks.get("c1").participants.set(`p${index}`, {
        user: `p${index}`,
        access: "Read",
        notify: true,
        joinedAt: ++this.clock,
      });
      this.talks.get("c1").reactions.set(`p${index}`, { user: `p${index}`, createdAt: ++this.clock });
    }
  }

  last(talk) {
    return [...talk.messages.values()].at(-1);
  }
  conversation(id) {
    const talk = this.talks.get(id);
    const last = this.last(talk);
    const lastMessageAt = last ? last.createdAt : talk.joinedAt;
    return conversation(id, {
      ...talk.settings,
      joinedAt: talk.joinedAt,
      lastMessage: last?.id ?? null,
      lastMessageAt,
    });
  }
  /** The bodies that a frame carries with what it names. */
  bodies({ talks = [], messages = [], users = [] }) {
    const named = new Map();
    const add = (body) => {
      if (!body) return;
      named.set(body.id, body);
      if (body.sender) users.push(body.sender);
    };
    for (const id of talks) messages.push(this.last(this.talks.get(id)));
    for (const body of messages) {
      add(body);
      if (body?.referencedMessage)
        add(this.talks.get(body.conversation).messages.get(body.referencedMessage));
    }
    return {
      conversations: talks.map((id) => this.conversation(id)),
      messages: [...named.values()],
      users: [...new Set(users)].map((id) => this.users.get(id)),
    };
  }
  /** All entries of a list, in its order, with their places. */
  entries({ kind, id }) {
    const talk = this.talks.get(id);
    if (kind === "conversations") {
      const place = (one) => ({
        id: one,
        at: Math.max(this.conversation(one).lastMessageAt, this.conversation(one).joinedAt),
        item: one,
      });
      return [...this.talks.keys()].map(place).sort(newestFirst);
    }
    if (kind === "messages")
      return [...talk.messages.values()]
        .map(({ id: one, createdAt }) => ({ id: one, at: createdAt, item: one }))
        .sort(newestFirst);
    if (kind === "participants")
      return [...talk.participants.values()]
        .map((item) => ({ id: item.user, at: item.joinedAt, item }))
        .sort(newestFirst);
    return [...talk.reactions.values()]
      .map((item) => ({ id: item.user, at: item.createdAt, item }))
      .sort(oldestFirst);
  }
  carried(topic, items) {
    if (topic.kind === "conversations") return this.bodies({ talks: [...items] });
    if (topic.kind === "messages")
      return this.bodies({ messages: items.map((id) => this.talks.get(topic.id).messages.get(id)) });
    return this.bodies({ users: items.map((item) => item.user) });
  }
  page(topic, after, limit) {
    const order = orderOf(topic);
    const behind = this.entries(topic).filter((entry) => !after || order(after, entry) < 0);
    const items = behind.slice(0, limit).map(({ item }) => item);
    return { value: { items, more: behind.length > limit }, entities: this.carried(topic, items) };
  }
  whole(topic) {
    const limit = Math.max(FIRST[topic.kind] ?? 0, this.topics.get(topic.number)?.count ?? 0);
    if (FIRST[topic.kind]) return this.page(topic, undefined, limit);
    if (topic.kind === "user") return { value: topic.id, entities: this.bodies({ users: [topic.id] }) };
    return { value: topic.id, entities: this.bodies({ talks: [topic.id] }) };
  }
  reset(number) {
    const topic = this.topics.get(number);
    topic.sent = true;
    const answer = this.whole({ ...topic, number });
    this.live.reset({ id: number, ...answer });
    if (!answer.value.more) return;
    // Handles that had more keep what the answer has.
    const order = orderOf(topic);
    const end = this.entries(topic)[answer.value.items.length - 1];
    for (const handle of this.handles) {
      if (handle.number === number && (!handle.low || order(end, handle.low) < 0)) handle.low = end;
    }
  }
  /** Tells every subscription that has its first answer. */
  tell(kind, id, changes, entities) {
    for (const [number, topic] of this.topics) {
      if (!topic.sent || topic.kind !== kind || (id && topic.id !== id)) continue;
      if (changes) this.live.events({ id: number, changes, entities });
      else this.reset(number);
    }
  }
  talkChanged(id) {
    this.tell("conversation", id);
    this.tell("conversations", undefined, [{ put: id }], this.bodies({ talks: [id] }));
  }
  send(id) {
    const { random } = this;
    const { messages } = this.talks.get(id);
    const made = message(id, ++this.number, {
      sender: random.one(USERS),
      createdAt: (this.clock += random.below(2)),
    });
    if (random.likely(0.4) && messages.size)
      made.referencedMessage = random.one([...messages.keys()].slice(-5));
    if (random.likely(0.3)) made.custom = { k: String(random.below(2)) };
    messages.set(made.id, made);
    this.tell("messages", id, [{ put: made.id }], this.bodies({ messages: [made] }));
    this.talkChanged(id);
  }
  edit(id, change) {
    const { messages } = this.talks.get(id);
    if (!messages.size) return;
    const old = this.random.likely(0.7)
      ? this.random.one([...messages.values()].slice(-35))
      : this.random.one([...messages.values()]);
    const made = { ...copy(old), ...change(old) };
    messages.set(made.id, made);
    this.tell("messages", id, [{ put: made.id }], this.bodies({ messages: [made] }));
    // Whoever shows it as a last message, or inside one, has it from the conversation's frames.
    this.talkChanged(id);
  }
  delete(id) {
    const { messages } = this.talks.get(id);
    if (!messages.size) return;
    const gone = this.random.likely(0.5)
      ? this.random.one([...messages.keys()].slice(-3))
      : this.random.one([...messages.keys()]);
    messages.delete(gone);
    this.tell("messages", id, [{ drop: gone }]);
    this.talkChanged(id);
  }
  happen() {
    const { random } = this;
    const id = random.one(TALKS);
    const talk = this.talks.get(id);
    const what = random.below(12);
    if (what < 3) this.send(id);
    else if (what === 3)
      this.edit(id, ({ plaintext }) => ({
        plaintext: `${plaintext}!`,
        content: [{ type: "text", children: [`${plaintext}!`, { type: "bold", children: ["b"] }] }],
        editedAt: ++this.clock,
      }));
    else if (what === 4)
      this.edit(id, () => ({
        reactions: random.likely(0.5)
          ? [{ emoji: "👍", count: 1 + random.below(2), currentUserReacted: false }]
          : undefined,
      }));
    else if (what === 5)
      this.edit(id, () => ({})); // says the same again
    else if (what === 6) this.delete(id);
    else if (what === 7) {
      const one = random.one([...USERS, "p3"]);
      this.users.set(one, { ...this.users.get(one), name: `name ${random.below(3)}` });
      this.live.update({ entities: { users: [this.users.get(one)] } });
    } else if (what === 8) {
      talk.settings = {
        ...talk.settings,
        subject: `subject ${random.below(2)}`,
        unreadMessageCount: random.below(3),
      };
      this.talkChanged(id);
    } else if (what === 9) {
      const one = `p${random.below(45)}`;
      const { participants } = this.talks.get("c1");
      this.users.set(one, this.users.get(one) ?? user(one));
      if (participants.has(one) && random.likely(0.5)) {
        participants.delete(one);
        this.tell("participants", "c1", [{ drop: one }]);
      } else {
        const part = {
          user: one,
          access: random.one(["Read", "ReadWrite"]),
          notify: true,
          joinedAt: participants.get(one)?.joinedAt ?? ++this.clock,
        };
        participants.set(one, part);
        this.tell("participants", "c1", [{ put: part }], this.bodies({ users: [one] }));
      }
    } else if (what === 10) {
      const one = `p${random.below(45)}`;
      const { reactions } = this.talks.get("c1");
      this.users.set(one, this.users.get(one) ?? user(one));
      if (reactions.delete(one)) this.tell("reactions", "c1", [{ drop: one }]);
      else {
        reactions.set(one, { user: one, createdAt: ++this.clock });
        this.tell("reactions", "c1", [{ put: reactions.get(one) }], this.bodies({ users: [one] }));
      }
    } else if (random.likely(0.3)) {
      // The connection was lost: a whole answer, of as much as was loaded.
      for (const [number, topic] of this.topics) if (topic.sent) this.reset(number);
    }
  }

  // What a client should show of a thing: everything anew, by nobody's cache.
  showUser = (id) => (id ? { ...this.users.get(id) } : null);
  showMessage(body) {
    const of = this.talks.get(body.conversation).messages;
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
    const referenced = of.get(body.referencedMessage);
    return {
      ...plain(body),
      referencedMessage: referenced
        ? { ...plain(referenced), referencedMessageId: referenced.referencedMessage ?? null }
        : null,
    };
  }
  showConversation(id) {
    const body = this.conversation(id);
    const last = this.last(this.talks.get(id));
    return { ...body, lastMessage: last ? this.showMessage(last) : null };
  }
  show(topic, item) {
    if (topic.kind === "user") return this.showUser(item);
    if (topic.kind.startsWith("conversation")) return this.showConversation(item);
    if (topic.kind === "messages") return this.showMessage(this.talks.get(topic.id).messages.get(item));
    return { ...item, user: this.showUser(item.user) };
  }
}

/** Plain data, without classes. */
const plain = (value) => copy(value);

/** Every part that says the same as before is the same object. */
const sameParts = (before, after, path) => {
  if (
    typeof before !== "object" ||
    typeof after !== "object" ||
    before === null ||
    after === null ||
    before === after
  )
    return;
  assert.ok(!isDeepStrictEqual(before, after), `${path} says the same and is another object`);
  if (Array.isArray(before) && before[0]?.id + before[0]?.user?.id) {
    const key = (one) => one?.id ?? one?.user?.id;
    const known = new Map(before.map((one) => [key(one), one]));
    for (const one of after)
      if (known.has(key(one))) sameParts(known.get(key(one)), one, `${path}[${key(one)}]`);
    return;
  }
  // A reference to another thing is another thing.
  if (before.id !== after.id) return;
  for (const name of Object.keys(after)) sameParts(before[name], after[name], `${path}.${name}`);
};

const TOPICS = [
  { kind: "conversations" },
  ...TALKS.flatMap((id) => [
    { kind: "messages", id },
    { kind: "conversation", id },
  ]),
  { kind: "participants", id: "c1" },
  { kind: "reactions", id: "c1", message: "m", emoji: "👍" },
  ...USERS.map((id) => ({ kind: "user", id })),
];

const run = async (seed, turns) => {
  const random = chance(seed);
  const made = world();
  const server = new Server(random, made.live);
  const { handles } = server;
  let seen = 0;
  const check = (turn) => {
    for (const handle of handles) {
      const where = `seed ${seed}, turn ${turn}, ${JSON.stringify(handle.topic)}`;
      const { state, calls, shown } = handle;
      const news = calls.splice(0);
      if (state.type !== "active") {
        assert.equal(news.length, 0, where);
        continue;
      }
      let expected;
      if (FIRST[handle.topic.kind]) {
        const order = orderOf(handle.topic);
        const entries = server.entries(handle.topic);
        // The range grows by what was asked for, and reaches as far as it was told.
        const within = entries.filter((entry) => !handle.low || order(entry, handle.low) <= 0);
        if (handle.grown) {
          const behind = entries.slice(within.length, within.length + handle.grown);
          within.push(...behind);
          handle.grown = 0;
        }
        handle.low = within.length === entries.length ? undefined : (within.at(-1) ?? handle.low);
        expected = within.map(({ item }) => server.show(handle.topic, item));
        if (state.loadedAll) assert.equal(state.latestSnapshot.length, entries.length, where);
      } else expected = server.show(handle.topic, handle.topic.id);
      assert.deepStrictEqual(plain(state.latestSnapshot), plain(expected), where);
      sameParts(shown?.latestSnapshot, state.latestSnapshot, where);
      if (shown === state) assert.equal(news.length, 0, `${where}: a call without a change`);
      else assert.equal(news.length, 1, `${where}: ${news.length} calls for a change`);
      if (shown && shown !== state) {
        assert.ok(
          shown.latestSnapshot !== state.latestSnapshot || shown.loadedAll !== state.loadedAll,
          `${where}: a state without a change`,
        );
      }
      seen += news.length;
      handle.shown = state;
    }
  };
  for (let turn = 0; turn < turns; turn++) {
    const step = random.below(10);
    if (step < 1 && handles.length < 20) {
      const topic = random.one(TOPICS);
      const known = made.lastId();
      const handle = Object.assign(made.open(topic), {
        topic,
        grown: FIRST[topic.kind] ?? 0,
        low: { at: topic.kind === "reactions" ? -Infinity : Infinity, id: "" },
      });
      handles.push(handle);
      if (made.lastId() > known) server.topics.set(made.lastId(), { ...topic, key: topic });
      [handle.number] = [...server.topics].find(([, { key }]) => key === topic);
    } else if (step < 2 && handles.length > 8) {
      const [handle] = handles.splice(random.below(handles.length), 1);
      handle.unsubscribe();
      const [, gone] = made.asked.find(([what]) => what === "unsubscribe") ?? [];
      server.topics.delete(gone);
    } else {
      // Several things in one turn.
      for (let count = 1 + random.below(3); count > 0; count--) server.happen();
    }
    // First answers come when they come.
    for (const [number, topic] of server.topics) if (!topic.sent && random.likely(0.5)) server.reset(number);
    for (const [what, number, count] of made.asked.splice(0)) {
      if (what === "window" && server.topics.has(number)) server.topics.get(number).count = count;
    }
    await settled();
    // Loading more: the page is read now, and comes after other things have happened, or before.
    const lists = handles.filter(({ loadMore, state }) => loadMore && state.type === "active");
    if (lists.length && random.likely(0.2)) {
      check(turn);
      const handle = random.one(lists);
      const count = 1 + random.below(10);
      const before = handle.state.latestSnapshot.length;
      const loaded = handle.loadMore(count);
      await settled();
      for (let rounds = 0; made.pages.length && rounds < 20; rounds++) {
        const { topic, after, limit, resolve } = made.pages.shift();
        const answer = copy(server.page(topic, after, limit));
        if (random.likely(0.5)) server.happen();
        resolve(answer);
        await settled();
      }
      await loaded;
      // Which entries came meanwhile, in front or behind, is not modelled: how far the range reaches is taken from what is
      // shown, at least as far as was asked for, and held to from here.
      const reaches = handle.state.latestSnapshot.length;
      const whole = server.entries(handle.topic).length;
      assert.ok(
        reaches >= Math.min(before + count - 20, whole),
        `seed ${seed}, turn ${turn}: too few were loaded`,
      );
      for (const other of handles) {
        other.calls.length = 0;
        if (other.state.type !== "active") continue;
        other.shown = other.state;
        if (other !== handle && !other.grown) continue;
        other.grown = 0;
        const entries = FIRST[other.topic.kind] ? server.entries(other.topic) : [];
        const { length } = other.state.latestSnapshot ?? [];
        other.low = length === entries.length ? undefined : entries[length - 1];
      }
      check(turn);
      continue;
    }
    made.pages
      .splice(0)
      .forEach(({ topic, after, limit, resolve }) => resolve(copy(server.page(topic, after, limit))));
    await settled();
    check(turn);
  }
  return seen;
};

const seeds = process.env.SEED
  ? [Number(process.env.SEED)]
  : Array.from({ length: 12 }, (_, index) => index + 1);
test(`random histories, seeds ${seeds[0]} to ${seeds.at(-1)}`, async () => {
  let seen = 0;
  for (const seed of seeds) seen += await run(seed, 120);
  assert.ok(seen > seeds.length * 50, `only ${seen} snapshots were compared`);
});
