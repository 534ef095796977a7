// The windows of list subscriptions: their initial size, and how `loadMore` extends them.

/** Sends messages `m1` to `m<count>` by REST, ten at a time. */
const sendMany = async (t, path, sender, count) => {
  for (let n = 1; n <= count; n += 10) {
    const some = Array.from({ length: Math.min(10, count - n + 1) }, (_, k) => ({
      type: "UserMessage",
      sender,
      text: `m${n + k}`,
    }));
    await t.rest("POST", `${path}/messages`, some);
  }
};
const texts = (messages) => messages.map(({ plaintext }) => plaintext);
/** The texts of `count` messages, newest first, from `m<high>` down. */
const expectedTexts = (high, count) => Array.from({ length: count }, (_, k) => `m${high - k}`);

export const cases = {
  async load_more_extends_the_loaded_window(t) {
    const {
      sessions: [ada],
      refs: [conversation],
      path,
    } = await t.chat("ada");
    await sendMany(t, path, ada.currentUser.id, 150);
    const seen = await t.subscribe((on) => conversation.subscribeMessages(on));
    const steps = [
      [undefined, 60],
      [5, 65],
      [1, 66],
      [84, 150],
    ];
    t.same([texts(seen.latest), seen.loadedAll], [expectedTexts(150, 30), false], "at first");
    for (const [count, expected] of steps) {
      const old = seen.latest;
      t.is(await seen.handle.loadMore(count), undefined, "the result");
      t.same(texts(seen.latest), expectedTexts(150, expected), `after loadMore(${count})`);
      t.ok(
        old.every((message, n) => seen.latest[n] === message),
        "loaded messages are the same objects",
      );
      t.is(seen.handle.state.latestSnapshot, seen.latest, "the state");
    }
    t.is(seen.calls.length, 1 + steps.length, "calls");
    await t.expectNoCalls(
      [seen].filter(() => seen.loadedAll),
      () => Promise.all([seen.handle.loadMore(), seen.handle.loadMore(100)]),
    );
  },

  async concurrent_load_more_calls_use_the_highest_count(t) {
    const {
      sessions: [ada],
      refs: [conversation],
      path,
    } = await t.chat("ada");
    await sendMany(t, path, ada.currentUser.id, 150);
    const seen = await t.subscribe((on) => conversation.subscribeMessages(on));
    await Promise.all([seen.handle.loadMore(), seen.handle.loadMore()]);
    t.is(seen.latest.length, 60, "two equal calls");
    await Promise.all([seen.handle.loadMore(5), seen.handle.loadMore(20), seen.handle.loadMore(10)]);
    t.is(seen.latest.length, 80, "the highest of three counts");
    // A later call enlarges a pending page.
    const first = seen.handle.loadMore(5);
    await Promise.resolve();
    await Promise.resolve();
    const second = seen.handle.loadMore(25);
    await Promise.all([first, second]);
    t.is(seen.latest.length, 105, "a pending page");
    // A call before the first snapshot waits for it.
    seen.handle.unsubscribe();
    const handle = conversation.subscribeMessages();
    t.undo.push(() => handle.unsubscribe());
    await handle.loadMore(10);
    t.is(handle.state.latestSnapshot.length, 40, "called before the first snapshot");
  },

  async load_more_affects_only_its_own_handle(t) {
    const {
      sessions: [ada],
      refs: [conversation, his],
      path,
    } = await t.chat("ada", "bob");
    await sendMany(t, path, ada.currentUser.id, 100);
    const one = await t.subscribe((on) => conversation.subscribeMessages(on));
    const other = await t.subscribe((on) => conversation.subscribeMessages(on));
    await t.expectNoCalls([other], () => one.handle.loadMore(50), "loadMore of the other handle");
    t.same([one.latest.length, other.latest.length], [80, 30], "loaded");
    const third = await t.subscribe((on) => conversation.subscribeMessages(on));
    t.is(third.latest.length, 30, "a new handle starts with the initial window");
    // New messages extend each window; its end stays.
    const sent = await his.send("new");
    await t.until(
      () => [one, other, third].every(({ latest }) => latest[0].id === sent.id),
      "all are updated",
    );
    t.same(
      [one, other, third].map(({ latest }) => latest.length),
      [81, 31, 31],
      "one more",
    );
    one.handle.unsubscribe();
    await other.handle.loadMore(10);
    t.same(
      [texts(other.latest).slice(1), other.loadedAll],
      [expectedTexts(100, 40), false],
      "after the longest window is closed",
    );
    await other.handle.loadMore(100);
    t.same([other.latest.length, other.loadedAll, third.latest.length], [101, true, 31], "to the end");
  },

  async each_list_has_its_initial_and_page_size(t) {
    const {
      sessions: [ada],
      refs: [conversation],
      path,
    } = await t.chat("ada");
    const ids = Array.from({ length: 45 }, (_, n) => t.id(`p${n}`));
    for (let n = 0; n < 45; n += 15) {
      const users = Object.fromEntries(ids.slice(n, n + 15).map((id) => [id, { name: id }]));
      await t.rest("PUT", "/users", users);
    }
    await t.rest("PUT", path, { participants: ids });
    const message = await conversation.send("Hello");
    for (const userId of ids.slice(0, 42)) {
      const theirs = t
        .session({ userId, transport: "http" })
        .conversation(conversation.id)
        .message(message.id);
      await theirs.reactions("👍").add();
    }
    for (let n = 0; n < 44; n += 1) await ada.conversation(t.id(`c${n}`)).set({});
    const sizes = { conversations: [20, 40, 45], participants: [10, 20, 30], reactions: [10, 40, 42] };
    const open = {
      conversations: (on) => ada.subscribeConversations(on),
      participants: (on) => conversation.subscribeParticipants(on),
    };
    open.reactions = (on) => message.reactions("👍").subscribe(on);
    for (const [kind, [first, second, third]] of Object.entries(sizes)) {
      const seen = await t.subscribe(open[kind]);
      t.is(seen.latest.length, first, `${kind} at first`);
      await seen.handle.loadMore();
      t.is(seen.latest.length, second, `${kind} after loadMore()`);
      await seen.handle.loadMore();
      t.is(seen.latest.length, third, `${kind} after another`);
      t.is(seen.loadedAll, kind !== "participants", `${kind}: all`);
    }
  },
};
