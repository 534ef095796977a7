// The keys of every object that a program passes, by kind. Tests compare them with the types of the protocol
// (crates/protocol/tests/known_keys.rs) and with the typings (tests/types/known-keys.test-d.ts).

/** The keys that have an effect. */
export const KNOWN = /** @type {const} */ ({
  session: ["appId", "userId", "host", "token", "tokenFetcher", "transport"],
  user: ["name", "custom", "email", "phone", "locale", "photoUrl", "pushTokens", "role", "welcomeMessage"],
  conversation: ["subject", "photoUrl", "welcomeMessages", "custom", "access", "notify"],
  participant: ["access", "notify"],
  sentMessage: ["text", "content", "custom", "referencedMessage"],
  editedMessage: ["text", "content", "custom"],
  list: ["filter"],
  filter: [
    "access",
    "custom",
    "isUnread",
    "subject",
    "lastActivityAt",
    "createdAt",
    "joinedAt",
    "hasMessages",
  ],
  block: [
    "type",
    "children",
    "latitude",
    "longitude",
    "subtype",
    "fileToken",
    "url",
    "size",
    "filename",
    "width",
    "height",
    "duration",
  ],
  node: ["type", "children", "text", "url", "action", "params", "id"],
});

/**
 * The keys of whole records, which programs pass as parameters: the fields of snapshots and the ids in refs.
 */
export const RECORDS = /** @type {const} */ ({
  user: ["id", "name", "custom", "locale", "photoUrl", "role", "welcomeMessage"],
  conversation: [
    "id",
    "subject",
    "photoUrl",
    "welcomeMessages",
    "custom",
    "createdAt",
    "joinedAt",
    "lastMessage",
    "lastMessageAt",
    "unreadMessageCount",
    "readUntil",
    "everyoneReadUntil",
    "isUnread",
    "access",
    "notify",
  ],
  participant: ["id", "user", "access", "notify", "joinedAt", "userId", "conversationId"],
  message: [
    "id",
    "type",
    "sender",
    "custom",
    "createdAt",
    "editedAt",
    "referencedMessage",
    "origin",
    "plaintext",
    "content",
    "reactions",
    "conversationId",
    "referencedMessageId",
  ],
});
