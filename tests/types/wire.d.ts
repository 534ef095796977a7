/**
 * The frames of the protocol, version 1, as TypeScript types; `docs/protocol.md` describes them in prose. The
 * types are exact, so that the golden frames are checked for missing and for extra fields. A program that
 * reads frames must accept unknown fields, frame types and codes.
 */

/** The number of a request or a subscription within one client: counts up from 1, and is not used again. */
export type RequestId = number;

// ——— Frames from a client ———

export type ClientFrame =
  | Hello
  | ({ t: "request" } & Request)
  | { t: "auth"; token: string }
  | { t: "subscribe"; id: RequestId; topic: Topic; window?: Window; from?: Position }
  | { t: "unsubscribe"; id: RequestId }
  | { t: "ping" };

/** Always the first frame. */
export interface Hello {
  t: "hello";
  user: string;
  client: string;
  token?: string;
  sdk?: string;
  /** The number of bodies that the client keeps, so that they are not sent again. */
  keepsBodies?: number;
  /** The number of this connection among the connections and HTTP calls of the client. */
  generation?: number;
}

/** A request. A write has a `key`. */
export type Request = { id: RequestId; key?: string } & Op;

export type Op =
  | { op: "user.get"; params: { user: string } }
  | { op: "user.set"; params: { user: string; data: SetUser } }
  | { op: "user.createIfNotExists"; params: { user: string; data: CreateUser } }
  | { op: "conversation.get" | "conversation.markAsTyping"; params: { conversation: string } }
  | { op: "conversation.set"; params: { conversation: string; data: SetConversation } }
  | { op: "conversation.createIfNotExists"; params: { conversation: string; data?: CreateConversation } }
  | { op: "conversation.markAsRead" | "conversation.markAsUnread"; params: { conversation: string } }
  | { op: "participant.get" | "participant.delete"; params: { conversation: string; user: string } }
  | {
      op: "participant.set" | "participant.edit";
      params: { conversation: string; user: string; data: SetParticipant };
    }
  | {
      op: "participant.createIfNotExists";
      params: { conversation: string; user: string; data?: CreateParticipant };
    }
  | { op: "message.get" | "message.delete"; params: { conversation: string; message: string } }
  | {
      op: "message.translate";
      params: { conversation: string; message: string; language: string };
    }
  | { op: "message.send"; params: { conversation: string; data: SendMessage } }
  | { op: "message.edit"; params: { conversation: string; message: string; data: EditMessage } }
  | {
      op: "reaction.add" | "reaction.remove" | "reaction.list";
      params: { conversation: string; message: string; emoji: string };
    }
  | { op: "search.messages" | "search.conversations"; params: { data: Search } }
  | { op: "file.create"; params: { data: CreateFile } }
  | { op: "more"; params: { topic: Topic; after: Cursor; limit: number } };

/** A search. `after` is the `next` of the page before, as it came. */
export interface Search {
  query: string;
  filters?: { conversation?: ConversationFilter };
  limit: number;
  after?: SearchCursor;
}

/** The place at which the next page of a search begins. */
export interface SearchCursor {
  message?: Cursor;
  conversation?: Cursor;
}

/** A page of results. `next` is absent if there are no more. */
export interface SearchPage {
  items: { conversation: string; message?: string }[];
  next?: SearchCursor;
}

/** An absent field keeps its value, `null` resets it. `custom` and `pushTokens` are merged key by key. */
export interface SetUser {
  name?: string;
  custom?: Record<string, string | null> | null;
  email?: string | string[] | null;
  phone?: string | string[] | null;
  locale?: string | null;
  photoUrl?: string | null;
  pushTokens?: Record<string, true | null> | null;
  role?: string | null;
  welcomeMessage?: string | null;
}

export interface CreateUser {
  name: string;
  custom?: Record<string, string>;
  email?: string | string[];
  phone?: string | string[];
  locale?: string;
  photoUrl?: string;
  pushTokens?: Record<string, true>;
  role?: string;
  welcomeMessage?: string;
}

export type Access = "Read" | "ReadWrite";
export type Notify = boolean | "MentionsOnly";

