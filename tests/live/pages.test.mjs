// Pages: loadMore, failures, and frames that arrive while a page is loading.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  conversation,
  fixture,
  ids,
  list,
  message,
  messages,
  numbers,
  problem,
  range,
  settled,
  thirty,
  user,
} from "./fixture.mjs";

const C1 = { kind: "messages", id: "c1" };

test("loadMore requests the page after the last item, and resolves when it is shown", async () => {
  const { live, pages, subscription } = await thirty();
  let loaded = false;
  const wait = subscription.loadMore().then(() => (loaded = true));
  await settled();
  assert.deepEqual(
    pages.map(({ topic, after, limit }) => [topic, after, limit]),
    [[C1, { at: 1_071, id: "m00071" }, 30]],
  );
  live.events({ id: 1, changes: [{ put: "m00101" }], entities: list([message("c1", 101)]).entities });
  await settled();
  assert.equal(loaded, false);
  pages[0].resolve(list(messages("c1", 70, 41), true));
  await wait;
  assert.deepEqual(
    numbers(subscription.state.latestSnapshot),
    range(101, 41),
    "30 older messages, though a new one arrived in the meantime",
  );
  assert.equal(subscription.state.loadedAll, false);
  assert.deepEqual(subscription.calls.at(-1), [subscription.state.latestSnapshot, false]);
});

test("concurrent calls of loadMore do not add up, and a higher count extends the pending load", async () => {
  const { pages, subscription } = await thirty();
  const both = [subscription.loadMore(10), subscription.loadMore(20)];
  await settled();
  assert.deepEqual(
    pages.map(({ limit }) => limit),
    [20],
  );
  both.push(subscription.loadMore(50), subscription.loadMore(5));
  await settled();
  assert.equal(pages.length, 1);
  pages[0].resolve(list(messages("c1", 70, 51), true));
  await settled();
  assert.deepEqual(
    pages.map(({ limit, after }) => [limit, after.id]),
    [
      [20, "m00071"],
      [30, "m00051"],
    ],
  );
  pages[1].resolve(list(messages("c1", 50, 21), true));
  await Promise.all(both);
  assert.deepEqual(numbers(subscription.state.latestSnapshot), range(100, 21));
});

test("loadMore resolves at the end of the list, after which it requests nothing", async () => {
  const { pages, subscription } = await thirty();
  const wait = subscription.loadMore(100);
  await settled();
  pages[0].resolve(list(messages("c1", 70, 69), false));
  await wait;
  assert.equal(subscription.state.latestSnapshot.length, 32);
  assert.equal(subscription.state.loadedAll, true);
  await subscription.loadMore();
  assert.equal(pages.length, 1);
});

test("loadedAll becomes true even if the last page is empty", async () => {
  const { pages, subscription } = await thirty();
  const before = subscription.state.latestSnapshot;
  const wait = subscription.loadMore();
  await settled();
  pages[0].resolve({ value: { items: [], more: false } });
  await wait;
  assert.deepEqual(subscription.calls.slice(1), [[before, true]]);
  assert.equal(subscription.calls[1][0], before);
});

test("loadMore rejects a count out of range with the code and the field, and requests nothing", async () => {
  const { open, live, pages, lastId } = fixture();
  const limits = { conversations: 30, messages: 100, participants: 50, reactions: 100 };
  for (const [kind, most] of Object.entries(limits)) {
    const subscription = open(
      kind === "conversations" ? { kind } : { kind, id: "c1", message: "m", emoji: "x" },
    );
    await settled();
    live.reset({ id: lastId(), value: { items: [], more: false } });
    await settled();
    for (const wrong of [0, -1, most + 1, 1.5, NaN, "5", null, {}]) {
      await assert.rejects(
        subscription.loadMore(wrong),
        { name: "CauserieError", code: "invalid_argument", field: "count" },
        `${kind} ${wrong}`,
      );
    }
    const message = `count: must be an integer from 1 to ${most} (got ${most + 1})`;
    await assert.rejects(subscription.loadMore(most + 1), { message });
    await subscription.loadMore(most);
    await subscription.loadMore(1);
    await subscription.loadMore(undefined);
    subscription.unsubscribe();
    await assert.rejects(subscription.loadMore(most + 1), { code: "invalid_argument", message });
    await subscription.loadMore(most);
  }
  assert.equal(open({ kind: "conversation", id: "c1" }).loadMore, undefined);
  assert.equal(pages.length, 0);
});

