// Programs written from the documentation compile, and programs that the documentation rules out do not.
import {
  CauserieError,
  ConversationSnapshot,
  TalkSession,
  UserRef,
  UserSnapshot,
  getTalkSession,
} from "causerie";
import { getTalkSession as slimSession, init } from "causerie/slim";
import type { CreateUserParams, ErrorCode, SetUserParams } from "causerie";

const session = getTalkSession({ appId: "demo", userId: "ada", host: "https://chat.example.com" });

export async function profile(): Promise<string> {
  const ref = session.user("bob");
  await ref.createIfNotExists({ name: "Bob", email: ["bob@example.com"], pushTokens: { "fcm:1": true } });
  await ref.set({
    photoUrl: null,
    custom: { color: "blue", size: null },
    pushTokens: { "fcm:1": null },
    email: "b@example.com",
  });
  const snapshot = await ref.get();
  if (snapshot === null) return "no user";
  const photo: string | null = snapshot.photoUrl;
  const custom: Record<string, string> = snapshot.custom;
  return photo ?? custom["color"] ?? snapshot.name.toUpperCase();
}

export async function conversation(): Promise<string[]> {
  const snapshot = await session.conversation("order").get();
  if (!snapshot) return [];
  const notify: boolean | "MentionsOnly" = snapshot.notify;
  const welcome: string[] = snapshot.welcomeMessages;
  return notify === "MentionsOnly" && snapshot.access === "Read" ? welcome : [];
}

export function handlers(): void {
  session.onNeedToken = () => session.setToken("token");
  session.onNeedToken = async () => session.setToken(await Promise.resolve("token"));
  session.onNeedToken = undefined;
  const subscription = session.onError((error: Error) => error.message);
  subscription.unsubscribe();
  session.onError((error) => {
    if (error.code === "not_authenticated" && !error.retryable) throw error;
  });
}

/** A test double is plain data of the right shape. */
export const double: UserSnapshot = {
  id: "ada",
  name: "Ada",
  custom: {},
  locale: "en",
  photoUrl: null,
  role: "default",
  welcomeMessage: null,
};

export async function slim(bytes: ArrayBuffer, response: Promise<Response>): Promise<TalkSession> {
  await init("/causerie.wasm");
  await init(new URL("https://example.com/causerie.wasm"));
  await init(bytes);
  await init(response);
  return slimSession({ appId: "demo", userId: "ada" });
}

/** A `switch` over these codes is exhaustive. */
export const advice = (code: ErrorCode): string => {
  switch (code) {
    case "invalid_argument":
    case "name_required":
    case "too_large":
    case "key_reused":
      return "fix the call";
    case "user_sync_disabled":
    case "conversation_sync_disabled":
    case "forbidden":
    case "not_found":
    case "uploads_disabled":
      return "ask the operator";
    case "not_authenticated":
    case "token_expired":
    case "session_ended":
    case "internal_error":
      return "log in";
    case "rate_limited":
    case "timed_out":
    case "offline":
    case "server_error":
      return "try again";
    case "unsupported":
    case "invalid_frame":
    case "protocol_mismatch":
      return "update";
    case "unsubscribed":
      return "nothing to do";
    default:
      code satisfies never;
      return code;
  }
};

declare const ref: UserRef;
declare const snapshot: UserSnapshot;
declare const talk: ConversationSnapshot;
export function refused(): void {
  // @ts-expect-error a snapshot is readonly
  snapshot.name = "Bob";
  // @ts-expect-error a conversation's snapshot is readonly
  talk.subject = null;
  // @ts-expect-error a ref's id is readonly
  ref.id = "bob";
  // @ts-expect-error a session's app is readonly
  session.appId = "other";
  // @ts-expect-error a session's user is readonly
  session.currentUser = ref;
  // @ts-expect-error programs cannot construct a user's snapshot
  new UserSnapshot();
  // @ts-expect-error programs cannot construct a conversation's snapshot
  new ConversationSnapshot();
  // @ts-expect-error programs cannot construct refs
  new UserRef();
  // @ts-expect-error programs cannot construct sessions
  new TalkSession();
  // @ts-expect-error programs cannot construct errors
  new CauserieError();
  // @ts-expect-error a snapshot has no private attributes
  snapshot.email;
  // @ts-expect-error get() can return null
  ref.get() satisfies Promise<UserSnapshot>;
  // @ts-expect-error get() does not return undefined for a missing user
  ref.get() satisfies Promise<UserSnapshot | undefined>;
  // @ts-expect-error a name cannot be reset
  void ref.set({ name: null });
  // @ts-expect-error a push token is unregistered by null, not by false
  void ref.set({ pushTokens: { "fcm:1": false } });
  // @ts-expect-error custom values are strings
  void ref.set({ custom: { size: 5 } });
  // @ts-expect-error an unknown field
  void ref.set({ nickname: "A" });
  // @ts-expect-error createIfNotExists requires a name
  void ref.createIfNotExists({ role: "buyer" });
  // @ts-expect-error createIfNotExists does not accept null
  void ref.createIfNotExists({ name: "Ada", photoUrl: null });
  // @ts-expect-error createIfNotExists does not accept null for a custom key
  void ref.createIfNotExists({ name: "Ada", custom: { color: null } });
  // @ts-expect-error an id is a string
  session.user(5);
  // @ts-expect-error an id is required
  session.conversation();
  // @ts-expect-error the user's id is required
  getTalkSession({ appId: "demo" });
  // @ts-expect-error an unknown transport
  getTalkSession({ appId: "demo", userId: "ada", transport: "pigeon" });
  // @ts-expect-error the default entry has no init
  void import("causerie").then((all) => all.init);
  // @ts-expect-error methods of wasm-bindgen are not declared
  session.free();
}

export const create: CreateUserParams = { name: "Ada" };
export const change: SetUserParams = {};
