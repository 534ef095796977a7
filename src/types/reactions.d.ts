import type { ReactionsSubscription } from "./subscriptions.js";
import type { UserSnapshot } from "./user.js";

/**
 * References the reactions to a message with one emoji. It holds no data.
 *
 * Made by {@link MessageRef.reactions}. The same IDs and emoji give the same object.
 */
export declare class ReactionsRef {
  private constructor();
  /** The emoji: one Unicode emoji, or the name of a custom one between colons, such as `":shipit:"`. */
  readonly emoji: string;
  /** The ID of the message. */
  readonly messageId: string;
  /** The ID of the conversation. */
  readonly conversationId: string;
  /** Adds the current user's reaction with the emoji. Does nothing if there is one. */
  add(): Promise<void>;
  /** Removes the current user's reaction with the emoji. Does nothing if there is none. */
  remove(): Promise<void>;
  /**
   * Fetches the first ten reactions with the emoji, oldest first.
   *
   * @returns the reactions, or `null` if there is no such message or the current user may not read it.
   */
  getFirstReactions(): Promise<SingleReactionSnapshot[] | null>;
  /**
   * Calls `onSnapshot` with the first ten reactions with the emoji, oldest first, now and whenever anything
   * in them changes. {@link ReactionsSubscription.loadMore} loads later ones.
   */
  subscribe(
    onSnapshot?: (snapshot: SingleReactionSnapshot[] | null, loadedAll: boolean) => void,
  ): ReactionsSubscription & Disposable;
}

/** The older name of {@link ReactionsRef}. */
export type ReactionRef = ReactionsRef;

/** One user's reaction to a message. Plain, deeply frozen data. */
export interface SingleReactionSnapshot {
  /** The user who reacted. */
  readonly user: UserSnapshot;
  /** When the user reacted, as a Unix timestamp in milliseconds. */
  readonly createdAt: number;
}

/** How often one emoji was used on a message. */
export interface ReactionsSummarySnapshot {
  /** The emoji, or the name of a custom one between colons. */
  readonly emoji: string;
  /** The number of users who reacted with it. */
  readonly count: number;
  /** Whether the current user is one of them. */
  readonly currentUserReacted: boolean;
}

/** An older name of {@link ReactionsSummarySnapshot}. */
export type ReactionSnapshot = ReactionsSummarySnapshot;