test("windows and pages have the documented sizes", async () => {
  const sizes = { conversations: [20, 20], participants: [10, 10], reactions: [10, 30] };
  for (const [kind, [first, more]] of Object.entries(sizes)) {
    const { open, live, pages } = fixture();
    const subscription = open({ kind, id: "c1", message: "m", emoji: "x" });
    const entries = Array.from({ length: first }, (_, index) =>
      kind === "conversations"
        ? `c${index}`
        : {
            user: `u${index}`,
            ...(kind === "reactions"
              ? { createdAt: index }
              : { access: "Read", notify: true, joinedAt: 100 - index }),
          },
    );
    const entities = {
      users: entries.map((_, index) => user(`u${index}`)),
      conversations: entries.map((_, index) => conversation(`c${index}`, { lastMessageAt: 100 - index })),
    };
    live.reset({ id: 1, value: { items: entries, more: true }, entities });
    await settled();
    assert.equal(subscription.state.latestSnapshot.length, first, kind);
    subscription.loadMore();
    await settled();
    assert.equal(pages[0].limit, more, kind);
    assert.deepEqual(
      pages[0].after,
      kind === "reactions"
        ? { at: first - 1, id: `u${first - 1}` }
        : { at: 101 - first, id: `${kind === "conversations" ? "c" : "u"}${first - 1}` },
    );
  }
});

test("loadMore rejects if the page fails, and the next call requests it again", async () => {
  const { pages, subscription } = await thirty();
  const wait = [subscription.loadMore(), subscription.loadMore(5)];
  await settled();
  pages[0].reject(problem("no longer"));
  for (const one of wait)
    await assert.rejects(one, { name: "CauserieError", code: "forbidden", message: "no longer" });
  assert.equal(subscription.state.type, "active");
  const again = subscription.loadMore();
  await settled();
  pages[1].resolve(list(messages("c1", 70, 41), true));
  await again;
  assert.equal(subscription.state.latestSnapshot.length, 60);
});

test("loadMore of one handle does not change another, and loaded items need no request", async () => {
  const { live, pages, open, subscription } = await thirty();
  const other = open(C1);
  await settled();
  assert.equal(other.state.latestSnapshot.length, 30);
  assert.equal(other.state.latestSnapshot[0], subscription.state.latestSnapshot[0]);
  const wait = subscription.loadMore();
  await settled();
  pages[0].resolve(list(messages("c1", 70, 41), true));
  await wait;
  assert.deepEqual([subscription.state.latestSnapshot.length, other.state.latestSnapshot.length], [60, 30]);
  assert.deepEqual([subscription.calls.length, other.calls.length], [2, 1]);
  await other.loadMore(20);
  assert.equal(other.state.latestSnapshot.length, 50);
  assert.equal(other.state.loadedAll, false);
  assert.equal(pages.length, 1);
  live.events({ id: 1, changes: [{ drop: "m00045" }], entities: {} });
  await settled();
  assert.deepEqual([subscription.state.latestSnapshot.length, other.state.latestSnapshot.length], [59, 50]);
  const both = [other.loadMore(10), subscription.loadMore(10)];
  await settled();
  assert.deepEqual(
    pages.slice(1).map(({ limit, after }) => [limit, after.id]),
    [[10, "m00041"]],
  );
  pages[1].resolve(list(messages("c1", 40, 31), true));
  await Promise.all(both);
  assert.deepEqual(
    [subscription.state.latestSnapshot.length, other.state.latestSnapshot.length],
    [69, 60 - 1 + 1],
  );
});

test("a later handle on a list that deletions have shortened gets its full first window", async () => {
  const { live, pages, open } = await thirty();
  live.events({ id: 1, changes: range(95, 71).map((one) => ({ drop: message("c1", one).id })) });
  await settled();
  const other = open(C1);
  await settled();
  assert.equal(other.state.type, "pending");
  assert.deepEqual([pages[0].limit, pages[0].after.id], [25, "m00071"]);
  pages[0].resolve(list(messages("c1", 70, 46), true));
  await settled();
  assert.equal(other.state.latestSnapshot.length, 30);
});

test("a later handle takes the loaded items if its first window cannot be loaded", async () => {
  const { live, pages, open } = await thirty();
  live.events({ id: 1, changes: range(95, 71).map((one) => ({ drop: message("c1", one).id })) });
  const other = open(C1);
  await settled();
  pages[0].reject(problem());
  await settled();
  assert.deepEqual(numbers(other.state.latestSnapshot), range(100, 96));
  assert.equal(other.state.loadedAll, false);
});

