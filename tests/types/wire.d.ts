/**
 * The wire of the protocol, version 1, as TypeScript: what `docs/protocol.md` says in prose. The types are exact, so
 * that the golden frames are checked for fields too many as well as too few; a program that reads frames must
 * nevertheless accept fields, types of frames and codes it does not know.
 */

/** Numbers a request or a subscription within one client: counts up from 1, never used again. */
export type RequestId = number;

// ——— What a client sends ———

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
}

/** A request; `key` on writes. */
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
  | { op: "message.send"; params: { conversation: string; data: SendMessage } }
  | { op: "message.edit"; params: { conversation: string; message: string; data: EditMessage } }
  | {
      op: "reaction.add" | "reaction.remove" | "reaction.list";
      params: { conversation: string; message: string; emoji: string };
    }
  | { op: "more"; params: { topic: Topic; after: Cursor; limit: number } };

/** Absent keeps, `null` resets, a value sets. `custom` and `pushTokens` are patches, key by key. */
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

/** In the kinds that concern a conversation, `id` is the conversation's. */
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

/** A place in a list: behind the entry of this time and id. */
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

// ——— What a server sends ———

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

/** A value, by which ids refer to the entities, or nothing; or an error. */
export type Outcome =
  | { id: RequestId; value?: Value | null; entities?: Entities; error?: never }
  | { id: RequestId; error: ErrorBody; value?: never; entities?: never };

/** What a topic is, or what an op asks for. A string is an id. */
export type Value = string | Participant | Online | Typing | Reaction[] | Listing;

/** A list: its entries in order, and whether there are more behind the last. */
export interface Listing {
  items: Entry[];
  more: boolean;
}

/** An entry of a list: the id of a conversation or a message, or what it is itself. */
export type Entry = string | Participant | Reaction;

/** An entry is in the list, at its place by the order; or the one of this id is no longer. */
export type Change = { put: Entry } | { drop: string };

export interface Entities {
  users?: User[];
  conversations?: Conversation[];
  messages?: Message[];
}

/** What everybody may know of a user. There is no e-mail address, phone number or push token here. */
export interface User {
  id: string;
  name: string;
  custom: Record<string, string>;
  locale: string;
  photoUrl: string | null;
  role: string;
  welcomeMessage: string | null;
}

/** A conversation as the caller sees it. Times are Unix milliseconds. */
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

/** A message as the caller sees it. What is empty is left out. */
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

// ——— Errors and closes ———

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

// ——— The HTTP twin ———

export interface Batch {
  v: 1;
  user: string;
  client: string;
  requests: Request[];
}

export interface Answers {
  results: Outcome[];
  tokenExpiresIn?: number;
}

export interface Failure {
  error: ErrorBody;
}
