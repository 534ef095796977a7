// Subscription handles: their states, promises, callbacks and end. The windows of lists are tested in
// windows.js.

const KINDS = {
  user: (session) => (on) => session.currentUser.subscribe(on),
  online: (session) => (on) => session.currentUser.subscribeOnline(on),
  conversations: (session) => (on) => session.subscribeConversations(on),
  filtered: (session) => (on) => session.subscribeConversations({ filter: { hasMessages: true } }, on),
  conversation: (session, conversation) => (on) => conversation.subscribe(on),
  messages: (session, conversation) => (on) => conversation.subscribeMessages(on),
  participants: (session, conversation) => (on) => conversation.subscribeParticipants(on),
  typing: (session, conversation) => (on) => conversation.subscribeTyping(on),
  participant: (session, conversation) => (on) => conversation.participant(session.currentUser).subscribe(on),
  reactions: (session, conversation, message) => (on) => message.reactions("👍").subscribe(on),
};
const LISTS = ["conversations", "filtered", "messages", "participants", "reactions"];

/** Creates a conversation with a message, and functions that open each kind of subscription to it. */
const createEverything = async (t) => {
  const {
    sessions: [ada, bob],
    refs: [conversation, his],
  } = await t.chat("ada", "bob");
  const message = await his.send("Hello");
  await his.message(message.id).reactions("👍").add();
  const kinds = Object.fromEntries(
    Object.entries(KINDS).map(([kind, open]) => [kind, open(ada, conversation, message)]),
  );
  return { ada, bob, conversation, his, message: conversation.message(message.id), kinds };
};