export interface SetConversation {
  subject?: string | null;
  photoUrl?: string | null;
  welcomeMessages?: string[] | null;
  custom?: Record<string, string | null> | null;
  access?: Access | null;
  notify?: Notify | null;
}

export interface CreateConversation {
  subject?: string;
  photoUrl?: string;
  welcomeMessages?: string[];
  custom?: Record<string, string>;
  access?: Access;
  notify?: Notify;
}

export interface SetParticipant {
  access?: Access | null;
  notify?: Notify | null;
}

export interface CreateParticipant {
  access?: Access;
  notify?: Notify;
}

/** A text with markup, or content of one block. */
export type SendMessage = ({ text: string; content?: never } | { text?: never; content: [ContentBlock] }) & {
  custom?: Record<string, string>;
  referencedMessage?: string;
};

export type EditMessage = (
  { text?: string; content?: never } | { text?: never; content?: [ContentBlock] }
) & {
  custom?: Record<string, string | null> | null;
};

/** A file to upload. */
export interface CreateFile {
  filename: string;
  contentType?: string;
  size: number;
  subtype?: "image" | "video" | "audio" | "voice";
  width?: number;
  height?: number;
  duration?: number;
}

/** For kinds that concern a conversation, `id` is the conversation's. */
export type Topic =
  | { kind: "user" | "online"; id: string }
  | { kind: "conversation" | "messages" | "participants" | "typing"; id: string }
  | { kind: "conversations"; filter?: ConversationFilter }
  | { kind: "participant"; id: string; user: string }
  | { kind: "reactions"; id: string; message: string; emoji: string };

export type ConversationFilter = SimpleConversationFilter | ["any", SimpleConversationFilter[]];

export interface SimpleConversationFilter {
  access?: StringFilter<string>;
  custom?: Record<string, StringFilter<string> | "exists" | "!exists">;
  isUnread?: boolean;
  subject?: StringFilter<string | null>;
  lastActivityAt?: NumberFilter;
  createdAt?: NumberFilter;
  joinedAt?: NumberFilter;
  hasMessages?: boolean;
}

export type StringFilter<V> = ["==" | "!=", V] | ["oneOf" | "!oneOf", V[]];
export type NumberFilter = [">" | "<" | ">=" | "<=", number] | ["between" | "!between", [number, number]];

/** A cursor in a list: after the entry of this time and id. */
export interface Cursor {
  at: number;
  id: string;
}

export interface Window {
  limit: number;
}

export interface Position {
  epoch: string;
  seq: number;
}

// ——— Frames from the server ———

export type ServerFrame =
  | Welcome
  | { t: "authenticated"; tokenExpiresIn?: number }
  | ({ t: "result" } & Outcome)
  | { t: "reset"; id: RequestId; seq?: number; value?: Value | null; entities?: Entities }
  | { t: "events"; id: RequestId; since?: number; seq?: number; changes: Change[]; entities?: Entities }
  | { t: "update"; entities: Entities }
  | { t: "ended"; id: RequestId; error: ErrorBody }
  | { t: "error"; error: ErrorBody }
  | { t: "ping" }
  | { t: "pong" };

export interface Welcome {
  t: "welcome";
  protocol: 1;
  epoch: string;
  time: number;
  pingInterval: number;
  tokenExpiresIn?: number;
}

/** A value, whose ids refer to the entities, or no value; or an error. */
export type Outcome =
  | { id: RequestId; value?: Value | null; entities?: Entities; error?: never }
  | { id: RequestId; error: ErrorBody; value?: never; entities?: never };

/** The value of a topic, or of an op's result. A string is an id. */
export type Value = string | Participant | Online | Typing | Reaction[] | Listing | SearchPage | Translation;

/** The value of `message.translate`. */
export interface Translation {
  content: ContentBlock[];
  plaintext: string;
}

/** A list: its entries in order, and whether there can be more after the last, or after the cursor `next`. */
export interface Listing {
  items: Entry[];
  more: boolean;
  next?: Cursor;
}

/** An entry of a list: the id of a conversation or a message, or a body. */
export type Entry = string | Participant | Reaction;

/** `put`: the entry is in the list, at its index by the order. `drop`: the entry of this id is removed. */
export type Change = { put: Entry } | { drop: string };

