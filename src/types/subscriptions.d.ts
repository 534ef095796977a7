import type { ConversationSnapshot, TypingSnapshot } from "./conversation.js";
import type { MessageSnapshot } from "./message.js";
import type { ParticipantSnapshot } from "./participant.js";
import type { SingleReactionSnapshot } from "./reactions.js";
import type { UserOnlineSnapshot, UserSnapshot } from "./user.js";

declare global {
  interface SymbolConstructor {
    /**
     * Ends a `using` declaration. Declared as in TypeScript's own library, for programs that are compiled
     * without it.
     */
    readonly dispose: unique symbol;
  }
  /**
   * Something that a `using` declaration ends. Declared as in TypeScript's own library. The methods that
   * subscribe return it together with the documented type of the subscription, so that a program's own
   * subscription needs no such method to be of that type.
   */
  interface Disposable {
    /** Ends it. */
    [Symbol.dispose](): void;
  }
}

/** Something that continues until it is ended. */
export interface Subscription {
  /** Ends it. No callback runs after that. Further calls do nothing. */
  unsubscribe(): void;
}

/** The subscription has no data yet. */
export interface PendingState {
  /** Identifies the kind of state. */
  readonly type: "pending";
}

/** The subscription was ended by `unsubscribe`. */
export interface UnsubscribedState {
  /** Identifies the kind of state. */
  readonly type: "unsubscribed";
}

/** The subscription was ended by an error. */
export interface ErrorState {
  /** Identifies the kind of state. */
  readonly type: "error";
  /** The error that ended it. */
  readonly error: Error;
}

/** The subscription to a user's public attributes is up to date. */
export interface UserActiveState {
  /** Identifies the kind of state. */
  readonly type: "active";
  /** The user, or `null` if there is none. */
  readonly latestSnapshot: UserSnapshot | null;
}

/** A subscription to a user's public attributes. */
export interface UserSubscription extends Subscription {
  /** The current state: frozen, and a new object after each change. */
  readonly state: PendingState | UserActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before that. */
  readonly connected: Promise<UserActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
}

/** The subscription to whether a user is online is up to date. */
export interface UserOnlineActiveState {
  /** Identifies the kind of state. */
  readonly type: "active";
  /** The user and whether they are online, or `null` if there is no such user. */
  readonly latestSnapshot: UserOnlineSnapshot | null;
}

/** A subscription to whether a user is online. */
export interface UserOnlineSubscription extends Subscription {
  /** The current state: frozen, and a new object after each change. */
  readonly state: PendingState | UserOnlineActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before that. */
  readonly connected: Promise<UserOnlineActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
}

/** The subscription to a conversation is up to date. */
export interface ConversationActiveState {
  /** Identifies the kind of state. */
  readonly type: "active";
  /** The conversation, or `null` if it does not exist or the current user is not a participant. */
  readonly latestSnapshot: ConversationSnapshot | null;
}

/** A subscription to a conversation. */
export interface ConversationSubscription extends Subscription {
  /** The current state: frozen, and a new object after each change. */
  readonly state: PendingState | ConversationActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before that. */
  readonly connected: Promise<ConversationActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
}

/** The subscription to the current user's conversations is up to date. */
export interface ConversationListActiveState {
  /** Identifies the kind of state. */
  readonly type: "active";
  /** The conversations loaded so far, the one with the latest activity first. */
  readonly latestSnapshot: ConversationSnapshot[];
  /** Whether there is nothing more to load. */
  readonly loadedAll: boolean;
}

/** A subscription to the current user's conversations. */
export interface ConversationListSubscription extends Subscription {
  /** The current state: frozen, and a new object after each change. */
  readonly state: PendingState | ConversationListActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before that. */
  readonly connected: Promise<ConversationListActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /**
   * Loads more conversations, 20 by default, and resolves when they are in the snapshot or there are no more.
   * A second call before that does not add to the first: the higher of the two counts is loaded. Rejects with
   * `invalid_argument` unless the count is an integer from 1 to 30.
   */
  loadMore(count?: number): Promise<void>;
}

