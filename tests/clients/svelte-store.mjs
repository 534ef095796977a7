// Svelte stores of a conversation: each subscribes while a component shows it, and ends with the last one.
import { derived, readable, writable } from "svelte/store";

/** A store of what a subscription delivers; `null` before. */
const live = (subscribe) =>
  readable(null, (set) => {
    // Svelte calls `set` with one value, and the SDK with two.
    const { unsubscribe } = subscribe(set);
    return unsubscribe;
  });

export const chatStores = (session, id) => {
  const conversation = session.conversation(id);
  const messages = live((on) => conversation.subscribeMessages(on));
  const draft = writable("");
  return {
    messages,
    draft,
    participants: live((on) => conversation.subscribeParticipants(on)),
    lines: derived(messages, ($messages) =>
      ($messages ?? []).map(({ sender, plaintext }) => `${sender?.name}: ${plaintext}`).reverse(),
    ),
    unread: derived(
      live((on) => session.subscribeConversations(on)),
      ($conversations) => ($conversations ?? []).filter(({ isUnread }) => isUnread).length,
    ),
    async send() {
      let text;
      draft.update((value) => ((text = value), ""));
      return conversation.send(text);
    },
    markAsRead: () => conversation.markAsRead(),
  };
};
