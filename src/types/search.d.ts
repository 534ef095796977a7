import type { ConversationSnapshot } from "./conversation.js";
import type { CompoundFilter, ConversationFilter } from "./filters.js";
import type { SearchMessageSnapshot } from "./message.js";

/**
 * How far a search is: `"searching"` while a page is being loaded, `"canLoadMore"` if there can be more
 * results, `"loadedAll"` if there are no more.
 */
export type SearchStatus = "searching" | "canLoadMore" | "loadedAll";

/** The results of a search for messages. */
export interface MessageSearchState {
  /** The results that are loaded, newest first. */
  readonly results: SearchMessageSnapshot[];
  /** Whether these are all. */
  readonly loadedAll: boolean;
}

/** The results of a search for conversations. */
export interface ConversationSearchState {
  /** The results that are loaded, those with the latest activity first. */
  readonly results: ConversationSnapshot[];
  /** Whether these are all. */
  readonly loadedAll: boolean;
}

/** Restricts a search for messages. */
export interface MessageSearchFilters {
  /** Selects the conversations whose messages are searched. */
  conversation?: ConversationFilter;
}

/** Restricts a search for conversations. */
export interface ConversationSearchFilters {
  /** Selects the conversations that are searched. */
  conversation?: ConversationFilter;
}

/** Conditions on a message. There are none yet: a search selects messages by their words. */
export type SimpleMessageFilter = Readonly<Record<string, never>>;

/** Selects messages: those that match one filter, or any of several. */
export type MessageFilter = SimpleMessageFilter | CompoundFilter<SimpleMessageFilter>;

/** A search for messages in the current user's conversations. {@link TalkSession.searchMessages} makes it. */
export interface MessageSearch {
  /**
   * Searches for messages of text that have all words of the query: each must be the beginning of a word, or
   * a part of the text in scripts that are written without spaces. Case and accents do not matter. Loads the
   * newest 3. A new query supersedes the one in flight, whose promise then resolves with the new results.
   */
  setQuery(query: string, filters?: MessageSearchFilters): Promise<MessageSearchState>;
  /**
   * Loads further results: 10, or another number from 1 to 50. While a page is being loaded, or without a
   * query, it loads nothing.
   */
  loadMore(limit?: number): Promise<MessageSearchState>;
}

/**
 * A search for conversations of the current user. {@link TalkSession.searchConversations} makes it.
 */
export interface ConversationSearch {
  /**
   * Searches for conversations whose subject, or whose custom data `search`, has all words of the query, as
   * in {@link MessageSearch.setQuery}. Loads the 3 with the latest activity.
   */
  setQuery(query: string, filters?: ConversationSearchFilters): Promise<ConversationSearchState>;
  /**
   * Loads further results: 10, or another number from 1 to 50. While a page is being loaded, or without a
   * query, it loads nothing.
   */
  loadMore(limit?: number): Promise<ConversationSearchState>;
}