export interface Entities {
  users?: Body<User>[];
  conversations?: Body<Conversation>[];
  messages?: Body<Message>[];
}

/** An entity in a frame. If its `rev` is the same as before on this connection, the body is unchanged. */
export type Body<T> = T & { rev: number };

/** A user's public attributes: no e-mail address, phone number or push token. */
export interface User {
  id: string;
  name: string;
  custom: Record<string, string>;
  locale: string;
  photoUrl: string | null;
  role: string;
  welcomeMessage: string | null;
}

/** A conversation as the caller sees it. Times are Unix timestamps in milliseconds. */
export interface Conversation {
  id: string;
  subject: string | null;
  photoUrl: string | null;
  welcomeMessages: string[];
  custom: Record<string, string>;
  createdAt: number;
  joinedAt: number;
  lastMessage: string | null;
  lastMessageAt: number;
  unreadMessageCount: number;
  readUntil: number;
  everyoneReadUntil: number;
  isUnread: boolean;
  access: Access;
  notify: Notify;
}

/** A message as the caller sees it. Empty fields are left out. */
export interface Message {
  id: string;
  conversation: string;
  type: "UserMessage" | "SystemMessage";
  sender?: string;
  custom?: Record<string, string>;
  createdAt: number;
  editedAt?: number;
  referencedMessage?: string;
  origin: "web" | "rest" | "import" | "email";
  plaintext: string;
  content: ContentBlock[];
  reactions?: { emoji: string; count: number; currentUserReacted: boolean }[];
}

export interface Participant {
  user: string;
  access: Access;
  notify: Notify;
  joinedAt: number;
}

export interface Reaction {
  user: string;
  createdAt: number;
}

export interface Online {
  user: string;
  isConnected: boolean;
}

export type Typing = { users: string[] } | { many: true };

// ——— Content ———

export type ContentBlock = TextBlock | LocationBlock | FileBlock;

export interface TextBlock {
  type: "text";
  children: TextNode[];
}

export interface LocationBlock {
  type: "location";
  latitude: number;
  longitude: number;
}

export interface FileBlock {
  type: "file";
  subtype?: "image" | "video" | "audio" | "voice";
  fileToken: string;
  url: string;
  size: number;
  filename: string;
  width?: number;
  height?: number;
  duration?: number;
}

export type TextNode =
  | string
  | { type: "bold" | "italic" | "strikethrough" | "bulletList" | "bulletPoint"; children: TextNode[] }
  | { type: "codeSpan" | "customEmoji"; text: string }
  | { type: "link"; url: string; children: TextNode[] }
  | { type: "autoLink"; url: string; text: string }
  | {
      type: "actionLink" | "actionButton";
      action: string;
      params: Record<string, string>;
      children: TextNode[];
    }
  | { type: "mention"; id: string; text: string };

// ——— Errors and close codes ———

export interface ErrorBody {
  code: ErrorCode;
  message: string;
  field?: string;
  retryAfter?: number;
}

export type ErrorCode =
  | "invalid_argument"
  | "name_required"
  | "user_sync_disabled"
  | "conversation_sync_disabled"
  | "uploads_disabled"
  | "not_authenticated"
  | "token_expired"
  | "forbidden"
  | "not_found"
  | "too_large"
  | "rate_limited"
  | "key_reused"
  | "unsupported"
  | "invalid_frame"
  | "protocol_mismatch"
  | "timed_out"
  | "offline"
  | "server_error"
  | "session_ended";

export type CloseCode =
  | 1000
  | 4000
  | 4001
  | 4002
  | 4003
  | 4004
  | 4100
  | 4101
  | 4200
  | 4201
  | 4400
  | 4401
  | 4403
  | 4404
  | 4406
  | 4413;

export type Recovery = "retry" | "retryLater" | "reauthenticate" | "never";

// ——— The HTTP fallback ———

export interface Batch {
  v: 1;
  user: string;
  client: string;
  /** The number of this call among the connections and HTTP calls of the client. */
  generation?: number;
  requests: Request[];
}

export interface BatchResults {
  results: Outcome[];
  tokenExpiresIn?: number;
}

export interface Failure {
  error: ErrorBody;
}
