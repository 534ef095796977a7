// Conversation lists with a filter: which conversations they contain, and how changes add and remove some.

const names = (t, list) =>
  list
    .map(({ id }) => id.slice(0, id.indexOf("-")))
    .sort()
    .join();

/**
 * Creates conversations of Ada and Bob, by name, with this data. `filtered` subscribes to Ada's list with a
 * filter.
 */
const createConversations = async (t, data) => {
  const [ada, bob] = await t.users("ada", "bob");
  for (const [name, more] of Object.entries(data)) {
    await bob.conversation(t.id(name)).set(more);
    await bob.conversation(t.id(name)).participant(ada.currentUser).set({});
  }
  const filtered = (filter) => t.subscribe((on) => ada.subscribeConversations({ filter }, on));
  return {
    ada,
    bob,
    filtered,
    hers: (name) => ada.conversation(t.id(name)),
    his: (name) => bob.conversation(t.id(name)),
  };
};

export const cases = {
  async every_operator_selects(t) {
    const before = Date.now() - 1000;
    const { filtered, his, hers } = await createConversations(t, {
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
    for (const [filter, expected] of table) {
      const seen = await filtered(filter).catch((error) =>
        t.ok(false, `${JSON.stringify(filter)}: ${error.message}`),
      );
      t.is(names(t, seen.latest), expected, JSON.stringify(filter));
      seen.handle.unsubscribe();
    }
    // The lower bound is included, the upper bound is not.
    const { createdAt } = await hers("a").get();
    const bounds = [
      [[createdAt, createdAt + 1], true],
      [[createdAt - 1, createdAt], false],
    ];
    for (const [range, matches] of bounds) {
      const seen = await filtered({ createdAt: ["between", range], subject: ["==", "Order"] });
      t.is(names(t, seen.latest), matches ? "a" : "", `between ${range}`);
    }
  },

  async conversations_enter_and_leave_as_they_match(t) {
    const { ada, filtered, his, hers } = await createConversations(t, { a: {}, b: {} });
    /** @type {[object, () => Promise<unknown>, () => Promise<unknown>][]} */
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
    const all = async (conversation) => {
      const handle = conversation.subscribeMessages();
      const { latestSnapshot } = await handle.connected;
      handle.unsubscribe();
      return latestSnapshot;
    };
    for (const [filter, into, out] of steps) {
      const label = `${JSON.stringify(filter)} by ${into}`;
      const seen = await filtered(filter);
      const before = names(t, seen.latest);
      t.ok(!before.includes("a"), `${label}: not listed at first`);
      await into();
      await seen.until((list) => names(t, list).includes("a"), `${label}: is added`);
      await out();
      await seen.until((list) => names(t, list) === before, `${label}: is removed`);
      t.is(seen.calls.length, 3, `${label}: calls`);
      seen.handle.unsubscribe();
    }
  },

  async changes_of_unmatched_conversations_are_not_reported(t) {
    const { filtered, his } = await createConversations(t, { a: {}, b: { subject: "x" } });
    const seen = await filtered({ subject: ["==", "x"] });
    await t.expectNoCalls(
      [seen],
      async () => {
        await his("a").set({ custom: { k: "1" } });
        await his("a").send("Hello");
        await his("a").set({ subject: "y" });
        await t.rest("DELETE", `/conversations/${t.id("a")}`);
      },
      "changes of a conversation that does not match",
    );
    await his("b").send("Hello");
    await seen.until(([one]) => one.lastMessage?.plaintext === "Hello", "a matching conversation");
    await his("b").set({ subject: "y" });
    await seen.until((list) => list.length === 0, "is removed");
    t.is(seen.loadedAll, true, "all are loaded");
  },

  async activity_moves_conversations_in_and_out(t) {
    const { filtered, his } = await createConversations(t, { a: {}, b: {} });
    await t.pause(10);
    const now = Date.now();
    await t.pause(10);
    const [later, earlier] = [
      await filtered({ lastActivityAt: [">=", now] }),
      await filtered({ lastActivityAt: ["<", now] }),
    ];
    t.same([names(t, later.latest), names(t, earlier.latest)], ["", "a,b"], "at first");
    const message = await his("a").send("Hello");
    await later.until((list) => names(t, list) === "a", "a message adds it");
    await earlier.until((list) => names(t, list) === "b", "and removes it from the other");
    await his("a").message(message.id).delete();
    await later.until((list) => names(t, list) === "", "deleting the message removes it");
    await earlier.until((list) => names(t, list) === "a,b", "and adds it to the other");
  },

  async window_counts_only_matching_conversations(t) {
    const data = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [`n${n}`, { subject: n % 2 ? "odd" : "even" }]),
    );
    const { filtered, his } = await createConversations(t, data);
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
    await seen.until(([one]) => one.id === t.id("n49"), "it moves to the top");
  },

  async invalid_filter_reports_its_field(t) {
    const [ada] = await t.users("ada");
    const invalid = [
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
    for (const [filter, field] of invalid) {
      const handle = ada.subscribeConversations({ filter });
      const error = await t.rejectsWith(
        handle.connected,
        "invalid_argument",
        JSON.stringify(filter).slice(0, 60),
      );
      t.ok(
        error.field?.includes(field),
        `the field of ${JSON.stringify(filter).slice(0, 60)}: ${error.field}: ${error.message}`,
      );
      t.is((await handle.terminated).error, error, "terminated");
    }
    // Larger than a frame may be, so it is never sent.
    const large = { subject: ["oneOf", Array.from({ length: 10_000 }, (_, n) => `s${n}`)] };
    for (let n = 0; n < 2; n += 1)
      await t.rejectsWith(ada.subscribeConversations({ filter: large }).connected, "too_large");
    await t.rejectsWith(
      t.session({ userId: t.id("new") }).subscribeConversations({ filter: large }).connected,
      "too_large",
    );
    t.is(
      (await t.subscribe((on) => ada.subscribeConversations(on))).latest.length,
      0,
      "other subscriptions work",
    );
  },
};
