// Snapshots and subscriptions: every member with its exact type.
import type {
  ContentBlock,
  ConversationActiveState,
  ConversationListActiveState,
  ConversationListSubscription,
  ConversationSnapshot,
  ConversationSubscription,
  ErrorState,
  FewTypingSnapshot,
  ManyTypingSnapshot,
  MessageActiveState,
  MessageSnapshot,
  MessageSubscription,
  ParticipantActiveState,
  ParticipantSnapshot,
  ParticipantSubscription,
  PendingState,
  ReactionSnapshot,
  ReactionsActiveState,
  ReactionsSubscription,
  ReactionsSummarySnapshot,
  ReferencedMessageSnapshot,
  SearchMessageSnapshot,
  SingleParticipantActiveState,
  SingleParticipantSubscription,
  SingleReactionSnapshot,
  Subscription,
  TypingActiveState,
  TypingSnapshot,
  TypingSubscription,
  UnsubscribedState,
  UserActiveState,
  UserOnlineActiveState,
  UserOnlineSnapshot,
  UserOnlineSubscription,
  UserSnapshot,
  UserSubscription,
} from "causerie";
import type { Expected, Holds, Not, Same } from "./exact.js";

type MessageFields = {
  readonly id: string;
  readonly custom: Record<string, string>;
  readonly createdAt: number;
  readonly editedAt: number | null;
  readonly origin: "rest" | "import" | "email" | "web";
  readonly plaintext: string;
  readonly content: ContentBlock[];
  readonly reactions: ReactionsSummarySnapshot[];
};

export type Snapshots = [
  Holds<
    Expected<
      ConversationSnapshot,
      {
        readonly id: string;
        readonly subject: string | null;
        readonly photoUrl: string | null;
        readonly welcomeMessages: string[];
        readonly custom: Record<string, string>;
        readonly createdAt: number;
        readonly joinedAt: number;
        readonly lastMessage: MessageSnapshot | null;
        readonly lastMessageAt: number;
        readonly unreadMessageCount: number;
        readonly readUntil: number;
        readonly everyoneReadUntil: number;
        readonly isUnread: boolean;
        readonly access: "Read" | "ReadWrite";
        readonly notify: boolean | "MentionsOnly";
      }
    >
  >,
  Holds<
    Expected<
      MessageSnapshot,
      MessageFields & {
        readonly type: "UserMessage" | "SystemMessage";
        readonly sender: UserSnapshot | null;
        readonly referencedMessage: ReferencedMessageSnapshot | null;
      }
    >
  >,
  Holds<
    Expected<
      ReferencedMessageSnapshot,
      MessageFields & {
        readonly type: "UserMessage";
        readonly sender: UserSnapshot;
        readonly referencedMessageId: string | null;
      }
    >
  >,
  Holds<
    Expected<
      ParticipantSnapshot,
      {
        readonly user: UserSnapshot;
        readonly access: "ReadWrite" | "Read";
        readonly notify: boolean | "MentionsOnly";
        readonly joinedAt: number;
      }
    >
  >,
  Holds<
    Expected<
      ReactionsSummarySnapshot,
      { readonly emoji: string; readonly count: number; readonly currentUserReacted: boolean }
    >
  >,
  Holds<Same<ReactionSnapshot, ReactionsSummarySnapshot>>,
  Holds<Expected<SingleReactionSnapshot, { readonly user: UserSnapshot; readonly createdAt: number }>>,
  Holds<Expected<UserOnlineSnapshot, { readonly user: UserSnapshot; readonly isConnected: boolean }>>,
  Holds<Same<TypingSnapshot, FewTypingSnapshot | ManyTypingSnapshot>>,
  Holds<Expected<FewTypingSnapshot, { readonly many: false; readonly users: UserSnapshot[] }>>,
  Holds<Expected<ManyTypingSnapshot, { readonly many: true }>>,
  Holds<
    Expected<
      SearchMessageSnapshot,
      { readonly conversation: ConversationSnapshot; readonly message: MessageSnapshot }
    >
  >,
];

type Active<Snapshot> = { readonly type: "active"; readonly latestSnapshot: Snapshot };
type ActiveList<Snapshot> = Active<Snapshot> & { readonly loadedAll: boolean };

export type States = [
  Holds<Expected<PendingState, { readonly type: "pending" }>>,
  Holds<Expected<UnsubscribedState, { readonly type: "unsubscribed" }>>,
  Holds<Expected<ErrorState, { readonly type: "error"; readonly error: Error }>>,
  Holds<Expected<UserActiveState, Active<UserSnapshot | null>>>,
  Holds<Expected<UserOnlineActiveState, Active<UserOnlineSnapshot | null>>>,
  Holds<Expected<ConversationActiveState, Active<ConversationSnapshot | null>>>,
  Holds<Expected<SingleParticipantActiveState, Active<ParticipantSnapshot | null>>>,
  Holds<Expected<TypingActiveState, Active<TypingSnapshot | null>>>,
  // The list of the current user's conversations is never null; it can be empty.
  Holds<Expected<ConversationListActiveState, ActiveList<ConversationSnapshot[]>>>,
  Holds<Expected<MessageActiveState, ActiveList<MessageSnapshot[] | null>>>,
  Holds<Expected<ParticipantActiveState, ActiveList<ParticipantSnapshot[] | null>>>,
  Holds<Expected<ReactionsActiveState, ActiveList<SingleReactionSnapshot[] | null>>>,
];

type Handle<State> = {
  readonly state: PendingState | State | UnsubscribedState | ErrorState;
  readonly connected: Promise<State>;
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  unsubscribe(): void;
};
type ListHandle<State> = Handle<State> & { loadMore(count?: number): Promise<void> };

export type Subscriptions = [
  Holds<Expected<Subscription, { unsubscribe(): void }>>,
  Holds<Expected<UserSubscription, Handle<UserActiveState>>>,
  Holds<Expected<UserOnlineSubscription, Handle<UserOnlineActiveState>>>,
  Holds<Expected<ConversationSubscription, Handle<ConversationActiveState>>>,
  Holds<Expected<SingleParticipantSubscription, Handle<SingleParticipantActiveState>>>,
  Holds<Expected<TypingSubscription, Handle<TypingActiveState>>>,
  Holds<Expected<ConversationListSubscription, ListHandle<ConversationListActiveState>>>,
  Holds<Expected<MessageSubscription, ListHandle<MessageActiveState>>>,
  Holds<Expected<ParticipantSubscription, ListHandle<ParticipantActiveState>>>,
  Holds<Expected<ReactionsSubscription, ListHandle<ReactionsActiveState>>>,
  // Each subscription resolves with its own kind of state.
  Holds<Not<Same<MessageSubscription["connected"], ParticipantSubscription["connected"]>>>,
];
