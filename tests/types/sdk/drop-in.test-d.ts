// Programs with types of their own, written from the documentation: our types and theirs are assignable to
// each other, `switch`es over the documented unions are exhaustive, and test doubles need only documented
// members.
import type {
  AutoLinkNode,
  ContentBlock,
  ConversationActiveState,
  ConversationListActiveState,
  ConversationListSubscription,
  ConversationSnapshot,
  ConversationSubscription,
  CreateUserParams,
  ErrorState,
  FileBlock,
  FileToken,
  MessageActiveState,
  MessageSnapshot,
  MessageSubscription,
  ParticipantActiveState,
  ParticipantSubscription,
  PendingState,
  ReactionsActiveState,
  ReactionsSubscription,
  SetUserParams,
  SingleParticipantActiveState,
  SingleParticipantSubscription,
  Subscription,
  TalkSession,
  TextNode,
  TypingActiveState,
  TypingSubscription,
  UnsubscribedState,
  UserActiveState,
  UserOnlineActiveState,
  UserOnlineSubscription,
  UserRef,
  UserSnapshot,
  UserSubscription,
} from "causerie";
import type { Holds, Not, Same } from "./exact.js";

/** Whether a value of one type can be used as the other, in both directions. */
type Interchangeable<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

// ——— A program's own copy of the documented content ———

type OwnNode =
  | string
  | { type: "bold" | "italic" | "strikethrough"; children: OwnNode[] }
  | { type: "bulletList"; children: OwnNode[] }
  | { type: "bulletPoint"; children: OwnNode[] }
  | { type: "codeSpan"; text: string }
  | { type: "link"; url: string; children: OwnNode[] }
  | { type: "autoLink"; url: string; text: string }
  | {
      type: "actionLink" | "actionButton";
      action: string;
      params: Record<string, string>;
      children: OwnNode[];
    }
  | { type: "customEmoji"; text: string }
  | { type: "mention"; id: string; text: string };

interface OwnFile {
  type: "file";
  fileToken: FileToken;
  url: string;
  size: number;
  filename: string;
}
type OwnFileBlock =
  | (OwnFile & { subtype: "image"; width?: number; height?: number })
  | (OwnFile & { subtype: "video"; width?: number; height?: number; duration?: number })
  | (OwnFile & { subtype: "audio" | "voice"; duration?: number })
  | (OwnFile & { subtype?: undefined });
type OwnBlock =
  | { type: "text"; children: OwnNode[] }
  | OwnFileBlock
  | { type: "location"; latitude: number; longitude: number };

export type Content = [
  Holds<Interchangeable<TextNode, OwnNode>>,
  Holds<Interchangeable<FileBlock, OwnFileBlock>>,
  Holds<Interchangeable<ContentBlock, OwnBlock>>,
  Holds<Interchangeable<MessageSnapshot["content"], OwnBlock[]>>,
  // The comparison fails if a type is left out or added.
  Holds<Not<Interchangeable<TextNode, Exclude<OwnNode, string>>>>,
  Holds<Not<Interchangeable<TextNode, OwnNode | { type: "blink"; text: string }>>>,
];

// ——— Exhaustive `switch`es ———

/** Compiles without a default branch, because it handles every documented type. */
export const plain = (node: TextNode): string => {
  if (typeof node === "string") return node;
  switch (node.type) {
    case "bold":
    case "italic":
    case "strikethrough":
    case "bulletList":
    case "bulletPoint":
    case "link":
    case "actionLink":
    case "actionButton":
      return node.children.map(plain).join("");
    case "autoLink":
    case "mention":
    case "codeSpan":
    case "customEmoji":
      return node.text;
  }
};

/** The default branch that the documentation recommends, for nodes that are newer than the SDK. */
export const tolerant = (node: TextNode): string => {
  if (typeof node === "string") return node;
  switch (node.type) {
    case "bold":
    case "italic":
    case "strikethrough":
      return `*${node.children.map(tolerant).join("")}*`;
    case "autoLink":
      return (node satisfies AutoLinkNode).url;
    default:
      return "text" in node ? node.text : node.children.map(tolerant).join("");
  }
};

export const block = (part: ContentBlock): string => {
  switch (part.type) {
    case "text":
      return part.children.map(plain).join("");
    case "location":
      return `${part.latitude},${part.longitude}`;
    case "file":
      switch (part.subtype) {
        case "image":
        case "video":
          return `${part.width ?? 0}×${part.height ?? 0}`;
        case "audio":
        case "voice":
          return `${part.duration ?? 0} s`;
        case undefined:
          return part.filename;
      }
  }
};

export const status = (state: MessageSubscription["state"]): string => {
  switch (state.type) {
    case "pending":
    case "unsubscribed":
      return state.type;
    case "active":
      return `${state.latestSnapshot?.length ?? 0} ${state.loadedAll}`;
    case "error":
      return state.error.message;
    default:
      return state satisfies never;
  }
};

// ——— Test doubles of subscriptions, with the documented members ———

const ended: Promise<UnsubscribedState | ErrorState> = Promise.resolve({ type: "unsubscribed" });
const double = <State>(active: State) => ({
  state: { type: "pending" } as PendingState | State | UnsubscribedState | ErrorState,
  connected: Promise.resolve(active),
  terminated: ended,
  unsubscribe: () => {},
});
const doubleOfList = <State>(active: State) => ({
  ...double(active),
  loadMore: async (_count?: number) => {},
});

