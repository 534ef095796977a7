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

const { freeze, isFrozen, keys } = Object;

/** The old value where the new one says the same; else the new one, frozen, with each part of the old that is alike. */
const settle = (old, value) => {
  if (typeof value !== "object" || old === value || isFrozen(value)) return value;
  const names = keys(value);
  let same = old?.constructor === value.constructor && keys(old).length === names.length;
  for (const name of names) {
    const before = old?.[name];
    const part = settle(before, value[name]);
    if (part !== before) same = false;
    if (part !== value[name]) value[name] = part;
  }
  return same ? old : freeze(value);
};

// Ids have no control characters. A message's id is its conversation's own.
const keyOf = (kind, id, scope = "") => `${kind}\n${scope}\n${id}`;

/** The bodies of a session, or of one answer. */
export function Bodies() {
  let kept = new Map();
  // While bodies are swept: where those lie that nobody has looked at yet.
  let old = kept;
  let sweepAt = 256;
  // Counts the changes of what other bodies have for a part: users and messages. A snapshot of this epoch is up to date.
  let epoch = 1;

  const find = (key) => {
    let entry = kept.get(key);
    if (!entry && (entry = old.get(key))) kept.set(key, entry);
    return entry;
  };

  /** The snapshot of what lies under a key, or `null`. */
  const view = (key) => {
    const entry = find(key);
    if (!entry) return null;
    if (entry.epoch !== epoch) {
      entry.epoch = epoch;
      entry.snapshot = settle(entry.snapshot, build[entry.kind](entry.body, entry.snapshot));
    }
    return entry.snapshot;
  };

  const user = (id) => (id ? view(keyOf("users", id)) : null);
  const messageKey = (id, conversation) => keyOf("messages", id, conversation);

  const build = {
    users: (body) => new UserSnapshot(own, body),
    messages: (body) => {
      const referenced = body.referencedMessage && find(messageKey(body.referencedMessage, body.conversation))?.body;
      return new MessageSnapshot(
        own,
        body,
        user(body.sender),
        referenced ? new ReferencedMessageSnapshot(own, referenced, user(referenced.sender)) : null,
      );
    },
    // Of a last message that was deleted, the conversation's next body will tell; until then it is not taken for none.
    conversations: (body, before) =>
      new ConversationSnapshot(
        own,
        body,
        body.lastMessage && (view(messageKey(body.lastMessage, body.id)) ?? before?.lastMessage),
      ),
    participants: (body) => new ParticipantSnapshot(own, body, user(body.user)),
    onlines: (body) => ({ user: user(body.user), isConnected: body.isConnected }),
    reactions: (body) => ({ user: user(body.user), createdAt: body.createdAt }),
    typings: (body) => (body.many ? { many: true } : { many: false, users: body.users.map(user) }),
  };

  // Keeps a body; whether it is a change of one that was there.
  const put = (kind, key, body) => {
    const entry = find(key);
    body = settle(entry?.body, body);
    if (!entry) kept.set(key, { kind, body });
    else if (entry.body !== body) {
      entry.body = body;
      entry.epoch = 0;
      return true;
    }
  };

  // Lets a deleted message go.
  const forget = (id, conversation) => {
    if (kept.delete(messageKey(id, conversation))) epoch++;
  };

  return {
    view,

    /** Keeps the bodies of a frame, and tells which of those that were there have changed. */
    learn(entities, changed) {
      for (const kind in entities) {
        for (const body of build[kind] ? entities[kind] : []) {
          if (put(kind, keyOf(kind, body.id, body.conversation), body)) {
            if (kind !== "conversations") epoch++;
            changed?.(kind, body);
          }
        }
      }
    },

    /** The key of a value of this kind: an id, or a body of its own, which is kept. */
    refer(kind, item, conversation, scope) {
      kind = kind.replace(/s?$/, "s");
      if (typeof item === "string") return keyOf(kind, item, kind === "messages" ? conversation : "");
      const key = keyOf(kind, item.user, scope);
      put(kind, key, item);
      return key;
    },

    /**
     * The body under a key, which a frame names. With a message (or a conversation's last one) comes the message that it
     * answers, or else that one was deleted.
     */
    name(key, entities) {
      const body = find(key)?.body ?? {};
      const said = body.lastMessage ? find(messageKey(body.lastMessage, body.id))?.body : body;
      const { referencedMessage, conversation } = said ?? body;
      if (referencedMessage && !entities.messages.some(({ id }) => id === referencedMessage)) {
        forget(referencedMessage, conversation);
      }
      return body;
    },

    forget,

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