/** The subscription to the messages of a conversation is up to date. */
export interface MessageActiveState {
  /** Identifies the kind of state. */
  readonly type: "active";
  /** The messages loaded so far, newest first, or `null` if the current user is not a participant. */
  readonly latestSnapshot: MessageSnapshot[] | null;
  /** Whether there is nothing more to load. */
  readonly loadedAll: boolean;
}

/** A subscription to the messages of a conversation. */
export interface MessageSubscription extends Subscription {
  /** The current state: frozen, and a new object after each change. */
  readonly state: PendingState | MessageActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before that. */
  readonly connected: Promise<MessageActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /**
   * Loads more messages, 30 by default, and resolves when they are in the snapshot or there are no more. A
   * second call before that does not add to the first: the higher of the two counts is loaded. Rejects with
   * `invalid_argument` unless the count is an integer from 1 to 100.
   */
  loadMore(count?: number): Promise<void>;
}

/** The subscription to the participants of a conversation is up to date. */
export interface ParticipantActiveState {
  /** Identifies the kind of state. */
  readonly type: "active";
  /**
   * The participants loaded so far, in descending order of joining, or `null` if the current user is none.
   */
  readonly latestSnapshot: ParticipantSnapshot[] | null;
  /** Whether there is nothing more to load. */
  readonly loadedAll: boolean;
}

/** A subscription to the participants of a conversation. */
export interface ParticipantSubscription extends Subscription {
  /** The current state: frozen, and a new object after each change. */
  readonly state: PendingState | ParticipantActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before that. */
  readonly connected: Promise<ParticipantActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /**
   * Loads more participants, 10 by default, and resolves when they are in the snapshot or there are no more.
   * A second call before that does not add to the first: the higher of the two counts is loaded. Rejects with
   * `invalid_argument` unless the count is an integer from 1 to 50.
   */
  loadMore(count?: number): Promise<void>;
}

/** The subscription to one user's participation in a conversation is up to date. */
export interface SingleParticipantActiveState {
  /** Identifies the kind of state. */
  readonly type: "active";
  /** The participant, or `null` if the user is not a participant. */
  readonly latestSnapshot: ParticipantSnapshot | null;
}

/** A subscription to one user's participation in a conversation. */
export interface SingleParticipantSubscription extends Subscription {
  /** The current state: frozen, and a new object after each change. */
  readonly state: PendingState | SingleParticipantActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before that. */
  readonly connected: Promise<SingleParticipantActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
}

/** The subscription to the users who are typing in a conversation is up to date. */
export interface TypingActiveState {
  /** Identifies the kind of state. */
  readonly type: "active";
  /** The users who are typing, or `null` if the current user is not a participant. */
  readonly latestSnapshot: TypingSnapshot | null;
}

/** A subscription to the users who are typing in a conversation. */
export interface TypingSubscription extends Subscription {
  /** The current state: frozen, and a new object after each change. */
  readonly state: PendingState | TypingActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before that. */
  readonly connected: Promise<TypingActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
}

/** The subscription to the reactions to a message with one emoji is up to date. */
export interface ReactionsActiveState {
  /** Identifies the kind of state. */
  readonly type: "active";
  /** The reactions loaded so far, oldest first, or `null` if the current user cannot read the message. */
  readonly latestSnapshot: SingleReactionSnapshot[] | null;
  /** Whether there is nothing more to load. */
  readonly loadedAll: boolean;
}

/** A subscription to the reactions to a message with one emoji. */
export interface ReactionsSubscription extends Subscription {
  /** The current state: frozen, and a new object after each change. */
  readonly state: PendingState | ReactionsActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before that. */
  readonly connected: Promise<ReactionsActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /**
   * Loads more reactions, 30 by default, and resolves when they are in the snapshot or there are no more. A
   * second call before that does not add to the first: the higher of the two counts is loaded. Rejects with
   * `invalid_argument` unless the count is an integer from 1 to 100.
   */
  loadMore(count?: number): Promise<void>;
}
