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
  | { op: "conversation.get"; params: { conversation: string } };

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

export interface Topic {
  kind: "user" | "conversation" | "conversationList";
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
  | { t: "reset"; id: RequestId; position: Position; value: unknown; entities?: Entities }
  | { t: "events"; id: RequestId; position: Position; changes: unknown[]; entities?: Entities }
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

/** A value (an id into the entities) or nothing; or an error. */
export type Outcome =
  | { id: RequestId; value?: string | null; entities?: Entities; error?: never }
  | { id: RequestId; error: ErrorBody; value?: never; entities?: never };

export interface Entities {
  users?: User[];
  conversations?: Conversation[];
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
  lastMessageAt: number;
  unreadMessageCount: number;
  readUntil: number;
  everyoneReadUntil: number;
  isUnread: boolean;
  access: "Read" | "ReadWrite";
  notify: boolean | "MentionsOnly";
}

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
