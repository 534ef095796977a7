// The classes of snapshots: what they hold, by the names of the documents. They are made in bodies.js, frozen there,
// and by nobody else. An absent field of a body is `null`, or empty.

/** Opens the constructors. */
export const own = {};
const only = (key) => {
  if (key !== own) throw new TypeError("Snapshots are made by the SDK");
};
const orNull = (value) => value ?? null;
const none = Object.freeze({});
const empty = Object.freeze([]);

export class UserSnapshot {
  constructor(key, body) {
    only(key);
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
    only(key);
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
    only(key);
    this.id = body.id;
    this.type = body.type;
    this.sender = orNull(sender);
    this.custom = body.custom ?? none;
    this.createdAt = body.createdAt;
    this.editedAt = orNull(body.editedAt);
    this.origin = body.origin;
    this.plaintext = body.plaintext;
    this.content = body.content;
    this.reactions = body.reactions ?? empty;
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
    only(key);
    this.user = user;
    this.access = body.access;
    this.notify = body.notify;
    this.joinedAt = body.joinedAt;
  }
}
