// The snapshots. One call of a constructor makes each, of a body and the snapshots that it names: reading the
// body's properties is three times faster than assigning values that are passed one by one. The fields are
// declared once, in crates/client/src/snapshots.

// Passed to the constructors as proof that the SDK calls them.
const CONSTRUCT = {};
const assertInternal = (key) => {
  if (key !== CONSTRUCT) throw new TypeError("Snapshots are made by the SDK");
};
const { freeze } = Object;
const EMPTY_OBJECT = freeze({});
const EMPTY_ARRAY = freeze([]);

// Generated from crates/client/src/snapshots by `UPDATE_DOCS=1 cargo test -p causerie-client`:

export class UserSnapshot {
  constructor(key, body) {
    assertInternal(key);
    this.id = body.id;
    this.name = body.name;
    this.custom = body.custom;
    this.locale = body.locale;
    this.photoUrl = body.photoUrl ?? null;
    this.role = body.role;
    this.welcomeMessage = body.welcomeMessage ?? null;
  }
}

export class ConversationSnapshot {
  constructor(key, body, lastMessage) {
    assertInternal(key);
    this.id = body.id;
    this.subject = body.subject ?? null;
    this.photoUrl = body.photoUrl ?? null;
    this.welcomeMessages = body.welcomeMessages;
    this.custom = body.custom;
    this.createdAt = body.createdAt;
    this.joinedAt = body.joinedAt;
    this.lastMessage = lastMessage;
    this.lastMessageAt = body.lastMessageAt;
    this.unreadMessageCount = body.unreadMessageCount;
    this.readUntil = body.readUntil;
    this.everyoneReadUntil = body.everyoneReadUntil;
    this.isUnread = body.isUnread;
    this.access = body.access;
    this.notify = body.notify;
  }
}

export class MessageSnapshot {
  constructor(key, body, sender, referencedMessage) {
    assertInternal(key);
    this.id = body.id;
    this.type = body.type;
    this.sender = sender;
    this.custom = body.custom ?? EMPTY_OBJECT;
    this.createdAt = body.createdAt;
    this.editedAt = body.editedAt ?? null;
    this.referencedMessage = referencedMessage;
    this.origin = body.origin;
    this.plaintext = body.plaintext;
    this.content = body.content;
    this.reactions = body.reactions ?? EMPTY_ARRAY;
  }
}

export class ReferencedMessageSnapshot {
  constructor(key, body, sender) {
    assertInternal(key);
    this.id = body.id;
    this.type = body.type;
    this.sender = sender;
    this.custom = body.custom ?? EMPTY_OBJECT;
    this.createdAt = body.createdAt;
    this.editedAt = body.editedAt ?? null;
    this.referencedMessageId = body.referencedMessage ?? null;
    this.origin = body.origin;
    this.plaintext = body.plaintext;
    this.content = body.content;
    this.reactions = body.reactions ?? EMPTY_ARRAY;
  }
}

export class ParticipantSnapshot {
  constructor(key, body, user) {
    assertInternal(key);
    this.user = user;
    this.access = body.access;
    this.notify = body.notify;
    this.joinedAt = body.joinedAt;
  }
}

// In the order of `View` in causerie-client. `new` of a function that returns an object is that object.
/** @type {any[]} */
const CONSTRUCTORS = [
  UserSnapshot,
  ConversationSnapshot,
  MessageSnapshot,
  ReferencedMessageSnapshot,
  ParticipantSnapshot,
  function (key, body, user) {
    return { user, isConnected: body.isConnected };
  },
  function (key, body, user) {
    return { user, createdAt: body.createdAt };
  },
  function (key, body, conversation, message) {
    return { conversation, message };
  },
];

// The end of the generated part.

/** Returns the frozen snapshot of a body and the snapshots of its parts. */
export const snapshot = (view, body, part, second) =>
  freeze(new CONSTRUCTORS[view](CONSTRUCT, body, part, second));

/** Returns the snapshot of the users who are typing; `undefined` if there are too many to list. */
export const typing = (users) => freeze(users ? { many: false, users: freeze(users) } : { many: true });
