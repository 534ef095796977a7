// The list of conversations with a filter: which ones are in it, and how one that begins to match comes in and one that
// ceases to goes out.

const names = (t, list) =>
  list
    .map(({ id }) => id.slice(0, id.indexOf("-")))
    .sort()
    .join();

/** Ada's conversations with Bob, called so, with this data; and a way to see which of them a filter lists. */
const talks = async (t, data) => {
  const [ada, bob] = await t.people("ada", "bob");
  for (const [name, more] of Object.entries(data)) {
    await bob.conversation(t.id(name)).set(more);
    await bob.conversation(t.id(name)).participant(ada.currentUser).set({});
  }
  const filtered = (filter) => t.follow((on) => ada.subscribeConversations({ filter }, on));
  return {
    ada,
    bob,
    filtered,
    hers: (name) => ada.conversation(t.id(name)),
    his: (name) => bob.conversation(t.id(name)),
  };
};

export const cases = {
  async every_operator_chooses(t) {
    const before = Date.now() - 1000;
    const { filtered, his, hers } = await talks(t, {
      a: { subject: "Order", custom: { state: "paid", vip: "1" } },
      b: { subject: "Return", custom: { state: "open" } },
      c: { custom: { vip: "" } },
    });
    await his("a").participant(t.id("ada")).edit({ access: "Read" });
    await his("b").send("Hello");
    await hers("c").markAsUnread();
    const now = Date.now() + 1000;
    const table = [
      [{}, "a,b,c"],
      [{ subject: ["==", "Order"] }, "a"],
      [{ subject: ["!=", "Order"] }, "b,c"],
      [{ subject: ["==", null] }, "c"],
      [{ subject: ["!=", null] }, "a,b"],
      [{ subject: ["oneOf", ["Order", null]] }, "a,c"],
      [{ subject: ["!oneOf", ["Order", null]] }, "b"],
      [{ subject: ["oneOf", []] }, ""],
      [{ access: ["==", "Read"] }, "a"],
      [{ access: ["!=", "Read"] }, "b,c"],
      [{ access: ["oneOf", ["Read", "ReadWrite"]] }, "a,b,c"],
      [{ access: ["!oneOf", ["Read"]] }, "b,c"],
      [{ custom: { state: ["==", "paid"] } }, "a"],
      [{ custom: { state: ["oneOf", ["paid", "open"]] } }, "a,b"],
      [{ custom: { state: "exists" } }, "a,b"],
      [{ custom: { state: "!exists" } }, "c"],
      [{ custom: { vip: "exists", state: "exists" } }, "a"],
      [{ custom: { vip: ["==", ""] } }, "c"],
      [{ isUnread: true }, "b,c"],
      [{ isUnread: false }, "a"],
      [{ hasMessages: true }, "b"],
      [{ hasMessages: false }, "a,c"],
      [{ createdAt: [">", before] }, "a,b,c"],
      [{ createdAt: ["<=", before] }, ""],
      [{ joinedAt: [">=", before] }, "a,b,c"],
      [{ joinedAt: ["<", before] }, ""],
      [{ lastActivityAt: ["between", [before, now]] }, "a,b,c"],
      [{ lastActivityAt: ["!between", [before, now]] }, ""],
      [{ hasMessages: false, isUnread: true }, "c"],
      [["any", [{ subject: ["==", "Order"] }, { subject: ["==", "Return"] }]], "a,b"],
      [["any", [{ hasMessages: true }, { isUnread: true, subject: ["==", null] }]], "b,c"],
      [["any", []], ""],
    ];
    for (const [filter, wanted] of table) {
      const seen = await filtered(filter).catch((error) =>
        t.ok(false, `${JSON.stringify(filter)}: ${error.message}`),
      );
      t.is(names(t, seen.latest), wanted, JSON.stringify(filter));
      seen.handle.unsubscribe();
    }
    // Low is included, and high is not.
    const { createdAt } = await hers("a").get();
    const ends = [
      [[createdAt, createdAt + 1], true],
      [[createdAt - 1, createdAt], false],
    ];
    for (const [range, wanted] of ends) {
      const seen = await filtered({ createdAt: ["between", range], subject: ["==", "Order"] });
      t.is(names(t, seen.latest), wanted ? "a" : "", `between ${range}`);
    }
  },

  async one_that_begins_to_match_comes_in_and_one_that_ceases_goes_out(t) {
    const { ada, filtered, his, hers } = await talks(t, { a: {}, b: {} });
    const steps = [
      [{ subject: ["==", "x"] }, () => his("a").set({ subject: "x" }), () => his("a").set({ subject: null })],
      [
        { subject: ["!=", null] },
        () => hers("a").set({ subject: "x" }),
        () => hers("a").set({ subject: null }),
      ],
      [
        { custom: { k: "exists" } },
        () => his("a").set({ custom: { k: "1" } }),
        () => his("a").set({ custom: { k: null } }),
      ],
      [
        { custom: { k: ["==", "2"] } },
        () => his("a").set({ custom: { k: "2" } }),
        () => his("a").set({ custom: null }),
      ],
      [
        { access: ["==", "Read"] },
        () => his("a").participant(ada.currentUser).edit({ access: "Read" }),
        () => his("a").participant(ada.currentUser).edit({ access: null }),
      ],
      [{ isUnread: true }, () => his("a").send("Hello"), () => hers("a").markAsRead()],
      [{ isUnread: true }, () => hers("a").markAsUnread(), () => hers("a").markAsRead()],
      [
        { hasMessages: false },
        async () => {
          for (const message of await all(his("a"))) await his("a").message(message.id).delete();
        },
        () => his("a").send("Hello"),
      ],
      [
        ["any", [{ subject: ["==", "x"] }, { subject: ["==", "y"] }]],
        () => his("a").set({ subject: "y" }),
        () => his("a").set({ subject: "z" }),
      ],
    ];
    const all = async (talk) => {
      const handle = talk.subscribeMessages();
      const { latestSnapshot } = await handle.connected;
      handle.unsubscribe();
      return latestSnapshot;
    };
    for (const [filter, into, out] of steps) {
      const what = `${JSON.stringify(filter)} by ${into}`;
      const seen = await filtered(filter);
      const before = names(t, seen.latest);
      t.ok(!before.includes("a"), `${what}: not in it at first`);
      await into();
      await seen.until((list) => names(t, list).includes("a"), `${what}: comes in`);
      await out();
      await seen.until((list) => names(t, list) === before, `${what}: goes out`);
      t.is(seen.calls.length, 3, `${what}: calls`);
      seen.handle.unsubscribe();
    }
  },

  async what_stays_out_is_not_told(t) {
    const { filtered, his } = await talks(t, { a: {}, b: { subject: "x" } });
    const seen = await filtered({ subject: ["==", "x"] });
    await t.still(
      [seen],
      async () => {
        await his("a").set({ custom: { k: "1" } });
        await his("a").send("Hello");
        await his("a").set({ subject: "y" });
        await t.rest("DELETE", `/conversations/${t.id("a")}`);
      },
      "what does not match",
    );
    await his("b").send("Hello");
    await seen.until(([one]) => one.lastMessage?.plaintext === "Hello", "what matches");
    await his("b").set({ subject: "y" });
    await seen.until((list) => list.length === 0, "goes out");
    t.is(seen.loadedAll, true, "all there is");
  },

  async times_move_a_conversation_in(t) {
    const { filtered, his } = await talks(t, { a: {}, b: {} });
    await t.pause(10);
    const now = Date.now();
    await t.pause(10);
    const [later, earlier] = [
      await filtered({ lastActivityAt: [">=", now] }),
      await filtered({ lastActivityAt: ["<", now] }),
    ];
    t.same([names(t, later.latest), names(t, earlier.latest)], ["", "a,b"], "at first");
    const message = await his("a").send("Hello");
    await later.until((list) => names(t, list) === "a", "a message brings it in");
    await earlier.until((list) => names(t, list) === "b", "and out of the other");
    await his("a").message(message.id).delete();
    await later.until((list) => names(t, list) === "", "its deletion takes it out");
    await earlier.until((list) => names(t, list) === "a,b", "and into the other");
  },

  async the_window_is_of_those_that_match(t) {
    const data = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [`n${n}`, { subject: n % 2 ? "odd" : "even" }]),
    );
    const { filtered, his } = await talks(t, data);
    const seen = await filtered({ subject: ["==", "odd"] });
    t.same([seen.latest.length, seen.loadedAll], [20, false], "twenty of twenty-five");
    await seen.handle.loadMore(3);
    t.same([seen.latest.length, seen.loadedAll], [23, false], "three more");
    await seen.handle.loadMore();
    t.same([seen.latest.length, seen.loadedAll], [25, true], "all");
    t.ok(
      seen.latest.every(({ subject }) => subject === "odd"),
      "all match",
    );
    await his("n0").set({ subject: "odd" });
    await seen.until((list) => list.length === 26, "one more matches");
    await t.pause(3);
    await his("n49").send("Hello");
    await seen.until(([one]) => one.id === t.id("n49"), "and is in its place");
  },

  async a_wrong_filter_names_its_field(t) {
    const [ada] = await t.people("ada");
    const wrong = [
      [{ nickname: ["==", "a"] }, "nickname"],
      [{ subject: "Order" }, "subject"],
      [{ subject: ["=", "Order"] }, "subject"],
      [{ subject: ["==", 5] }, "subject"],
      [{ subject: ["oneOf", "Order"] }, "subject"],
      [{ subject: ["=="] }, "subject"],
      [{ access: ["==", "Write"] }, "access"],
      [{ access: ["==", null] }, "access"],
      [{ custom: ["==", "a"] }, "custom"],
      [{ custom: { k: "there" } }, "custom.k"],
      [{ custom: { k: ["==", null] } }, "custom.k"],
      [{ isUnread: "yes" }, "isUnread"],
      [{ hasMessages: ["==", true] }, "hasMessages"],
      [{ createdAt: ["==", 5] }, "createdAt"],
      [{ createdAt: [">", "yesterday"] }, "createdAt"],
      [{ joinedAt: ["between", [1]] }, "joinedAt"],
      [{ lastActivityAt: ["between", 1, 2] }, "lastActivityAt"],
      [["all", [{}]], "filter"],
      [["any", {}], "filter"],
      [["any", [["any", [{}]]]], "filter"],
      ["unread", "filter"],
      [{ subject: ["oneOf", Array.from({ length: 1_000 }, (_, n) => `s${n}`)] }, "subject"],
    ];
    for (const [filter, field] of wrong) {
      const handle = ada.subscribeConversations({ filter });
      const error = await t.code(handle.connected, "invalid_argument", JSON.stringify(filter).slice(0, 60));
      t.ok(
        error.field?.includes(field),
        `the field of ${JSON.stringify(filter).slice(0, 60)}: ${error.field}: ${error.message}`,
      );
      t.is((await handle.terminated).error, error, "terminated");
    }
    // Over the limit of a frame, and so never sent.
    const large = { subject: ["oneOf", Array.from({ length: 10_000 }, (_, n) => `s${n}`)] };
    for (let n = 0; n < 2; n += 1)
      await t.code(ada.subscribeConversations({ filter: large }).connected, "too_large");
    await t.code(
      t.session({ userId: t.id("new") }).subscribeConversations({ filter: large }).connected,
      "too_large",
    );
    t.is((await t.follow((on) => ada.subscribeConversations(on))).latest.length, 0, "and harms no other");
  },
};
