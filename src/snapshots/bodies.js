// Bodies, as the server sends them, and the snapshots that are made of them.
//
// A body comes with a frame and is kept under a key → its snapshot is built when somebody looks, out of the body and of
// the snapshots of its parts (a message's sender, a conversation's last message) → it is built again only after the body
// or a part may have changed, and what comes out alike is the old object. So "nothing changed" is `===`, all the way down.

import {
  ConversationSnapshot,
  MessageSnapshot,
  ParticipantSnapshot,
  ReferencedMessageSnapshot,
  UserSnapshot,
  own,
} from "./snapshots.js";

const { freeze, isFrozen, keys, values } = Object;

/** The old value where the new one says the same; else the new one, frozen, with each part of the old that is alike. */
const settle = (old, value) => {
  if (typeof value !== "object" || old === value || value === null) return value;
  if (!old) {
    // Quicker, for most of what comes is new.
    for (const part of values(value)) settle(old, part);
    return freeze(value);
  }
  if (isFrozen(value)) return value;
  const names = keys(value);
  let same = old.constructor === value.constructor && keys(old).length === names.length;
  for (const name of names) {
    const before = old[name];
    const part = settle(before, value[name]);
    if (part !== before) same = false;
    if (part !== value[name]) value[name] = part;
  }
  return same ? old : freeze(value);
};

// Where a body is kept: a user under the id alone, a message under its conversation's id as well, a conversation under none
// but its own, and what is no entity under its topic. No id has a line's end in it.
const keyOf = (kind, id, scope = "") => (kind === "users" ? id : scope + "\n" + id);

/** The bodies of a session, or of one answer. */
export function Bodies() {
  let kept = new Map();
  // While bodies are swept: where those lie that nobody has looked at yet.
  let old = kept;
  let sweepAt = 256;
  // Counts the changes of what other bodies have for a part: users and messages. A snapshot of this epoch is up to date.
  let epoch = 1;

  const hold = (entry) => {
    if (entry) kept.set(entry.key, entry);
    return entry;
  };
  const find = (key) => kept.get(key) ?? (old === kept ? undefined : hold(old.get(key)));

  /** The snapshot of an entry, or `null`. */
  const view = (entry) => {
    if (!entry) return null;
    if (entry.epoch !== epoch) {
      entry.epoch = epoch;
      if (old !== kept) hold(entry);
      const built = build[entry.kind](entry.body, entry.snapshot);
      entry.snapshot = entry.snapshot ? settle(entry.snapshot, built) : freeze(built);
    }
    return entry.snapshot;
  };

  const user = (id) => (id ? view(find(id)) : null);
  const message = (id, conversation) => id && find(keyOf("messages", id, conversation));

  const build = {
    users: (body) => new UserSnapshot(own, body),
    messages: (body, before) => {
      const answered = message(body.referencedMessage, body.conversation);
      return new MessageSnapshot(
        own,
        body,
        user(body.sender),
        answered
          ? settle(
              before?.referencedMessage,
              new ReferencedMessageSnapshot(own, answered.body, user(answered.body.sender)),
            )
          : null,
      );
    },
    // Of a last message that was deleted, the conversation's next body will tell; until then it is not taken for none.
    conversations: (body, before) =>
      new ConversationSnapshot(
        own,
        body,
        body.lastMessage && (view(message(body.lastMessage, body.id)) ?? before?.lastMessage),
      ),
    participants: (body) => new ParticipantSnapshot(own, body, user(body.user)),
    onlines: (body) => ({ user: user(body.user), isConnected: body.isConnected }),
    reactions: (body) => ({ user: user(body.user), createdAt: body.createdAt }),
    typings: (body, before) =>
      body.many ? { many: true } : { many: false, users: settle(before?.users, body.users.map(user)) },
  };

  // Keeps a body, and tells if it is a change of one that was there.
  const put = (kind, key, body, changed) => {
    const entry = find(key);
    if (!entry) {
      for (const part of values(body)) settle(0, part);
      return hold({ kind, key, body });
    }
    body = settle(entry.body, body);
    if (entry.body !== body) {
      entry.body = body;
      entry.epoch = 0;
      changed?.(kind, body);
    }
    return entry;
  };

  // Lets a deleted message go.
  const forget = (id, conversation) => {
    if (kept.delete(keyOf("messages", id, conversation))) epoch++;
  };

  return {
    view,
    forget,

    /** Keeps the bodies of a frame, and tells which of those that were there have changed. */
    learn(entities, changed) {
      const tell = (kind, body) => {
        if (kind !== "conversations") epoch++;
        changed?.(kind, body);
      };
      for (const kind in entities) {
        if (build[kind])
          for (const body of entities[kind]) put(kind, keyOf(kind, body.id, body.conversation), body, tell);
      }
    },

    /**
     * The entry of a value of this kind that a frame names: an id, or a body of its own, which is kept. With a message, or
     * a conversation's last one, comes the message that it answers, or else that one was deleted.
     */
    name(kind, item, conversation, scope, entities) {
      if (!kind.endsWith("s")) kind += "s";
      if (typeof item !== "string") return put(kind, keyOf(kind, item.user, scope + "\n"), item);
      const entry = find(keyOf(kind, item, kind === "messages" ? conversation : ""));
      const said = kind === "conversations" ? message(entry?.body.lastMessage, item)?.body : entry?.body;
      const answered = said?.referencedMessage;
      if (answered && entities?.messages?.every(({ id }) => id !== answered))
        forget(answered, said.conversation);
      return entry;
    },

    /** Lets go, each time their number has doubled, of the bodies that nobody has: `look` views all that are needed. */
    sweep(look) {
      if (kept.size < sweepAt) return;
      old = kept;
      kept = new Map();
      epoch++;
      look();
      old = kept;
      sweepAt = 2 * kept.size + 256;
    },
  };
}
