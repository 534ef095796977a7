import type { MessageRef, MessageSnapshot, SendMessageParams, SendTextMessageParams } from "./message.js";
import type { ParticipantRef, ParticipantSnapshot } from "./participant.js";
import type {
  ConversationSubscription,
  MessageSubscription,
  ParticipantSubscription,
  TypingSubscription,
} from "./subscriptions.js";
import type { UserRef, UserSnapshot } from "./user.js";

/**
 * References the conversation with a given ID, as the current user sees it. It holds no data: call
 * {@link ConversationRef.get} for a snapshot.
 *
 * Made by {@link TalkSession.conversation}. The same ID gives the same object.
 */
export declare class ConversationRef {
  private constructor();
  /** The ID of the referenced conversation. To reference another conversation, get another ref. */
  readonly id: string;
  /**
   * Fetches a snapshot of the conversation and of the current user's participation in it.
   *
   * @returns the snapshot, or `null` if the current user is not a participant or there is no such
   * conversation.
   */
  get(): Promise<ConversationSnapshot | null>;
  /**
   * Sets properties of the conversation, and creates the conversation if there is none. The current user
   * becomes a participant.
   *
   * Rejects with `conversation_sync_disabled` if only the app's backend may do this; participants may then
   * still set `notify`.
   */
  set(params: SetConversationParams): Promise<void>;
  /**
   * Creates the conversation. If it exists, its properties do not change. In both cases the current user
   * becomes a participant.
   *
   * Rejects with `conversation_sync_disabled` if only the app's backend may do this and the current user is
   * not a participant.
   */
  createIfNotExists(params?: CreateConversationParams): Promise<void>;
  /**
   * References a user's participation in the conversation. Throws a `TypeError` unless given a `UserRef` or a
   * non-empty string.
   */
  participant(user: string | UserRef): ParticipantRef;
  /** References a message of the conversation. Throws a `TypeError` unless the ID is a non-empty string. */
  message(id: string): MessageRef;
  /**
   * Sends a message as the current user. A string is text with markup, see {@link SendTextMessageParams}.
   *
   * Messages are stored in the order of the calls, and each call stores one message, however often the
   * connection is lost. Rejects with `not_found` if the current user is not a participant, with `forbidden`
   * if the current user may only read, and with `invalid_argument` if a value has the wrong type, form or
   * size.
   *
   * @returns the ref of the new message, after the server has stored it.
   */
  send(params: string | SendTextMessageParams | SendMessageParams): Promise<MessageRef>;
  /**
   * Marks all messages as read by the current user. Rejects with `not_found` unless the user is a
   * participant.
   */
  markAsRead(): Promise<void>;
  /** Marks the conversation as unread for the current user. Rejects with `not_found` unless a participant. */
  markAsUnread(): Promise<void>;
  /**
   * Shows the other participants that the current user is typing: for 10 seconds, or until the user sends a
   * message. Call it repeatedly while the user types; once every few seconds is enough.
   */
  markAsTyping(): Promise<void>;
  /**
   * Calls `onSnapshot` with the conversation now and whenever anything in the snapshot changes, including the
   * last message and its sender. The snapshot is `null` while the current user is not a participant.
   */
  subscribe(
    onSnapshot?: (snapshot: ConversationSnapshot | null) => void,
  ): ConversationSubscription & Disposable;
  /**
   * Calls `onSnapshot` with the newest 30 messages, newest first, now and whenever anything in them changes.
   * The snapshot is `null` while the current user is not a participant. {@link MessageSubscription.loadMore}
   * loads older messages.
   */
  subscribeMessages(
    onSnapshot?: (snapshot: MessageSnapshot[] | null, loadedAll: boolean) => void,
  ): MessageSubscription & Disposable;
  /**
   * Calls `onSnapshot` with the 10 participants who joined last, now and whenever anything in them changes.
   * The snapshot is `null` while the current user is not a participant. {@link
   * ParticipantSubscription.loadMore} loads further ones.
   */
  subscribeParticipants(
    onSnapshot?: (snapshot: ParticipantSnapshot[] | null, loadedAll: boolean) => void,
  ): ParticipantSubscription & Disposable;
  /**
   * Calls `onSnapshot` with the other users who are typing, now and whenever that changes. The snapshot is
   * `null` while the current user is not a participant.
   */
  subscribeTyping(onSnapshot?: (snapshot: TypingSnapshot | null) => void): TypingSubscription & Disposable;
}

