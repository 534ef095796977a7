// Lists: their order, the range that each handle sees, and loading more of them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { conversation, ids, list, message, messages, numbers, settled, user, world } from "./world.mjs";

const C1 = { kind: "messages", id: "c1" };
const range = (newest, oldest) => Array.from({ length: newest - oldest + 1 }, (_, index) => newest - index);

/** A world with one handle on the newest 30 of 100 messages. */
const thirty = async () => {
  const made = world();
  const subscription = made.open(C1);
  made.live.reset({ id: 1, ...list(messages("c1", 100, 71), true) });
  await settled();
  return { ...made, subscription };
};

test("messages are newest first, those of one time by descending id, wherever they are put", async () => {
  const { live, open } = world();
  const subscription = open(C1);
  const at = (id, createdAt) => ({ ...message("c1", 0), id, createdAt });
  live.reset({ id: 1, ...list([at("e", 5), at("a", 3)], false) });
  const put = [at("c", 4), at("f", 5), at("b", 3), at("d", 4), at("z", 1), at("g", 9)];
  live.events({ id: 1, changes: put.map(({ id }) => ({ put: id })), entities: list(put).entities });
  await settled();
  assert.deepEqual(ids(subscription.state.latestSnapshot), ["g", "f", "e", "d", "c", "b", "a", "z"]);
  assert.equal(subscription.state.loadedAll, true);
});

test("reactions are oldest first, those of one time by ascending user", async () => {
  const { live, open } = world();
  const subscription = open({ kind: "reactions", id: "c1", message: "m", emoji: "👍" });
  const users = ["a", "b", "c", "d", "e"].map((id) => user(id));
  live.reset({
    id: 1,
    value: {
      items: [
        { user: "b", createdAt: 1 },
        { user: "d", createdAt: 2 },
      ],
      more: false,
    },
    entities: { users },
  });
  const put = [
    { user: "c", createdAt: 2 },
    { user: "e", createdAt: 3 },
    { user: "a", createdAt: 1 },
  ];
  live.events({ id: 1, changes: put.map((one) => ({ put: one })), entities: { users } });
  await settled();
  assert.deepEqual(
    subscription.state.latestSnapshot.map((one) => one.user.id),
    ["a", "b", "c", "d", "e"],
  );
});

test("conversations go by the later of their last message and the joining; one that moves is there once", async () => {
  const { live, open } = world();
  const subscription = open({ kind: "conversations" });
  const of = (id, lastMessageAt, joinedAt = 1) => conversation(id, { lastMessageAt, joinedAt });
  live.reset({
    id: 1,
    value: { items: ["a", "b", "c"], more: false },
    entities: { conversations: [of("a", 9), of("b", 1, 8), of("c", 3)] },
  });
  live.events({ id: 1, changes: [{ put: "c" }], entities: { conversations: [of("c", 10)] } });
  live.events({
    id: 1,
    changes: [{ put: "d" }, { drop: "a" }],
    entities: { conversations: [of("d", 2, 9)] },
  });
  await settled();
  assert.deepEqual(ids(subscription.state.latestSnapshot), ["c", "d", "b"]);
  assert.equal(subscription.calls.length, 1, "what arrives together is told once");
  live.events({ id: 1, changes: [{ put: "c" }], entities: { conversations: [of("c", 2)] } });
  await settled();
  assert.deepEqual(ids(subscription.state.latestSnapshot), ["d", "b", "c"]);
});

test("a window is a range: new ones grow it, deleting shrinks it, what is put behind it is not seen", async () => {
  const { live, subscription } = await thirty();
  live.events({ id: 1, changes: [{ put: "m00101" }], entities: list([message("c1", 101)]).entities });
  live.events({ id: 1, changes: [{ drop: "m00080" }, { drop: "m00070" }] });
  const behind = { ...message("c1", 70), plaintext: "edited" };
  live.events({ id: 1, changes: [{ put: behind.id }], entities: list([behind]).entities });
  await settled();
  assert.deepEqual(
    numbers(subscription.state.latestSnapshot),
    range(101, 71).filter((one) => one !== 80),
  );
  live.events({ id: 1, changes: [{ drop: "m00071" }] });
  live.events({ id: 1, changes: [{ put: "m00071" }], entities: list([message("c1", 71)]).entities });
  await settled();
  assert.equal(numbers(subscription.state.latestSnapshot).at(-1), 71, "its low end is a place, not an entry");
});

