// The classes of snapshots. Only bodies.js makes them and freezes them; the names and types of their fields
// are documented in src/types. A field that is absent in the body is `null`, or empty.

// Passed to the constructors as proof that the SDK calls them.
export const CONSTRUCT = {};
const assertInternal = (key) => {
  if (key !== CONSTRUCT) throw new TypeError("Snapshots are made by the SDK");
};
const orNull = (value) => value ?? null;
const EMPTY_OBJECT = Object.freeze({});
const EMPTY_ARRAY = Object.freeze([]);

export class UserSnapshot {
  constructor(key, body) {
    assertInternal(key);
    this.id = body.id;
    this.name = body.name;
    this.custom = body.custom;
    this.locale = body.locale;
    this.photoUrl = orNull(body.photoUrl);
    this.role = body.role;
    this.welcomeMessage = orNull(body.welcomeMessage);
  }
}

export class ConversationSnapshot {
  constructor(key, body, lastMessage) {
    assertInternal(key);
    this.id = body.id;
    this.subject = orNull(body.subject);
    this.photoUrl = orNull(body.photoUrl);
    this.welcomeMessages = body.welcomeMessages;
    this.custom = body.custom;
    this.createdAt = body.createdAt;
    this.joinedAt = body.joinedAt;
    this.lastMessage = orNull(lastMessage);
    this.lastMessageAt = body.lastMessageAt;
    this.unreadMessageCount = body.unreadMessageCount;
    this.readUntil = body.readUntil;
    this.everyoneReadUntil = body.everyoneReadUntil;
    this.isUnread = body.isUnread;
    this.access = body.access;
    this.notify = body.notify;
  }
}

class Message {
  constructor(key, body, sender) {
    assertInternal(key);
    this.id = body.id;
    this.type = body.type;
    this.sender = orNull(sender);
    this.custom = body.custom ?? EMPTY_OBJECT;
    this.createdAt = body.createdAt;
    this.editedAt = orNull(body.editedAt);
    this.origin = body.origin;
    this.plaintext = body.plaintext;
    this.content = body.content;
    this.reactions = body.reactions ?? EMPTY_ARRAY;
  }
}

export class MessageSnapshot extends Message {
  constructor(key, body, sender, referencedMessage) {
    super(key, body, sender);
    this.referencedMessage = referencedMessage;
  }
}

export class ReferencedMessageSnapshot extends Message {
  constructor(key, body, sender) {
    super(key, body, sender);
    this.referencedMessageId = orNull(body.referencedMessage);
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
