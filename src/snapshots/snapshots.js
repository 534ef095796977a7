const own = {};
const only = (key, how) => {
  if (key !== own) throw new TypeError(`Snapshots are made by the SDK; ${how}`);
};
const { freeze } = Object;
const orNull = (value) => (value === undefined ? null : value);

export class UserSnapshot {
  constructor(key, body) {
    only(key, "call UserRef.get()");
    this.id = body.id;
    this.name = body.name;
    this.custom = freeze(body.custom);
    this.locale = body.locale;
    this.photoUrl = orNull(body.photoUrl);
    this.role = body.role;
    this.welcomeMessage = orNull(body.welcomeMessage);
    freeze(this);
  }
}

export class ConversationSnapshot {
  constructor(key, body) {
    only(key, "call ConversationRef.get()");
    this.id = body.id;
    this.subject = orNull(body.subject);
    this.photoUrl = orNull(body.photoUrl);
    this.welcomeMessages = freeze(body.welcomeMessages);
    this.custom = freeze(body.custom);
    this.createdAt = body.createdAt;
    this.joinedAt = body.joinedAt;
    this.lastMessageAt = body.lastMessageAt;
    this.unreadMessageCount = body.unreadMessageCount;
    this.readUntil = body.readUntil;
    this.everyoneReadUntil = body.everyoneReadUntil;
    this.isUnread = body.isUnread;
    this.access = body.access;
    this.notify = body.notify;
    freeze(this);
  }
}

// The body that the answer's value names.
const named = ({ value, entities }, kind) => entities?.[kind]?.find(({ id }) => id === value);
const maybe = (Snapshot, body) => (body ? new Snapshot(own, body) : null);

export const userSnapshot = (answer) => maybe(UserSnapshot, named(answer, "users"));
export const userSnapshots = ({ entities }) => entities.users.map((body) => new UserSnapshot(own, body));
export const conversationSnapshot = (answer) => maybe(ConversationSnapshot, named(answer, "conversations"));