export const cases = {
  async states_change_in_order_and_are_frozen(t) {
    const { kinds } = await createEverything(t);
    for (const [kind, open] of Object.entries(kinds)) {
      const calls = [];
      const handle = open((...args) => calls.push(args));
      t.same(handle.state, { type: "pending" }, `${kind} at first`);
      t.same(calls, [], `${kind}: no callback within the call`);
      const active = await handle.connected;
      t.is(active.type, "active", kind);
      t.is(handle.state.type, "active", kind);
      t.same(calls.length, 1, `${kind}: calls`);
      t.is(calls[0][0], active.latestSnapshot, `${kind}: the snapshot is the same object`);
      t.is(handle.state.latestSnapshot, active.latestSnapshot, `${kind}: in the state too`);
      const list = LISTS.includes(kind);
      t.same(
        Object.keys(active),
        ["type", "latestSnapshot", ...(list ? ["loadedAll"] : [])],
        `${kind}: the keys of the state`,
      );
      t.same(
        [calls[0].length, calls[0][1]],
        list ? [2, true] : [1, undefined],
        `${kind}: the arguments of the callback`,
      );
      t.is("loadMore" in handle, list, `${kind}: loadMore`);
      for (const part of [active, active.latestSnapshot]) t.ok(Object.isFrozen(part), `${kind}: frozen`);
      handle.unsubscribe();
      t.same(handle.state, { type: "unsubscribed" }, `${kind} at the end`);
      t.same(await handle.terminated, { type: "unsubscribed" }, `${kind}: terminated`);
      t.ok(Object.isFrozen(handle.state), `${kind}: frozen`);
      t.is(
        (await handle.connected).latestSnapshot,
        active.latestSnapshot,
        `${kind}: connected keeps its result`,
      );
    }
  },

  async connected_rejects_if_the_subscription_ends_first(t) {
    const uncaught = t.uncaught();
    const { kinds } = await createEverything(t);
    for (const [kind, open] of Object.entries(kinds)) {
      const calls = [];
      const handle = open((snapshot) => calls.push(snapshot));
      handle.unsubscribe();
      const error = await t.rejectsWith(handle.connected, "unsubscribed", kind);
      t.ok(error instanceof Error && error.name === "CauserieError", `${kind}: ${error}`);
      t.same(await handle.terminated, { type: "unsubscribed" }, kind);
      // A handle whose promises are not awaited.
      open().unsubscribe();
      await t.pause(20);
      t.same(calls, [], `${kind}: calls`);
    }
    t.same(uncaught.map(String), [], "uncaught");
  },

  async error_ends_the_subscription(t) {
    const uncaught = t.uncaught();
    const [ada] = await t.users("ada");
    const calls = [];
    const handle = ada.subscribeConversations({ filter: { subject: ["=", "Order"] } }, (list) =>
      calls.push(list),
    );
    ada.subscribeConversations({ filter: { subject: ["=", "Order"] } });
    const error = await t.rejectsWith(handle.connected, "invalid_argument");
    t.ok(
      error.field.includes("subject") && error.message.includes("subject"),
      `${error.field}: ${error.message}`,
    );
    t.is(handle.state.type, "error", "state");
    t.is(handle.state.error, error, "the error in the state");
    const end = await handle.terminated;
    t.same([end.type, end.error === error], ["error", true], "terminated");
    await handle.loadMore();
    handle.unsubscribe();
    t.is(handle.state.type, "error", "the state is final");
    // Other subscriptions work, and the same one can be tried again.
    t.same((await t.subscribe((on) => ada.subscribeConversations(on))).latest, [], "another subscription");
    await t.rejectsWith(
      ada.subscribeConversations({ filter: { subject: ["=", "Order"] } }).connected,
      "invalid_argument",
    );
    t.same([calls.length, uncaught.map(String)], [0, []], "calls, uncaught");
  },

  async end_of_the_session_ends_the_subscription(t) {
    const uncaught = t.uncaught();
    const session = t.session({ appId: "auth", token: await t.token(t.id("me")) });
    const conversation = session.conversation(t.id("chat"));
    const existing = await t.subscribe((on) => session.currentUser.subscribe(on));
    const pending = [];
    session.onError(() => pending.push(conversation.subscribeMessages(), session.subscribeConversations()));
    session.setToken(await t.token(t.id("other")));
    const end = await existing.handle.terminated;
    t.same([end.type, end.error.code], ["error", "not_authenticated"], "terminated");
    await t.until(() => pending.length > 0, "onError is called");
    for (const handle of pending) {
      await t.rejectsWith(handle.connected, "session_ended");
      t.same(
        [handle.state.type, (await handle.terminated).error.code],
        ["error", "session_ended"],
        "in an ended session",
      );
      await handle.loadMore();
    }
    conversation.subscribe();
    await t.pause(50);
    t.same([existing.calls.length, uncaught.map(String)], [1, []], "calls, uncaught");
  },

  async http_only_sessions_do_not_support_subscriptions(t) {
    const uncaught = t.uncaught();
    const session = t.session({ transport: "http" });
    const handle = session.currentUser.subscribe();
    const error = await t.rejectsWith(handle.connected, "unsupported");
    t.ok(/WebSocket/.test(error.message), error.message);
    t.is((await handle.terminated).error, error, "terminated");
    t.same(uncaught.map(String), [], "uncaught");
  },

  async unsubscribe_stops_callbacks_and_is_idempotent(t) {
    const { ada, kinds, his } = await createEverything(t);
    for (const [kind, open] of Object.entries(kinds)) {
      const ended = await t.subscribe(open);
      const remaining = await t.subscribe((on) => ada.currentUser.subscribe(on));
      for (let n = 0; n < 3; n += 1) t.is(ended.handle.unsubscribe(), undefined, kind);
      await ada.currentUser.set({ name: `ada ${kind}` });
      await his.send(`After ${kind}`);
      await remaining.until((me) => me.name === `ada ${kind}`, "the other handle works");
      await t.pause(20);
      t.is(ended.calls.length, 1, `${kind}: calls`);
      t.same(ended.handle.state, { type: "unsubscribed" }, kind);
      remaining.handle.unsubscribe();
    }
  },

  async dispose_unsubscribes(t) {
    const [ada] = await t.users("ada");
    const handle = ada.currentUser.subscribe();
    if (!Symbol.dispose) return t.same(Object.getOwnPropertySymbols(handle), [], "no symbol, no method");
    await handle.connected;
    handle[Symbol.dispose]();
    handle[Symbol.dispose]();
    t.same(handle.state, { type: "unsubscribed" });
  },

  async unsubscribing_in_a_callback_takes_effect_at_once(t) {
    const { ada, kinds } = await createEverything(t);
    for (const [kind, open] of Object.entries(kinds)) {
      const calls = [];
      const own = open(() => (calls.push("own"), own.unsubscribe()));
      const first = open(() => (calls.push("first"), second.unsubscribe()));
      const second = open(() => (calls.push("second"), first.unsubscribe()));
      await own.terminated;
      await t.until(() => calls.length >= 2, `${kind}: the callbacks are called`);
      await ada.currentUser.set({ name: `ada ${kind}` });
      await t.pause(20);
      // Callbacks run in the order of opening; the first one ended the second before its turn.
      t.same(calls.slice(0, 2), ["own", "first"], kind);
      t.is(calls.includes("second"), false, `${kind}: ${calls}`);
      t.is(own.state.type, "unsubscribed", kind);
      first.unsubscribe();
    }
  },

  async throwing_callback_affects_no_other(t) {
    const uncaught = t.uncaught();
    const { kinds, ada } = await createEverything(t);
    for (const [kind, open] of Object.entries(kinds)) {
      uncaught.length = 0;
      const before = await t.subscribe(open);
      const thrower = open(() => {
        throw new Error(`of ${kind}`);
      });
      const after = await t.subscribe(open);
      await thrower.connected;
      await t.until(() => uncaught.length > 0, `${kind}: it is reported`);
      t.same(
        uncaught.map(({ message }) => message),
        [`of ${kind}`],
        "reported once",
      );
      t.same([before.calls.length, after.calls.length], [1, 1], `${kind}: calls of the others`);
      t.is(thrower.state.type, "active", `${kind}: it stays active`);
      for (const handle of [thrower, before.handle, after.handle]) handle.unsubscribe();
    }
    uncaught.length = 0;
    // A rejecting asynchronous callback is reported as an unhandled rejection and affects nothing else.
    const own = await t.subscribe((on) =>
      ada.currentUser.subscribe(async (me) => {
        on(me);
        throw new Error("later");
      }),
    );
    await t.until(() => uncaught.length > 0, "the rejection is reported");
    await ada.currentUser.set({ name: "Ada II" });
    await own.until((me) => me.name === "Ada II", "it stays active");
  },

  async every_method_can_be_called_in_every_callback(t) {
    const uncaught = t.uncaught();
    const { ada, conversation, message, kinds } = await createEverything(t);
    const outcomes = [];
    const others = await Promise.all(Object.values(kinds).map((open) => t.subscribe(open)));
    const all = (kind) => {
      const opened = Object.values(kinds).map((open) => open(() => {}));
      const promises = {
        user: ada.currentUser.get(),
        set: ada.currentUser.set({ name: "ada" }),
        create: ada.currentUser.createIfNotExists({ name: "ada" }),
        conversation: conversation.get(),
        sync: conversation.set({ custom: { seen: kind } }),
        make: conversation.createIfNotExists(),
        read: conversation.markAsRead(),
        unread: conversation.markAsUnread(),
        typing: conversation.markAsTyping(),
        participant: conversation.participant(ada.currentUser).get(),
        edit: conversation.participant(ada.currentUser).edit({ notify: false }),
        upsert: conversation.participant(ada.currentUser).set({ notify: true }),
        join: conversation.participant(ada.currentUser).createIfNotExists(),
        leave: conversation.participant(t.id("nobody")).delete(),
        message: message.get(),
        send: conversation.send(`From ${kind}`).then((sent) => sent.edit("Edited").then(() => sent.delete())),
        add: message.reactions("🎉").add(),
        first: message.reactions("🎉").getFirstReactions(),
        remove: message.reactions("🎉").remove(),
        more: Promise.all(opened.map((handle) => handle.loadMore?.())),
        mores: Promise.all(others.map(({ handle }) => handle.loadMore?.(30))),
      };
      ada.setToken("header.claims.signature");
      ada.onError(() => {}).unsubscribe();
      t.getTalkSession(t.options());
      opened.filter((_, n) => n % 2).forEach((handle) => handle.unsubscribe());
      t.undo.push(() => opened.forEach((handle) => handle.unsubscribe()));
      for (const [name, promise] of Object.entries(promises)) {
        outcomes.push(
          promise.then(
            () => null,
            (error) => `${kind}, ${name}: ${error.code} ${error.message}`,
          ),
        );
      }
    };
    for (const [kind, open] of Object.entries(kinds)) {
      let called = false;
      const handle = open(() => {
        if (called) return;
        called = true;
        all(kind);
      });
      t.undo.push(() => handle.unsubscribe());
    }
    await t.until(() => outcomes.length === Object.keys(kinds).length * 21, "every callback is called");
    t.same((await Promise.all(outcomes)).filter(Boolean), [], "failed calls");
    for (const { handle } of others) t.is(handle.state.type, "active", "the others stay active");
    t.same(uncaught.map(String), [], "uncaught");
  },

  async handles_of_one_topic_share_one_server_subscription(t) {
    const traffic = t.record();
    const { ada, conversation, kinds } = await createEverything(t);
    const count = (kind) => traffic.sent.filter((text) => text.includes(`"t":"${kind}"`)).length;
    for (const [kind, open] of Object.entries(kinds)) {
      const before = [count("subscribe"), count("unsubscribe")];
      const first = await t.subscribe(open);
      const [second, third] = [await t.subscribe(open), await t.subscribe(open)];
      t.is(count("subscribe") - before[0], 1, `${kind}: subscriptions on the wire`);
      // Each handle has its own array, because each has loaded its own window; the elements are shared.
      const parts = ({ latest }) => (Array.isArray(latest) ? latest : [latest]);
      const same = (other) => parts(other).every((part, n) => part === parts(first)[n]);
      t.ok(same(second) && same(third), `${kind}: one snapshot for all`);
      first.handle.unsubscribe();
      second.handle.unsubscribe();
      t.is(count("unsubscribe") - before[1], 0, `${kind}: unsubscribe frames while a handle is left`);
      third.handle.unsubscribe();
      await t.until(() => count("unsubscribe") - before[1] === 1, `${kind}: the last handle unsubscribes`);
    }
    // Another filter or another conversation is another topic.
    const before = count("subscribe");
    for (const isUnread of [true, false])
      await t.subscribe((on) => ada.subscribeConversations({ filter: { isUnread } }, on));
    await t.subscribe((on) => conversation.subscribe(on));
    await t.subscribe((on) => ada.conversation(t.id("elsewhere")).subscribe(on));
    t.is(count("subscribe") - before, 4, "other topics");
  },

  // React's StrictMode mounts, unmounts and mounts again in one turn.
  async subscribing_twice_in_one_turn_works_without_errors(t) {
    const uncaught = t.uncaught();
    const traffic = t.record();
    const { kinds } = await createEverything(t);
    for (const [kind, open] of Object.entries(kinds)) {
      const calls = [];
      open((snapshot) => calls.push(["first", snapshot])).unsubscribe();
      const handle = open((snapshot) => calls.push(["second", snapshot]));
      await handle.connected;
      await t.pause(20);
      t.same(
        calls.map(([which]) => which),
        ["second"],
        kind,
      );
      handle.unsubscribe();
    }
    t.is(traffic.socketUrls.length, 2, "sockets: one for each user");
    t.same(uncaught.map(String), [], "uncaught");
  },

  async invalid_callback_throws_a_type_error(t) {
    const traffic = t.record();
    const session = t.session();
    const conversation = session.conversation(t.id("chat"));
    for (const [kind, make] of Object.entries(KINDS)) {
      for (const wrong of [null, 5, "on", {}, []]) {
        if (kind === "conversations" && typeof wrong === "object" && wrong && !Array.isArray(wrong)) continue;
        /** @type {import("./context.js").SdkError} */
        const error = t.throws(
          () => make(session, conversation, conversation.message("m1"))(wrong),
          `${kind} of ${JSON.stringify(wrong)}`,
        );
        t.ok(
          error instanceof TypeError && error.code === "invalid_argument",
          `${kind} of ${JSON.stringify(wrong)}: ${error}`,
        );
        t.ok(["onSnapshot", "options"].includes(error.field), `${kind}: ${error.field}`);
      }
    }
    await t.pause(20);
    t.same(traffic.socketUrls, [], "sockets");
  },

  async subscription_over_the_limit_is_rejected_and_affects_no_other(t) {
    const [ada] = await t.users("ada");
    const handles = Array.from({ length: 501 }, (_, n) => ada.user(t.id(`u${n}`)).subscribe());
    t.undo.push(() => handles.forEach((handle) => handle.unsubscribe()));
    const last = handles.pop();
    await t.rejectsWith(last.connected, "rate_limited");
    await Promise.all(handles.map(({ connected }) => connected));
    handles.pop().unsubscribe();
    t.is(
      (await t.subscribe((on) => ada.currentUser.subscribe(on))).latest.name,
      "ada",
      "another subscription fits again",
    );
  },

  async invalid_count_is_rejected(t) {
    const { kinds } = await createEverything(t);
    const maximum = { conversations: 30, filtered: 30, messages: 100, participants: 50, reactions: 100 };
    for (const kind of LISTS) {
      const { handle } = await t.subscribe(kinds[kind]);
      for (const count of [0, -1, 1.5, maximum[kind] + 1, NaN, Infinity, "5", null, {}]) {
        const error = await t.rejectsWith(handle.loadMore(count), "invalid_argument", `${kind}: ${count}`);
        t.is(error.field, "count", "field");
        const got = typeof count === "number" || count === null ? count : typeof count;
        t.is(error.message, `count: must be an integer from 1 to ${maximum[kind]} (got ${got})`, "message");
      }
      t.is(await handle.loadMore(maximum[kind]), undefined, `${kind}: the maximum`);
      t.is(await handle.loadMore(undefined), undefined, `${kind}: the default`);
      handle.unsubscribe();
      t.is(await handle.loadMore(), undefined, `${kind}: after the end`);
      await t.rejectsWith(handle.loadMore(0), "invalid_argument", `${kind}: 0 after the end`);
    }
  },
};
