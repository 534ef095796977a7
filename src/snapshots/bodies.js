// Bodies, as the server sends them, and the snapshots that are made of them.
//
// A body comes with a frame and is stored under a key → its snapshot is built when it is first viewed, from
// the body and the snapshots of its parts (a message's sender, a conversation's last message) → it is built
// again only after the body or a part may have changed, and each part that is equal to the previous one stays
// the same object. So an unchanged snapshot, or part of one, is `===` to the previous one.

import {
  CONSTRUCT,
  ConversationSnapshot,
  MessageSnapshot,
  ParticipantSnapshot,
  ReferencedMessageSnapshot,
  UserSnapshot,
} from "./snapshots.js";

const { freeze, isFrozen, keys, values } = Object;

/**
 * Returns the old value if the new one is deeply equal; else the new one, frozen, with every part that is
 * equal to the old one's replaced by it.
 */
const reuse = (old, value) => {
  if (typeof value !== "object" || old === value || value === null) return value;
  if (!old) {
    // A faster path for new values, which are most of them.
    for (const part of values(value)) reuse(old, part);
    return freeze(value);
  }
  if (isFrozen(value)) return value;
  const names = keys(value);
  let same = old.constructor === value.constructor && keys(old).length === names.length;
  for (const name of names) {
    const before = old[name];
    const part = reuse(before, value[name]);
    if (part !== before) same = false;
    if (part !== value[name]) value[name] = part;
  }
  return same ? old : freeze(value);
};

// The key of a body: a user's is the id, a message's also contains the conversation's id, and one that is no
// entity (a participant, a reaction, …) is stored under its topic. Ids contain no line feeds.
const keyOf = (kind, id, scope = "") => (kind === "users" ? id : scope + "\n" + id);

/** The bodies of a session, or of one result. */
export function Bodies() {
  let entries = new Map();
  // During a sweep: the entries that have not been viewed yet.
  let old = entries;
  let sweepAt = 256;
  // The revision of everything that can be part of another body: users and messages. A snapshot of this
  // revision is up to date.
  let revision = 1;

  const store = (entry) => {
    if (entry) entries.set(entry.key, entry);
    return entry;
  };
  const find = (key) => entries.get(key) ?? (old === entries ? undefined : store(old.get(key)));

  /** Returns the snapshot of an entry, or `null` if there is no entry. */
  const view = (entry) => {
    if (!entry) return null;
    if (entry.revision !== revision) {
      entry.revision = revision;
      if (old !== entries) store(entry);
      const built = build[entry.kind](entry.body, entry.snapshot);
      entry.snapshot = entry.snapshot ? reuse(entry.snapshot, built) : freeze(built);
    }
    return entry.snapshot;
  };

  const user = (id) => (id ? view(find(id)) : null);
  const message = (id, conversation) => id && find(keyOf("messages", id, conversation));

  const build = {
    users: (body) => new UserSnapshot(CONSTRUCT, body),
    messages: (body, before) => {
      const referenced = message(body.referencedMessage, body.conversation);
      return new MessageSnapshot(
        CONSTRUCT,
        body,
        user(body.sender),
        referenced
          ? reuse(
              before?.referencedMessage,
              new ReferencedMessageSnapshot(CONSTRUCT, referenced.body, user(referenced.body.sender)),
            )
          : null,
      );
    },
    // After the last message is deleted, the conversation's next body names another one. Until that body
    // comes, the snapshot keeps the deleted message, rather than show a conversation without messages.
    conversations: (body, before) =>
      new ConversationSnapshot(
        CONSTRUCT,
        body,
        body.lastMessage && (view(message(body.lastMessage, body.id)) ?? before?.lastMessage),
      ),
    participants: (body) => new ParticipantSnapshot(CONSTRUCT, body, user(body.user)),
    onlines: (body) => ({ user: user(body.user), isConnected: body.isConnected }),
    reactions: (body) => ({ user: user(body.user), createdAt: body.createdAt }),
    typings: (body, before) =>
      body.many ? { many: true } : { many: false, users: reuse(before?.users, body.users.map(user)) },
  };

  // Stores a body, and calls `onChange` if it differs from the stored one.
  const put = (kind, key, body, onChange) => {
    const entry = find(key);
    if (!entry) {
      for (const part of values(body)) reuse(0, part);
      return store({ kind, key, body });
    }
    body = reuse(entry.body, body);
    if (entry.body !== body) {
      entry.body = body;
      entry.revision = 0;
      onChange?.(kind, body);
    }
    return entry;
  };

  // Removes a deleted message.
  const forget = (id, conversation) => {
    if (entries.delete(keyOf("messages", id, conversation))) revision++;
  };

  return {
    view,
    forget,

    /** Stores the bodies of a frame, and calls `onChange` for each that differs from the stored one. */
    ingest(entities, onChange) {
      const changed = (kind, body) => {
        if (kind !== "conversations") revision++;
        onChange?.(kind, body);
      };
      for (const kind in entities) {
        if (build[kind])
          for (const body of entities[kind])
            put(kind, keyOf(kind, body.id, body.conversation), body, changed);
      }
    },

    /**
     * Returns the entry of a value in a frame: the id of a stored body, or a body of its own, which is
     * stored. A frame that names a message, or a conversation with a last message, also has the message which
     * that one references, unless it was deleted.
     */
    resolve(kind, item, conversation, scope, entities) {
      if (!kind.endsWith("s")) kind += "s";
      if (typeof item !== "string") return put(kind, keyOf(kind, item.user, scope + "\n"), item);
      const entry = find(keyOf(kind, item, kind === "messages" ? conversation : ""));
      const body = kind === "conversations" ? message(entry?.body.lastMessage, item)?.body : entry?.body;
      const referenced = body?.referencedMessage;
      if (referenced && entities?.messages?.every(({ id }) => id !== referenced))
        forget(referenced, body.conversation);
      return entry;
    },

    /**
     * Removes the bodies that are no longer used, each time their number has doubled. `viewAll` views all
     * entries that are in use.
     */
    sweep(viewAll) {
      if (entries.size < sweepAt) return;
      old = entries;
      entries = new Map();
      revision++;
      viewAll();
      old = entries;
      sweepAt = 2 * entries.size + 256;
    },
  };
}