export const subscription: Subscription = { unsubscribe: () => {} };
export const user: UserSubscription = double<UserActiveState>({ type: "active", latestSnapshot: null });
export const online: UserOnlineSubscription = double<UserOnlineActiveState>({
  type: "active",
  latestSnapshot: null,
});
export const conversation: ConversationSubscription = double<ConversationActiveState>({
  type: "active",
  latestSnapshot: null,
});
export const participant: SingleParticipantSubscription = double<SingleParticipantActiveState>({
  type: "active",
  latestSnapshot: null,
});
export const typing: TypingSubscription = double<TypingActiveState>({ type: "active", latestSnapshot: null });
export const conversations: ConversationListSubscription = doubleOfList<ConversationListActiveState>({
  type: "active",
  latestSnapshot: [],
  loadedAll: true,
});
export const messages: MessageSubscription = doubleOfList<MessageActiveState>({
  type: "active",
  latestSnapshot: null,
  loadedAll: true,
});
export const participants: ParticipantSubscription = doubleOfList<ParticipantActiveState>({
  type: "active",
  latestSnapshot: null,
  loadedAll: true,
});
export const reactions: ReactionsSubscription = doubleOfList<ReactionsActiveState>({
  type: "active",
  latestSnapshot: null,
  loadedAll: true,
});

// The documented type of a list's subscription stays distinct from that of a single resource.
// @ts-expect-error `loadMore` is missing
export const incomplete: MessageSubscription = double<MessageActiveState>({
  type: "active",
  latestSnapshot: null,
  loadedAll: true,
});

/** What a program stores is the documented type. */
export class Store {
  private current: MessageSubscription | undefined = undefined;
  follow(session: TalkSession): Promise<MessageActiveState> {
    this.current?.unsubscribe();
    this.current = session.conversation("order").subscribeMessages();
    return this.current.connected;
  }
}

// ——— Test doubles of the session ———

type Handlers = Pick<TalkSession, "appId" | "setToken" | "onNeedToken" | "onError">;
/** `onNeedToken` is a property that a session need not have. */
export const session: Handlers = {
  appId: "demo",
  setToken: () => {},
  onError: () => ({ unsubscribe: () => {} }),
};

// ——— Snapshots ———

/** The snapshot of a user in the first document. */
interface FirstUser {
  custom: Record<string, string>;
  id: string;
  locale: string;
  name: string;
  photoUrl: string | null;
  role: string;
  welcomeMessage: string | null;
}
/** The snapshot of a user today, in which the locale can be null. */
type TodaysUser = Omit<FirstUser, "locale"> & { locale: string | null };
/** The snapshot of a conversation in the first document. */
interface FirstConversation {
  access: "Read" | "ReadWrite";
  createdAt: number;
  custom: Record<string, string>;
  id: string;
  isUnread: boolean;
  lastMessageAt: number;
  notify: boolean | "MentionsOnly";
  photoUrl: string | null;
  subject: string | null;
  unreadMessageCount: number;
  welcomeMessages: string[];
}
/** The snapshot of a conversation today, which has no `lastMessageAt`. */
type TodaysConversation = Omit<FirstConversation, "lastMessageAt"> & {
  joinedAt: number;
  lastMessage: MessageSnapshot | null;
  readUntil: number;
  everyoneReadUntil: number;
};

declare const today: TodaysConversation;
export type Snapshots = [
  // Functions written for either document accept our snapshots.
  Holds<UserSnapshot extends FirstUser ? true : false>,
  Holds<UserSnapshot extends TodaysUser ? true : false>,
  Holds<ConversationSnapshot extends FirstConversation ? true : false>,
  Holds<ConversationSnapshot extends TodaysConversation ? true : false>,
  // A double of a user from the first document is a snapshot.
  Holds<Interchangeable<UserSnapshot, FirstUser>>,
];

export const ada: UserSnapshot = {
  id: "ada",
  name: "Ada",
  custom: {},
  // @ts-expect-error the first document wins: readers of its `locale: string` do not expect null
  locale: null,
  photoUrl: null,
  role: "default",
  welcomeMessage: null,
};
// @ts-expect-error the first document wins: its readers sort by `lastMessageAt`
export const withoutTime: ConversationSnapshot = today;
export const withTime: ConversationSnapshot = { ...today, lastMessageAt: today.createdAt };

// ——— Parameters ———

/** The parameters of the first document, in which addresses are lists and custom values are strings. */
interface FirstSetUser {
  custom?: Record<string, string>;
  email?: string[] | null;
  locale?: string;
  name?: string;
  phone?: string[] | null;
  photoUrl?: string | null;
  pushTokens?: Record<string, true | null> | null;
  role?: string;
  welcomeMessage?: string | null;
}
interface FirstCreateUser {
  name: string;
  custom?: Record<string, string>;
  email?: string[];
  locale?: string;
  phone?: string[];
  photoUrl?: string;
  pushTokens?: Record<string, true>;
  role?: string;
  welcomeMessage?: string;
}
export type Params = [
  Holds<FirstSetUser extends SetUserParams ? true : false>,
  Holds<FirstCreateUser extends CreateUserParams ? true : false>,
  Holds<Same<Parameters<UserRef["set"]>, [params: SetUserParams]>>,
];

/** A record with further keys compiles, unless it is written as a literal in the call. */
export const save = (ref: UserRef, person: UserSnapshot & { nickname: string }): Promise<void> =>
  ref.set(person);
