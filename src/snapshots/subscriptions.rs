//! The handles of subscriptions and their states. What they do is in `live/`.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
declare global {
  interface SymbolConstructor {
    /** Ends what a `using` declaration holds. As TypeScript's own library has it, for programs compiled without. */
    readonly dispose: unique symbol;
  }
}

/** Something that goes on until it is ended. */
export interface Subscription {
  /** Ends it. Nothing is called after that. To end it twice is to end it once. */
  unsubscribe(): void;
}

/** The subscription has no data yet. */
export interface PendingState {
  /** Tells the states apart. */
  readonly type: "pending";
}

/** The subscription was ended by `unsubscribe`. */
export interface UnsubscribedState {
  /** Tells the states apart. */
  readonly type: "unsubscribed";
}

/** The subscription was ended by an error. */
export interface ErrorState {
  /** Tells the states apart. */
  readonly type: "error";
  /** Why it ended. */
  readonly error: Error;
}

/** The subscription to a user's public attributes is up to date. */
export interface UserActiveState {
  /** Tells the states apart. */
  readonly type: "active";
  /** The user, or `null` if there is none. */
  readonly latestSnapshot: UserSnapshot | null;
}

/** A subscription to a user's public attributes. */
export interface UserSubscription extends Subscription {
  /** What it is at this moment. Another frozen object each time it changes. */
  readonly state: PendingState | UserActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before. */
  readonly connected: Promise<UserActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /** Ends it, at the end of the block that holds it by `using`. */
  [Symbol.dispose](): void;
}

/** The subscription to whether a user is online is up to date. */
export interface UserOnlineActiveState {
  /** Tells the states apart. */
  readonly type: "active";
  /** The user and whether they are online, or `null` if there is no such user. */
  readonly latestSnapshot: UserOnlineSnapshot | null;
}

/** A subscription to whether a user is online. */
export interface UserOnlineSubscription extends Subscription {
  /** What it is at this moment. Another frozen object each time it changes. */
  readonly state: PendingState | UserOnlineActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before. */
  readonly connected: Promise<UserOnlineActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /** Ends it, at the end of the block that holds it by `using`. */
  [Symbol.dispose](): void;
}

/** The subscription to a conversation is up to date. */
export interface ConversationActiveState {
  /** Tells the states apart. */
  readonly type: "active";
  /** The conversation, or `null` if the current user is no participant or it does not exist. */
  readonly latestSnapshot: ConversationSnapshot | null;
}

/** A subscription to a conversation. */
export interface ConversationSubscription extends Subscription {
  /** What it is at this moment. Another frozen object each time it changes. */
  readonly state: PendingState | ConversationActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before. */
  readonly connected: Promise<ConversationActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /** Ends it, at the end of the block that holds it by `using`. */
  [Symbol.dispose](): void;
}

/** The subscription to the current user's conversations is up to date. */
export interface ConversationListActiveState {
  /** Tells the states apart. */
  readonly type: "active";
  /** The conversations loaded so far, the one with the latest activity first. */
  readonly latestSnapshot: ConversationSnapshot[];
  /** Whether there is nothing more to load. */
  readonly loadedAll: boolean;
}

/** A subscription to the current user's conversations. */
export interface ConversationListSubscription extends Subscription {
  /** What it is at this moment. Another frozen object each time it changes. */
  readonly state: PendingState | ConversationListActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before. */
  readonly connected: Promise<ConversationListActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /**
   * Loads more conversations, 20 if no count is given, and resolves once they are there or there are no more. A second
   * call before that does not add to the first: the higher count of the two is loaded. Rejects with `invalid_argument`
   * if the count is no whole number from 1 to 30.
   */
  loadMore(count?: number): Promise<void>;
  /** Ends it, at the end of the block that holds it by `using`. */
  [Symbol.dispose](): void;
}

/** The subscription to the messages of a conversation is up to date. */
export interface MessageActiveState {
  /** Tells the states apart. */
  readonly type: "active";
  /** The messages loaded so far, newest first, or `null` if the current user is no participant. */
  readonly latestSnapshot: MessageSnapshot[] | null;
  /** Whether there is nothing more to load. */
  readonly loadedAll: boolean;
}