test("loadMore asks behind what is loaded, and resolves when it is there", async () => {
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
    "30 older ones, though one came meanwhile",
  );
  assert.equal(subscription.state.loadedAll, false);
  assert.deepEqual(subscription.calls.at(-1), [subscription.state.latestSnapshot, false]);
});

test("two calls at once do not add up; a higher count later enlarges what is on its way", async () => {
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

test("the end of the list resolves loadMore, and there nothing is asked for any more", async () => {
  const { pages, subscription, calls } = await thirty();
  const wait = subscription.loadMore(100);
  await settled();
  pages[0].resolve(list(messages("c1", 70, 69), false));
  await wait;
  assert.equal(subscription.state.latestSnapshot.length, 32);
  assert.equal(subscription.state.loadedAll, true);
  await subscription.loadMore();
  assert.equal(pages.length, 1);
});

test("that everything is loaded is told even when no entry came", async () => {
  const { pages, subscription } = await thirty();
  const before = subscription.state.latestSnapshot;
  const wait = subscription.loadMore();
  await settled();
  pages[0].resolve({ value: { items: [], more: false } });
  await wait;
  assert.deepEqual(subscription.calls.slice(1), [[before, true]]);
  assert.equal(subscription.calls[1][0], before);
});

test("counts out of range are refused with the code and the field, and ask for nothing", async () => {
  const { open, live, pages } = world();
  const limits = { conversations: 30, messages: 100, participants: 50, reactions: 100 };
  for (const [kind, most] of Object.entries(limits)) {
    const subscription = open({ kind, id: "c1" });
    live.reset({ id: subscription.id, value: { items: [], more: false } });
    await settled();
    for (const wrong of [0, -1, most + 1, 1.5, NaN, "5", null, {}]) {
      await assert.rejects(
        subscription.loadMore(wrong),
        { name: "CauserieError", code: "invalid_argument", field: "count" },
        `${kind} ${wrong}`,
      );
    }
    await subscription.loadMore(most);
    await subscription.loadMore(1);
    await subscription.loadMore(undefined);
  }
  assert.equal(open({ kind: "conversation", id: "c1" }).loadMore, undefined);
  assert.equal(pages.length, 0);
});

test("windows and pages have the documented sizes", async () => {
  const sizes = { conversations: [20, 20], participants: [10, 10], reactions: [10, 30] };
  for (const [kind, [first, more]] of Object.entries(sizes)) {
    const { open, live, pages } = world();
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

test("a page that fails rejects, and the next call asks again", async () => {
  const { pages, subscription } = await thirty();
  const problem = new Error("offline");
  const wait = [subscription.loadMore(), subscription.loadMore(5)];
  await settled();
  pages[0].reject(problem);
  for (const one of wait) await assert.rejects(one, problem);
  assert.equal(subscription.state.type, "active");
  const again = subscription.loadMore();
  await settled();
  pages[1].resolve(list(messages("c1", 70, 41), true));
  await again;
  assert.equal(subscription.state.latestSnapshot.length, 60);
});

test("one handle's loadMore does not change another's snapshot; what is loaded already needs no request", async () => {
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

test("what only a handle that is gone had loaded is let go, and asked for anew", async () => {
  const { asked, pages, open, subscription } = await thirty();
  const other = open(C1);
  const wait = subscription.loadMore();
  await settled();
  pages[0].resolve(list(messages("c1", 70, 41), true));
  await wait;
  subscription.unsubscribe();
  await settled();
  assert.deepEqual(
    asked.filter(([what]) => what === "window"),
    [
      ["window", 1, 60],
      ["window", 1, 30],
    ],
  );
  assert.equal(other.state.latestSnapshot.length, 30);
  other.loadMore();
  await settled();
  assert.deepEqual(pages[1].after, { at: 1_071, id: "m00071" });
});

test("a later handle on a list that deleting has shortened gets the size that is promised", async () => {
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

test("and takes what there is, if that cannot be loaded", async () => {
  const { live, pages, open } = await thirty();
  live.events({ id: 1, changes: range(95, 71).map((one) => ({ drop: message("c1", one).id })) });
  const other = open(C1);
  await settled();
  pages[0].reject(new Error("offline"));
  await settled();
  assert.deepEqual(numbers(other.state.latestSnapshot), range(100, 96));
  assert.equal(other.state.loadedAll, false);
});

test("a reset replaces the list; handles keep their ranges as far as it reaches", async () => {
  const { live, pages, open, subscription } = await thirty();
  const wide = open(C1);
  await settled();
  const wait = wide.loadMore(100);
  await settled();
  pages[0].resolve(list(messages("c1", 70, 1), false));
  await wait;
  assert.equal(wide.state.loadedAll, true);
  // The connection was lost; ten came, and the server sends fifty.
  live.reset({ id: 1, ...list(messages("c1", 110, 61), true) });
  await settled();
  assert.deepEqual(numbers(subscription.state.latestSnapshot), range(110, 71));
  assert.deepEqual(numbers(wide.state.latestSnapshot), range(110, 61));
  assert.equal(wide.state.loadedAll, false);
  // And once it sends less than a handle has.
  live.reset({ id: 1, ...list(messages("c1", 110, 81), true) });
  await settled();
  assert.deepEqual(numbers(subscription.state.latestSnapshot), range(110, 81));
  assert.deepEqual(numbers(wide.state.latestSnapshot), range(110, 81));
  live.reset({ id: 1, ...list(messages("c1", 110, 81), false) });
  await settled();
  assert.equal(subscription.state.loadedAll, true);
});

test("a page that was asked for before a reset is asked for again behind it", async () => {
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
    "what does not join is not glued on",
  );
  pages[1].resolve(list(messages("c1", 100, 91), true));
  await wait;
  assert.deepEqual(numbers(subscription.state.latestSnapshot), range(130, 91));
});

test("changes that overtake a page on its way are not undone by it", async () => {
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
    "ten were wished for, and one is gone",
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

test("what other lists were told while a page was on its way is not told to them again", async () => {
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

test("what is put behind the loaded range does not count as loaded, while a page is on its way", async () => {
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

test("a conversation that moved to the head while its page was on the way is there once", async () => {
  const { live, open, pages } = world();
  const subscription = open({ kind: "conversations" });
  const of = (number, lastMessageAt = number) => conversation(`c${number}`, { lastMessageAt });
  const some = (newest, oldest, more) => {
    const conversations = range(newest, oldest).map((number) => of(number));
    return { value: { items: ids(conversations), more }, entities: { conversations } };
  };
  live.reset({ id: 1, ...some(60, 41, true) });
  await settled();
  const wait = subscription.loadMore(10);
  await settled();
  live.events({ id: 1, changes: [{ put: "c35" }], entities: { conversations: [of(35, 99)] } });
  pages[0].resolve(some(40, 31, true));
  await settled();
  pages[1].resolve(some(30, 30, true));
  await wait;
  const latest = subscription.state.latestSnapshot;
  assert.deepEqual(
    ids(latest),
    [35, ...range(60, 30).filter((one) => one !== 35)].map((one) => `c${one}`),
  );
  assert.equal(latest[0].lastMessageAt, 99);
});

test("who is no participant gets null, and the list once they are", async () => {
  const { live, open, pages } = world();
  const subscription = open(C1);
  live.reset({ id: 1 });
  await settled();
  assert.deepEqual(subscription.calls, [[null, true]]);
  await subscription.loadMore();
  live.reset({ id: 1, ...list(messages("c1", 30, 1), true) });
  await settled();
  assert.equal(subscription.state.latestSnapshot.length, 30);
  assert.equal(subscription.state.loadedAll, false);
  live.reset({ id: 1, value: null });
  await settled();
  assert.equal(subscription.state.latestSnapshot, null);
  assert.equal(pages.length, 0);
});

test("an empty list is a list", async () => {
  const { live, open } = world();
  const subscription = open({ kind: "conversations" });
  live.reset({ id: 1, value: { items: [], more: false } });
  await settled();
  assert.deepEqual(subscription.calls, [[[], true]]);
  live.reset({ id: 1, value: { items: [], more: false } });
  await settled();
  assert.equal(subscription.calls.length, 1);
});

test("the link is told how much is loaded, within what may be asked for", async () => {
  const { asked, live, pages, open } = world();
  const subscription = open(C1);
  const windows = () => asked.filter(([what]) => what === "window").map(([, , count]) => count);
  live.reset({ id: 1, ...list(messages("c1", 2000, 1971), true) });
  await settled();
  assert.deepEqual(windows(), []);
  for (let oldest = 1871; oldest > 900; oldest -= 100) {
    const wait = subscription.loadMore(100);
    await settled();
    pages.at(-1).resolve(list(messages("c1", oldest + 99, oldest), true));
    await wait;
  }
  assert.deepEqual([windows().at(0), windows().at(-1)], [130, 1000]);
  live.events({ id: 1, changes: subscription.state.latestSnapshot.map(({ id }) => ({ drop: id })) });
  await settled();
  assert.equal(windows().at(-1), 30);
});
