// Searches: pages, a newer query before the result of the last, failures, and callbacks.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as classes from "causerie";

import { conversation, deeplyFrozen, fixture, message, settled, user } from "./fixture.mjs";

/** Returns a result with these messages of the conversation "c1". */
const page = (ids, next) => ({
  value: { items: ids.map((message) => ({ conversation: "c1", message })), next },
  entities: {
    users: [user("ada")],
    conversations: [conversation("c1")],
    messages: ids.map((id, index) => message("c1", index, { id })),
  },
});
const ids = ({ results }) => results.map(({ message }) => message.id);

test("a search loads pages of joined results", async () => {
  const { session, asked } = fixture();
  const calls = [];
  const search = session.searchMessages((results, status) => calls.push([results.length, status]));
  assert.deepEqual(await search.loadMore(), { results: [], loadedAll: false });
  const first = search.setQuery("hello", { conversation: { isUnread: true } });
  await settled();
  assert.equal(asked[0].op, "search.messages");
  const filters = { conversation: { isUnread: true } };
  assert.deepEqual(asked[0].params, { data: { query: "hello", filters, limit: 3 } });
  const during = search.loadMore(5);
  const cursor = { message: { at: 1, id: "m1" } };
  asked[0].resolve(page(["m3", "m2", "m1"], cursor));
  const state = await first;
  assert.deepEqual(ids(state), ["m3", "m2", "m1"]);
  assert.equal(state.loadedAll, false);
  assert.equal(await during, state, "while a page is loading, loadMore loads nothing");
  deeplyFrozen(state);
  assert.ok(state.results[0].message instanceof classes.MessageSnapshot);
  assert.ok(state.results[0].conversation instanceof classes.ConversationSnapshot);
  assert.equal(state.results[0].message.sender.id, "ada");
  const second = search.loadMore();
  await settled();
  assert.deepEqual(asked[1].params.data, { query: "hello", filters, limit: 10, after: cursor });
  asked[1].resolve(page(["m0"]));
  const end = await second;
  assert.deepEqual([ids(end), end.loadedAll], [["m3", "m2", "m1", "m0"], true]);
  assert.equal(end.results[0], state.results[0]);
  assert.equal(await search.loadMore(), end);
  assert.equal(asked.length, 2);
  assert.deepEqual(calls, [
    [0, "searching"],
    [3, "canLoadMore"],
    [3, "searching"],
    [4, "loadedAll"],
  ]);
});

test("a newer query supersedes the one in flight", async () => {
  const { session, asked } = fixture();
  const calls = [];
  const search = session.searchMessages((results, status) => calls.push([ids({ results }).join(), status]));
  const old = search.setQuery("he");
  const current = search.setQuery("hello");
  await settled();
  asked[0].resolve(page(["m9"]));
  await settled();
  asked[1].resolve(page(["m1"]));
  assert.deepEqual(ids(await current), ["m1"]);
  assert.equal(await old, await current);
  assert.deepEqual(calls, [
    ["", "searching"],
    ["", "searching"],
    ["m1", "loadedAll"],
  ]);
});

test("a page that is not full is continued", async () => {
  const { session, asked } = fixture();
  const search = session.searchConversations();
  const found = search.setQuery("talk");
  await settled();
  const next = { conversation: { at: 1, id: "c0" } };
  asked[0].resolve({ value: { items: [], next } });
  await settled();
  assert.equal(asked[1].op, "search.conversations");
  assert.deepEqual(asked[1].params.data, { query: "talk", limit: 3, after: next });
  asked[1].resolve({
    value: { items: [{ conversation: "c1" }] },
    entities: { conversations: [conversation("c1")] },
  });
  const { results, loadedAll } = await found;
  assert.deepEqual([results.map(({ id }) => id), loadedAll], [["c1"], true]);
  assert.ok(results[0] instanceof classes.ConversationSnapshot);
});

test("a failed search rejects, and can be repeated", async () => {
  const { session, asked } = fixture();
  const search = session.searchMessages(() => {
    throw new Error("a callback that throws affects nothing");
  });
  const failed = search.setQuery("");
  await settled();
  const problem = { code: "invalid_argument", message: "query: must not be empty", field: "query" };
  asked[0].reject(problem);
  await assert.rejects(failed, { code: "invalid_argument", field: "query" });
  const found = search.setQuery("a");
  await settled();
  asked[1].resolve(page(["m2"], { message: { at: 2, id: "m2" } }));
  // One result of three, and more: the next page is requested at once.
  await settled();
  asked[2].resolve(page(["m1", "m0"], { message: { at: 0, id: "m0" } }));
  assert.equal((await found).loadedAll, false);
  const more = search.loadMore(1);
  await settled();
  asked[3].reject(problem);
  await assert.rejects(more);
  const again = search.loadMore(2);
  await settled();
  assert.equal(asked[4].params.data.limit, 2);
  asked[4].resolve(page([]));
  assert.equal((await again).results.length, 3);
});

test("invalid arguments are reported at the call", async () => {
  const { session } = fixture();
  assert.throws(() => session.searchMessages(/** @type {any} */ ("no function")), TypeError);
  const search = session.searchConversations();
  const cycle = {};
  cycle.conversation = cycle;
  await assert.rejects(search.setQuery("a", /** @type {any} */ (cycle)), { field: "filters" });
});