/** A subscription to the messages of a conversation. */
export interface MessageSubscription extends Subscription {
  /** What it is at this moment. Another frozen object each time it changes. */
  readonly state: PendingState | MessageActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before. */
  readonly connected: Promise<MessageActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /**
   * Loads more messages, 30 if no count is given, and resolves once they are there or there are no more. A second call
   * before that does not add to the first: the higher count of the two is loaded. Rejects with `invalid_argument` if
   * the count is no whole number from 1 to 100.
   */
  loadMore(count?: number): Promise<void>;
  /** Ends it, at the end of the block that holds it by `using`. */
  [Symbol.dispose](): void;
}

/** The subscription to the participants of a conversation is up to date. */
export interface ParticipantActiveState {
  /** Tells the states apart. */
  readonly type: "active";
  /** The participants loaded so far, who joined last first, or `null` if the current user is no participant. */
  readonly latestSnapshot: ParticipantSnapshot[] | null;
  /** Whether there is nothing more to load. */
  readonly loadedAll: boolean;
}

/** A subscription to the participants of a conversation. */
export interface ParticipantSubscription extends Subscription {
  /** What it is at this moment. Another frozen object each time it changes. */
  readonly state: PendingState | ParticipantActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before. */
  readonly connected: Promise<ParticipantActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /**
   * Loads more participants, 10 if no count is given, and resolves once they are there or there are no more. A second
   * call before that does not add to the first: the higher count of the two is loaded. Rejects with `invalid_argument`
   * if the count is no whole number from 1 to 50.
   */
  loadMore(count?: number): Promise<void>;
  /** Ends it, at the end of the block that holds it by `using`. */
  [Symbol.dispose](): void;
}

/** The subscription to one user's part in a conversation is up to date. */
export interface SingleParticipantActiveState {
  /** Tells the states apart. */
  readonly type: "active";
  /** The participant, or `null` if the user is none. */
  readonly latestSnapshot: ParticipantSnapshot | null;
}

/** A subscription to one user's part in a conversation. */
export interface SingleParticipantSubscription extends Subscription {
  /** What it is at this moment. Another frozen object each time it changes. */
  readonly state: PendingState | SingleParticipantActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before. */
  readonly connected: Promise<SingleParticipantActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /** Ends it, at the end of the block that holds it by `using`. */
  [Symbol.dispose](): void;
}

/** The subscription to who is typing in a conversation is up to date. */
export interface TypingActiveState {
  /** Tells the states apart. */
  readonly type: "active";
  /** Who is typing, or `null` if the current user is no participant. */
  readonly latestSnapshot: TypingSnapshot | null;
}

/** A subscription to who is typing in a conversation. */
export interface TypingSubscription extends Subscription {
  /** What it is at this moment. Another frozen object each time it changes. */
  readonly state: PendingState | TypingActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before. */
  readonly connected: Promise<TypingActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /** Ends it, at the end of the block that holds it by `using`. */
  [Symbol.dispose](): void;
}

/** The subscription to the reactions to a message with one emoji is up to date. */
export interface ReactionsActiveState {
  /** Tells the states apart. */
  readonly type: "active";
  /** The reactions loaded so far, oldest first, or `null` if the message is not there for the current user. */
  readonly latestSnapshot: SingleReactionSnapshot[] | null;
  /** Whether there is nothing more to load. */
  readonly loadedAll: boolean;
}

/** A subscription to the reactions to a message with one emoji. */
export interface ReactionsSubscription extends Subscription {
  /** What it is at this moment. Another frozen object each time it changes. */
  readonly state: PendingState | ReactionsActiveState | UnsubscribedState | ErrorState;
  /** Resolves with the first data. Rejects if the subscription ends before. */
  readonly connected: Promise<ReactionsActiveState>;
  /** Resolves when the subscription has ended. */
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  /**
   * Loads more reactions, 30 if no count is given, and resolves once they are there or there are no more. A second
   * call before that does not add to the first: the higher count of the two is loaded. Rejects with `invalid_argument`
   * if the count is no whole number from 1 to 100.
   */
  loadMore(count?: number): Promise<void>;
  /** Ends it, at the end of the block that holds it by `using`. */
  [Symbol.dispose](): void;
}
"#;
