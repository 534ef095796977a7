// The store of a Vue app. Everything is in one `reactive` object, refs and the session too, as apps do
// without thinking about it: Vue then hands out deep proxies of them, through which all calls go.
import { reactive, readonly } from "vue";

import { getTalkSession } from "causerie";

export const createStore = (options) => {
  const store = reactive({
    session: getTalkSession(options),
    conversations: [],
    conversation: null,
    subscription: null,
    messages: [],
    loadedAll: false,
    replyTo: null,
    byId: new Map(),
  });
  const list = store.session.subscribeConversations((conversations) => (store.conversations = conversations));

  return {
    state: readonly(store),
    open(id) {
      store.subscription?.unsubscribe();
      store.conversation = store.session.conversation(id);
      store.subscription = store.conversation.subscribeMessages((messages, loadedAll) => {
        // A copy in the order of the page, which is no frozen array any more.
        store.messages = [...(messages ?? [])].reverse();
        store.loadedAll = loadedAll;
        for (const message of messages ?? []) store.byId.set(message.id, message);
      });
    },
    /** Replies to a message; both refs go through the proxies of the store. */
    reply(id) {
      store.replyTo = store.conversation.message(id);
    },
    async send(text) {
      const params = reactive({ text, custom: { from: "vue" } });
      if (store.replyTo) params.referencedMessage = store.replyTo;
      store.replyTo = null;
      return store.conversation.send(params);
    },
    async invite(user) {
      const invited = reactive({ ref: store.session.user(user) });
      await store.conversation.participant(invited.ref).createIfNotExists(reactive({ notify: false }));
    },
    loadMore: () => store.subscription.loadMore(),
    close() {
      list.unsubscribe();
      store.subscription?.unsubscribe();
    },
  };
};