/** The properties of a conversation to create. */
export interface CreateConversationParams {
  /** The subject. Default: none. */
  subject?: string;
  /** The URL of a photo. Default: no photo. */
  photoUrl?: string;
  /** Texts that are shown before the first message. They are not messages. Default: none. */
  welcomeMessages?: string[];
  /** Custom data. Default: none. */
  custom?: Record<string, string>;
  /** What the current user, who becomes a participant, may do. Default: `"ReadWrite"`. */
  access?: "ReadWrite" | "Read";
  /** Which messages notify the current user. Default: `true`, all of them. */
  notify?: boolean | "MentionsOnly";
}

/**
 * Changes to a conversation. A field that is absent or `undefined` keeps its value, `null` resets it, a value
 * replaces it.
 */
export interface SetConversationParams {
  /** The subject. `null`: none. */
  subject?: string | null;
  /** The URL of a photo. `null`: no photo. */
  photoUrl?: string | null;
  /** Texts that are shown before the first message, which replace the previous ones. `null`: none. */
  welcomeMessages?: string[] | null;
  /** Custom data, merged key by key: `null` for a key deletes it. `null` for the field deletes all keys. */
  custom?: Record<string, string | null> | null;
  /** What the current user may do. `null`: `"ReadWrite"`. */
  access?: "ReadWrite" | "Read" | null;
  /** Which messages notify the current user. `null`: all of them. */
  notify?: boolean | "MentionsOnly" | null;
}

/**
 * A conversation at one moment, as the current user sees it, with the current user's participation in it.
 * Plain, deeply frozen data that does not change if the conversation does. All times are Unix timestamps in
 * milliseconds.
 */
export declare class ConversationSnapshot {
  private constructor();
  /** The conversation's ID. */
  readonly id: string;
  /** The subject, or `null` if there is none. */
  readonly subject: string | null;
  /** The URL of a photo, or `null` if there is none. */
  readonly photoUrl: string | null;
  /** Texts that are shown before the first message. */
  readonly welcomeMessages: string[];
  /** Custom data that was set on the conversation. */
  readonly custom: Record<string, string>;
  /** When the conversation was created. */
  readonly createdAt: number;
  /** When the current user joined it. */
  readonly joinedAt: number;
  /** The newest message, or `null` if there is none. */
  readonly lastMessage: MessageSnapshot | null;
  /** When the newest message was sent; when the conversation was created if there is none. Sort by this. */
  readonly lastMessageAt: number;
  /** The number of messages that the current user has not read. */
  readonly unreadMessageCount: number;
  /** The current user has read everything that was sent up to this time. */
  readonly readUntil: number;
  /** All participants have read everything that was sent up to this time. */
  readonly everyoneReadUntil: number;
  /** Whether the conversation counts as unread. Can be true with a count of 0, after `markAsUnread`. */
  readonly isUnread: boolean;
  /** What the current user may do in this conversation. */
  readonly access: "Read" | "ReadWrite";
  /** Which messages notify the current user: all, none, or those that mention the user. */
  readonly notify: boolean | "MentionsOnly";
}

/**
 * The users who are typing in a conversation: a few by name, or many. The current user is never among them.
 */
export type TypingSnapshot = FewTypingSnapshot | ManyTypingSnapshot;

/** At most five users are typing, or none. */
export interface FewTypingSnapshot {
  /** Distinguishes it from {@link ManyTypingSnapshot}. */
  readonly many: false;
  /** The users who are typing, in the order in which they began. */
  readonly users: UserSnapshot[];
}

/** More than five users are typing. */
export interface ManyTypingSnapshot {
  /** Distinguishes it from {@link FewTypingSnapshot}. */
  readonly many: true;
}
