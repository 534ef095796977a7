import type { SingleParticipantSubscription } from "./subscriptions.js";
import type { UserSnapshot } from "./user.js";

/**
 * References a user's participation in a conversation. It holds no data: call {@link ParticipantRef.get} for
 * a snapshot.
 *
 * Made by {@link ConversationRef.participant}. The same IDs give the same object.
 */
export declare class ParticipantRef {
  private constructor();
  /** The ID of the user. */
  readonly userId: string;
  /** The ID of the conversation. */
  readonly conversationId: string;
  /**
   * Fetches a snapshot of the participant.
   *
   * @returns the snapshot, or `null` if the user is not a participant. Rejects with `not_found` if the
   * current user is not a participant of the conversation and asks about another user.
   */
  get(): Promise<ParticipantSnapshot | null>;
  /** Sets properties of the participant. The user becomes a participant if they are none. */
  set(params: SetParticipantParams): Promise<void>;
  /** Changes properties of the participant. Rejects with `not_found` if the user is not a participant. */
  edit(params: SetParticipantParams): Promise<void>;
  /** Makes the user a participant. Does nothing if the user is one. */
  createIfNotExists(params?: CreateParticipantParams): Promise<void>;
  /** Removes the user from the conversation. Does nothing if the user is not a participant. */
  delete(): Promise<void>;
  /**
   * Calls `onSnapshot` with the participant now and whenever a field changes, or with `null` if there is
   * none.
   */
  subscribe(
    onSnapshot?: (snapshot: ParticipantSnapshot | null) => void,
  ): SingleParticipantSubscription & Disposable;
}

/** The properties of a participant to create. */
export interface CreateParticipantParams {
  /** `"ReadWrite"` (the default): may read and send. `"Read"`: may read. */
  access?: "ReadWrite" | "Read";
  /**
   * Which messages notify the participant: all (`true`, the default), none, or those that mention the user.
   */
  notify?: boolean | "MentionsOnly";
}

/**
 * Changes to a participant. A field that is absent or `undefined` keeps its value, `null` resets it to its
 * default.
 */
export interface SetParticipantParams {
  /** `"ReadWrite"`: may read and send. `"Read"`: may read. */
  access?: "ReadWrite" | "Read" | null;
  /** Which messages notify the participant: all (`true`), none, or those that mention the user. */
  notify?: boolean | "MentionsOnly" | null;
}

/** A user's participation in a conversation at one moment. Plain, deeply frozen data. */
export declare class ParticipantSnapshot {
  private constructor();
  /** The user who takes part. */
  readonly user: UserSnapshot;
  /** What the user may do in this conversation: read and send, or only read. */
  readonly access: "Read" | "ReadWrite";
  /** Which messages notify the user: all, none, or those that mention the user. */
  readonly notify: boolean | "MentionsOnly";
  /** When the user joined, as a Unix timestamp in milliseconds. */
  readonly joinedAt: number;
}