test("a page that was requested before a reset is requested again after the new end", async () => {
  const { live, pages, subscription } = await thirty();
  const wait = subscription.loadMore(10);
  await settled();
  live.reset({ id: 1, ...list(messages("c1", 130, 101), true) });
  await settled();
  assert.deepEqual(
    pages.map(({ after, limit }) => [after.id, limit]),
    [
      ["m00071", 10],
      ["m00101", 10],
    ],
  );
  pages[0].resolve(list(messages("c1", 70, 61), true));
  await settled();
  assert.deepEqual(
    numbers(subscription.state.latestSnapshot),
    range(130, 101),
    "a page that does not follow the last item is not appended",
  );
  pages[1].resolve(list(messages("c1", 100, 91), true));
  await wait;
  assert.deepEqual(numbers(subscription.state.latestSnapshot), range(130, 91));
});

test("a page does not undo changes that arrived while it was loading", async () => {
  const { live, pages, subscription } = await thirty();
  const wait = subscription.loadMore(10);
  await settled();
  live.events({
    id: 1,
    changes: [{ put: "m00065" }],
    entities: list([{ ...message("c1", 65), plaintext: "edited" }]).entities,
  });
  live.events({ id: 1, changes: [{ drop: "m00066" }] });
  live.update({ entities: { users: [user("ada", { name: "Countess" })] } });
  await settled();
  pages[0].resolve(list(messages("c1", 70, 61), true));
  await settled();
  assert.deepEqual(
    [pages[1].after.id, pages[1].limit],
    ["m00061", 1],
    "ten were requested, and one was deleted",
  );
  pages[1].resolve(list(messages("c1", 60, 60), true, []));
  await wait;
  const latest = subscription.state.latestSnapshot;
  assert.deepEqual(
    numbers(latest),
    range(100, 60).filter((one) => one !== 66),
  );
  assert.equal(latest.find(({ id }) => id === "m00065").plaintext, "edited");
  assert.ok(latest.every(({ sender }) => sender.name === "Countess"));
});

test("frames that arrived while a page was loading are applied to other lists once", async () => {
  const { live, pages, open, subscription } = await thirty();
  const other = open({ kind: "messages", id: "c2" });
  live.reset({ id: 2, ...list(messages("c2", 3, 1), false) });
  const wait = subscription.loadMore(10);
  await settled();
  live.events({ id: 2, changes: [{ drop: "m00002" }] });
  live.reset({ id: 2, ...list(messages("c2", 3, 1), false) });
  pages[0].resolve(list(messages("c1", 70, 61), true));
  await wait;
  assert.deepEqual(numbers(other.state.latestSnapshot), [3, 2, 1]);
});

test("items put behind the loaded range while a page is loading do not count as loaded", async () => {
  const { live, pages, open, subscription } = await thirty();
  const other = open(C1);
  await settled();
  const waits = [subscription.loadMore(10)];
  await settled();
  live.events({ id: 1, changes: [{ put: "m00065" }], entities: list([message("c1", 65)]).entities });
  waits.push(other.loadMore(1));
  await settled();
  assert.equal(other.state.latestSnapshot.length, 30);
  pages[0].resolve(list(messages("c1", 70, 61), true));
  await Promise.all(waits);
  assert.deepEqual(numbers(other.state.latestSnapshot), range(100, 70));
});

test("a conversation that moves to the start while its page is loading is listed once", async () => {
  const { live, open, pages } = fixture();
  const subscription = open({ kind: "conversations" });
  const body = (number, lastMessageAt = number) => conversation(`c${number}`, { lastMessageAt });
  const page = (newest, oldest, more) => {
    const conversations = range(newest, oldest).map((number) => body(number));
    return { value: { items: ids(conversations), more }, entities: { conversations } };
  };
  live.reset({ id: 1, ...page(60, 41, true) });
  await settled();
  const wait = subscription.loadMore(10);
  await settled();
  live.events({ id: 1, changes: [{ put: "c35" }], entities: { conversations: [body(35, 99)] } });
  pages[0].resolve(page(40, 31, true));
  await settled();
  pages[1].resolve(page(30, 30, true));
  await wait;
  const latest = subscription.state.latestSnapshot;
  assert.deepEqual(
    ids(latest),
    [35, ...range(60, 30).filter((one) => one !== 35)].map((one) => `c${one}`),
  );
  assert.equal(latest[0].lastMessageAt, 99);
});
