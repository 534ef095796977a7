import type { ContentBlock, SendContentBlock } from "./content.js";
import type { ConversationSnapshot } from "./conversation.js";
import type { ReactionsRef, ReactionsSummarySnapshot } from "./reactions.js";
import type { UserSnapshot } from "./user.js";

/**
 * References the message with a given ID in a conversation. It holds no data: call {@link MessageRef.get} for
 * a snapshot.
 *
 * Made by {@link ConversationRef.message} and {@link ConversationRef.send}. The same IDs give the same
 * object.
 */
export declare class MessageRef {
  private constructor();
  /** The ID of the message. */
  readonly id: string;
  /** The ID of the conversation. */
  readonly conversationId: string;
  /**
   * Fetches a snapshot of the message.
   *
   * @returns the snapshot, or `null` if there is no such message or the current user may not read it.
   */
  get(): Promise<MessageSnapshot | null>;
  /**
   * Changes the message. A string is the new text, with markup. Rejects with `forbidden` if another user sent
   * the message, with `not_found` if there is no such message, and with `invalid_argument` if a value has the
   * wrong type, form or size.
   */
  edit(params: string | EditTextMessageParams | EditMessageParams): Promise<void>;
  /** Deletes the message. Does nothing if there is none. Rejects with `forbidden` if another user sent it. */
  delete(): Promise<void>;
  /**
   * Translates the message. Its marks, links, mentions, code and emoji stay. The stored message does not
   * change.
   *
   * Rejects with `unsupported` if the app has no translator, with `invalid_argument` if the translator does
   * not support the language, and with a retryable error if the translator is busy or fails.
   *
   * @param language a BCP 47 tag, such as `"de"` or `"pt-BR"`.
   * @returns the message in this language, or `null` if there is no such message or the current user may not
   *   read it.
   */
  translate(language: string): Promise<{ content: ContentBlock[]; plaintext: string } | null>;
  /** References the reactions with an emoji. Throws a `TypeError` unless the emoji is a non-empty string. */
  reactions(emoji: string): ReactionsRef;
  /** The older name of {@link MessageRef.reactions}. */
  reaction(emoji: string): ReactionsRef;
}

/** A text message to send. */
export interface SendTextMessageParams {
  /**
   * The text. Its markup: `*bold*`, `_italic_`, `~strikethrough~`, code between three backticks, and bullets.
   */
  text: string;
  /** Custom data to store with the message. */
  custom?: Record<string, string>;
  /** The message that this one replies to, by its ID or ref. It must be in the same conversation. */
  referencedMessage?: string | MessageRef;
}

/** A message to send, given as content. */
export interface SendMessageParams {
  /** The content: exactly one block. */
  content: [SendContentBlock];
  /** Custom data to store with the message. */
  custom?: Record<string, string>;
  /** The message that this one replies to, by its ID or ref. It must be in the same conversation. */
  referencedMessage?: string | MessageRef;
}

/**
 * Changes to a message, its text given as a string. A field that is absent or `undefined` keeps its value.
 */
export interface EditTextMessageParams {
  /** The new text, with the same markup as in {@link SendTextMessageParams}. */
  text?: string;
  /** Custom data, merged key by key: `null` for a key deletes it. `null` for the field deletes all keys. */
  custom?: Record<string, string | null> | null;
}

/** Changes to a message, its text given as content. A field that is absent or `undefined` keeps its value. */
export interface EditMessageParams {
  /** The new content: exactly one block. */
  content?: [SendContentBlock];
  /** Custom data, merged key by key: `null` for a key deletes it. `null` for the field deletes all keys. */
  custom?: Record<string, string | null> | null;
}

/**
 * A message at one moment. Plain, deeply frozen data that does not change if the message does. All times are
 * Unix timestamps in milliseconds.
 */
export declare class MessageSnapshot {
  private constructor();
  /** The message's ID. */
  readonly id: string;
  /** `"SystemMessage"` if the app's backend sent it without a sender. */
  readonly type: "UserMessage" | "SystemMessage";
  /** The user who sent it; `null` for a system message. */
  readonly sender: UserSnapshot | null;
  /** Custom data that was set on the message. */
  readonly custom: Record<string, string>;
  /** When it was sent. */
  readonly createdAt: number;
  /** When it was last edited, or `null` if it never was. */
  readonly editedAt: number | null;
  /** The message that this one replies to; `null` if it is no reply or that message was deleted. */
  readonly referencedMessage: ReferencedMessageSnapshot | null;
  /** How it was sent: from a browser, by the REST API, by an import, or by e-mail. */
  readonly origin: "rest" | "import" | "email" | "web";
  /** The content as text without any formatting. */
  readonly plaintext: string;
  /** The content with its formatting. */
  readonly content: ContentBlock[];
  /** The reactions, grouped by emoji, in the order in which the emoji were first used. */
  readonly reactions: ReactionsSummarySnapshot[];
}

/**
 * A message that another one replies to. If it is a reply itself, it contains only the ID of the message it
 * replies to.
 */
export declare class ReferencedMessageSnapshot {
  private constructor();
  /** The message's ID. */
  readonly id: string;
  /** Always `"UserMessage"`: system messages cannot be replied to. */
  readonly type: "UserMessage";
  /** The user who sent it. */
  readonly sender: UserSnapshot;
  /** Custom data that was set on the message. */
  readonly custom: Record<string, string>;
  /** When it was sent, as a Unix timestamp in milliseconds. */
  readonly createdAt: number;
  /** When it was last edited, or `null` if it never was. */
  readonly editedAt: number | null;
  /** The ID of the message that this one replies to, or `null` if it is no reply. */
  readonly referencedMessageId: string | null;
  /** How it was sent: from a browser, by the REST API, by an import, or by e-mail. */
  readonly origin: "rest" | "import" | "email" | "web";
  /** The content as text without any formatting. */
  readonly plaintext: string;
  /** The content with its formatting. */
  readonly content: ContentBlock[];
  /** The reactions, grouped by emoji, in the order in which the emoji were first used. */
  readonly reactions: ReactionsSummarySnapshot[];
}

/** A message that a search found, and its conversation. */
export interface SearchMessageSnapshot {
  /** The conversation that contains the message. */
  readonly conversation: ConversationSnapshot;
  /** The message that matches the search. */
  readonly message: MessageSnapshot;
}
