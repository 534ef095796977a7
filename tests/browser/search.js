// Searches: what is found, in pages, with filters, and what is refused.

/** Waits until a search finds this many messages: the server's index is late by about a second. */
const found = async (t, search, query, count, filters) => {
  const end = performance.now() + 20_000;
  for (;;) {
    const state = await search.setQuery(query, filters);
    if (state.results.length === count) return state;
    t.ok(performance.now() < end, `${query} finds ${count} messages, not ${state.results.length}`);
    await t.pause(50);
  }
};
const texts = (state) => state.results.map(({ message }) => message.plaintext);

export const cases = {
  async messages_of_own_conversations_are_found_newest_first(t) {
    const [ada, bob, eve] = await t.users("ada", "bob", "eve");
    const talk = ada.conversation(t.id("talk"));
    await talk.set({ subject: "Talk" });
    await talk.participant(bob.currentUser).set({});
    await eve.conversation(t.id("other")).set({});
    await eve.conversation(t.id("other")).send("Straße of eve");
    for (const text of ["Café Straße 1", "STRASSE 2", "nothing", "Die strasse 3", "Strassen 4"])
      await talk.send(text);
    const search = bob.searchMessages();
    const first = await found(t, search, "strasse", 3);
    t.same(texts(first), ["Strassen 4", "Die strasse 3", "STRASSE 2"]);
    t.is(first.loadedAll, false);
    t.is(first.results[0].conversation.subject, "Talk");
    t.is(first.results[0].message.sender.id, ada.currentUser.id);
    for (const limit of [0, 51, 1.5]) {
      const error = await t.rejectsWith(search.loadMore(limit), "invalid_argument");
      t.is(error.field, "limit");
    }
    const all = await search.loadMore();
    t.same(texts(all), ["Strassen 4", "Die strasse 3", "STRASSE 2", "Café Straße 1"]);
    t.is(all.loadedAll, true);
    t.same(texts(await search.setQuery("cafe str")), ["Café Straße 1"]);
    t.same(texts(await search.setQuery("rasse")), []);
    await talk.participant(bob.currentUser).delete();
    t.same(texts(await search.setQuery("strasse")), [], "after leaving");
  },

  async conversations_are_found_by_subject_or_search_text(t) {
    const [ada] = await t.users("ada");
    await ada.conversation(t.id("a")).set({ subject: "Order 391" });
    await ada.conversation(t.id("b")).set({ custom: { search: "order of shoes" } });
    await ada.conversation(t.id("c")).set({ subject: "Return", custom: { other: "order" } });
    const calls = [];
    const search = ada.searchConversations((results, status) => calls.push(status));
    const state = await search.setQuery("ORD");
    t.same(
      state.results.map(({ id }) => id),
      [t.id("b"), t.id("a")],
    );
    t.is(state.loadedAll, true);
    t.same(calls, ["searching", "loadedAll"]);
    const filtered = await search.setQuery("order", { conversation: { subject: ["!=", null] } });
    t.same(
      filtered.results.map(({ id }) => id),
      [t.id("a")],
    );
  },

  async edited_and_deleted_messages_are_found_by_their_present_text(t) {
    const [ada] = await t.users("ada");
    const talk = ada.conversation(t.id("talk"));
    await talk.set({});
    const one = await talk.send("first");
    const two = await talk.send("first again");
    const search = ada.searchMessages();
    await found(t, search, "first", 2);
    await one.edit("second");
    await two.delete();
    t.same(texts(await search.setQuery("first")), []);
    t.same(texts(await found(t, search, "second", 1)), ["second"]);
  },

  async invalid_searches_are_rejected_with_the_field(t) {
    const [ada] = await t.users("ada");
    const search = ada.searchMessages();
    const refused = async (field, query, filters) => {
      const error = await t.rejectsWith(search.setQuery(query, filters), "invalid_argument", field);
      t.is(error.field, field);
    };
    await refused("query", "");
    await refused("query", "?!");
    await refused("query", "word ".repeat(10_000));
    await refused("query", 5);
    await refused("filters.conversation.color", "a", { conversation: { color: "red" } });
    await refused("filters.message", "a", { message: {} });
    await refused("filters", "a", []);
    t.same(await search.setQuery("nothing"), { results: [], loadedAll: true });
  },
};
