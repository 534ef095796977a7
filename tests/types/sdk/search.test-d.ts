// A search program written from the documentation compiles.
import { getTalkSession } from "causerie";
import type {
  ConversationSearch,
  ConversationSearchFilters,
  ConversationSearchState,
  ConversationSnapshot,
  MessageSearch,
  MessageSearchFilters,
  MessageSearchState,
  SearchMessageSnapshot,
} from "causerie";

const session = getTalkSession({ appId: "demo", userId: "ada" });

export async function messages(): Promise<string[]> {
  const search: MessageSearch = session.searchMessages((results, status) => {
    const shown: SearchMessageSnapshot[] = results;
    const known: "searching" | "canLoadMore" | "loadedAll" = status;
    console.log(shown.length, known);
  });
  const filters: MessageSearchFilters = { conversation: { isUnread: true } };
  const { results, loadedAll }: MessageSearchState = await search.setQuery("hello", filters);
  if (!loadedAll) await search.loadMore(50);
  await search.loadMore();
  return results.map(({ conversation, message }) => `${conversation.subject}: ${message.plaintext}`);
}

export async function conversations(): Promise<ConversationSnapshot[]> {
  const search: ConversationSearch = session.searchConversations();
  const filters: ConversationSearchFilters = { conversation: ["any", [{ access: ["==", "Read"] }]] };
  const state: ConversationSearchState = await search.setQuery("order", filters);
  // @ts-expect-error: a query is required
  void search.setQuery();
  // @ts-expect-error: there is no such filter
  void search.setQuery("a", { user: {} });
  // @ts-expect-error: results are read-only
  state.results = [];
  return state.results;
}
