// What a subscription is to the program that holds it: its states, its promises, its end, and how much it loads.

const KINDS = {
  user: (session) => (on) => session.currentUser.subscribe(on),
  online: (session) => (on) => session.currentUser.subscribeOnline(on),
  conversations: (session) => (on) => session.subscribeConversations(on),
  filtered: (session) => (on) => session.subscribeConversations({ filter: { hasMessages: true } }, on),
  conversation: (session, talk) => (on) => talk.subscribe(on),
  messages: (session, talk) => (on) => talk.subscribeMessages(on),
  participants: (session, talk) => (on) => talk.subscribeParticipants(on),
  typing: (session, talk) => (on) => talk.subscribeTyping(on),
  participant: (session, talk) => (on) => talk.participant(session.currentUser).subscribe(on),
  reactions: (session, talk, message) => (on) => message.reactions("👍").subscribe(on),
};
const LISTS = ["conversations", "filtered", "messages", "participants", "reactions"];

/** A chat with a message in it, and the way to open each kind of subscription to it. */
const everything = async (t) => {
  const {
    sessions: [ada, bob],
    refs: [talk, his],
  } = await t.chat("ada", "bob");
  const message = await his.send("Hello");
  await his.message(message.id).reactions("👍").add();
  const kinds = Object.fromEntries(
    Object.entries(KINDS).map(([kind, open]) => [kind, open(ada, talk, message)]),
  );
  return { ada, bob, talk, his, message: talk.message(message.id), kinds };
};

/** As many messages of a backend's as there shall be, ten at a time; the newest is called after the number. */
const say = async (t, path, sender, count) => {
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
const named = (high, count) => Array.from({ length: count }, (_, k) => `m${high - k}`);

export const cases = {
  async states_follow_one_another_and_are_frozen(t) {
    const { kinds } = await everything(t);
    for (const [kind, open] of Object.entries(kinds)) {
      const given = [];
      const handle = open((...all) => given.push(all));
      t.same(handle.state, { type: "pending" }, `${kind} at first`);
      t.same(given, [], `${kind}: nothing is told within the call`);
      const active = await handle.connected;
      t.is(active.type, "active", kind);
      t.is(handle.state.type, "active", kind);
      t.same(given.length, 1, `${kind}: calls`);
      t.is(given[0][0], active.latestSnapshot, `${kind}: the snapshot is the same object`);
      t.is(handle.state.latestSnapshot, active.latestSnapshot, `${kind}: in the state too`);
      const list = LISTS.includes(kind);
      t.same(
        Object.keys(active),
        ["type", "latestSnapshot", ...(list ? ["loadedAll"] : [])],
        `${kind}: what the state has`,
      );
      t.same(
        [given[0].length, given[0][1]],
        list ? [2, true] : [1, undefined],
        `${kind}: what the callback is given`,
      );
      t.is("loadMore" in handle, list, `${kind}: loadMore`);
      for (const part of [active, active.latestSnapshot]) t.ok(Object.isFrozen(part), `${kind}: frozen`);
      handle.unsubscribe();
      t.same(handle.state, { type: "unsubscribed" }, `${kind} at last`);
      t.same(await handle.terminated, { type: "unsubscribed" }, `${kind}: terminated`);
      t.ok(Object.isFrozen(handle.state), `${kind}: frozen`);
      t.is(
        (await handle.connected).latestSnapshot,
        active.latestSnapshot,
        `${kind}: what connected resolved with stays`,
      );
    }
  },

  async connected_rejects_if_the_end_comes_first(t) {
    const uncaught = t.uncaught();
    const { kinds } = await everything(t);
    for (const [kind, open] of Object.entries(kinds)) {
      const calls = [];
      const handle = open((snapshot) => calls.push(snapshot));
      handle.unsubscribe();
      const error = await t.code(handle.connected, "unsubscribed", kind);
      t.ok(error instanceof Error && error.name === "CauserieError", `${kind}: ${error}`);
      t.same(await handle.terminated, { type: "unsubscribed" }, kind);
      // And one whose promises nobody looks at.
      open().unsubscribe();
      await t.pause(20);
      t.same(calls, [], `${kind}: calls`);
    }
    t.same(uncaught.map(String), [], "uncaught");
  },

  async an_error_ends_it(t) {
    const uncaught = t.uncaught();
    const [ada] = await t.people("ada");
    const calls = [];
    const handle = ada.subscribeConversations({ filter: { subject: ["=", "Order"] } }, (list) =>
      calls.push(list),
    );
    ada.subscribeConversations({ filter: { subject: ["=", "Order"] } });
    const error = await t.code(handle.connected, "invalid_argument");
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
    t.is(handle.state.type, "error", "an end is the end");
    // Others go on, and the same may be asked again.
    t.same((await t.follow((on) => ada.subscribeConversations(on))).latest, [], "another");
    await t.code(
      ada.subscribeConversations({ filter: { subject: ["=", "Order"] } }).connected,
      "invalid_argument",
    );
    t.same([calls.length, uncaught.map(String)], [0, []], "calls, uncaught");
  },

  async the_end_of_the_session_ends_it(t) {
    const uncaught = t.uncaught();
    const session = t.session({ appId: "auth", token: await t.token(t.id("me")) });
    const talk = session.conversation(t.id("chat"));
    const followed = await t.follow((on) => session.currentUser.subscribe(on));
    const pending = [];
    session.onError(() => pending.push(talk.subscribeMessages(), session.subscribeConversations()));
    session.setToken(await t.token(t.id("other")));
    const end = await followed.handle.terminated;
    t.same([end.type, end.error.code], ["error", "not_authenticated"], "terminated");
    await t.until(() => pending.length > 0, "onError is called");
    for (const handle of pending) {
      await t.code(handle.connected, "session_ended");
      t.same(
        [handle.state.type, (await handle.terminated).error.code],
        ["error", "session_ended"],
        "of an ended session",
      );
      await handle.loadMore();
    }
    talk.subscribe();
    await t.pause(50);
    t.same([followed.calls.length, uncaught.map(String)], [1, []], "calls, uncaught");
  },

  async by_http_only_there_is_none(t) {
    const uncaught = t.uncaught();
    const session = t.session({ transport: "http" });
    const handle = session.currentUser.subscribe();
    const error = await t.code(handle.connected, "unsupported");
    t.ok(/WebSocket/.test(error.message), error.message);
    t.is((await handle.terminated).error, error, "terminated");
    t.same(uncaught.map(String), [], "uncaught");
  },

  async unsubscribe_silences_and_is_idempotent(t) {
    const { ada, kinds, his } = await everything(t);
    for (const [kind, open] of Object.entries(kinds)) {
      const gone = await t.follow(open);
      const stays = await t.follow((on) => ada.currentUser.subscribe(on));
      for (let n = 0; n < 3; n += 1) t.is(gone.handle.unsubscribe(), undefined, kind);
      await ada.currentUser.set({ name: `ada ${kind}` });
      await his.send(`After ${kind}`);
      await stays.until((me) => me.name === `ada ${kind}`, "the other goes on");
      await t.pause(20);
      t.is(gone.calls.length, 1, `${kind}: calls`);
      t.same(gone.handle.state, { type: "unsubscribed" }, kind);
      stays.handle.unsubscribe();
    }
  },

  async dispose_is_unsubscribe(t) {
    const [ada] = await t.people("ada");
    const handle = ada.currentUser.subscribe();
    if (!Symbol.dispose) return t.same(Object.getOwnPropertySymbols(handle), [], "no symbol, no method");
    await handle.connected;
    handle[Symbol.dispose]();
    handle[Symbol.dispose]();
    t.same(handle.state, { type: "unsubscribed" });
  },

  async unsubscribing_in_a_callback_takes_effect_at_once(t) {
    const { ada, kinds } = await everything(t);
    for (const [kind, open] of Object.entries(kinds)) {
      const calls = [];
      const own = open(() => (calls.push("own"), own.unsubscribe()));
      const first = open(() => (calls.push("first"), second.unsubscribe()));
      const second = open(() => (calls.push("second"), first.unsubscribe()));
      await own.terminated;
      await t.until(() => calls.length >= 2, `${kind}: they are told`);
      await ada.currentUser.set({ name: `ada ${kind}` });
      await t.pause(20);
      // Told in the order they were opened; the second was ended by the first before its turn.
      t.same(calls.slice(0, 2), ["own", "first"], kind);
      t.is(calls.includes("second"), false, `${kind}: ${calls}`);
      t.is(own.state.type, "unsubscribed", kind);
      first.unsubscribe();
    }
  },

  async a_callback_that_throws_harms_no_other(t) {
    const uncaught = t.uncaught();
    const { kinds, ada } = await everything(t);
    for (const [kind, open] of Object.entries(kinds)) {
      uncaught.length = 0;
      const before = await t.follow(open);
      const thrower = open(() => {
        throw new Error(`of ${kind}`);
      });
      const after = await t.follow(open);
      await thrower.connected;
      await t.until(() => uncaught.length > 0, `${kind}: it is reported`);
      t.same(
        uncaught.map(({ message }) => message),
        [`of ${kind}`],
        "reported once",
      );
      t.same([before.calls.length, after.calls.length], [1, 1], `${kind}: calls of the others`);
      t.is(thrower.state.type, "active", `${kind}: it goes on`);
      for (const handle of [thrower, before.handle, after.handle]) handle.unsubscribe();
    }
    uncaught.length = 0;
    // An asynchronous one is the program's own affair, and harms nothing either.
    const own = await t.follow((on) =>
      ada.currentUser.subscribe(async (me) => {
        on(me);
        throw new Error("later");
      }),
    );
    await t.until(() => uncaught.length > 0, "the rejection shows");
    await ada.currentUser.set({ name: "Ada II" });
    await own.until((me) => me.name === "Ada II", "it goes on");
  },

  async every_method_can_be_called_in_every_callback(t) {
    const uncaught = t.uncaught();
    const { ada, talk, message, kinds } = await everything(t);
    const outcomes = [];
    const others = await Promise.all(Object.values(kinds).map((open) => t.follow(open)));
    const all = (kind) => {
      const opened = Object.values(kinds).map((open) => open(() => {}));
      const promises = {
        user: ada.currentUser.get(),
        set: ada.currentUser.set({ name: "ada" }),
        create: ada.currentUser.createIfNotExists({ name: "ada" }),
        conversation: talk.get(),
        sync: talk.set({ custom: { seen: kind } }),
        make: talk.createIfNotExists(),
        read: talk.markAsRead(),
        unread: talk.markAsUnread(),
        typing: talk.markAsTyping(),
        participant: talk.participant(ada.currentUser).get(),
        edit: talk.participant(ada.currentUser).edit({ notify: false }),
        upsert: talk.participant(ada.currentUser).set({ notify: true }),
        join: talk.participant(ada.currentUser).createIfNotExists(),
        leave: talk.participant(t.id("nobody")).delete(),
        message: message.get(),
        send: talk.send(`From ${kind}`).then((sent) => sent.edit("Edited").then(() => sent.delete())),
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
    t.same((await Promise.all(outcomes)).filter(Boolean), [], "what failed");
    for (const { handle } of others) t.is(handle.state.type, "active", "the others go on");
    t.same(uncaught.map(String), [], "uncaught");
  },

  async handles_of_one_topic_share_one_subscription_of_the_server(t) {
    const sent = t.record();
    const { ada, talk, kinds } = await everything(t);
    const count = (kind) => sent.texts.filter((text) => text.includes(`"t":"${kind}"`)).length;
    for (const [kind, open] of Object.entries(kinds)) {
      const before = [count("subscribe"), count("unsubscribe")];
      const first = await t.follow(open);
      const [second, third] = [await t.follow(open), await t.follow(open)];
      t.is(count("subscribe") - before[0], 1, `${kind}: subscriptions on the wire`);
      // A list is an array of each handle's own, as each has loaded its own part of it; what is in it is everybody's.
      const parts = ({ latest }) => (Array.isArray(latest) ? latest : [latest]);
      const same = (other) => parts(other).every((part, n) => part === parts(first)[n]);
      t.ok(same(second) && same(third), `${kind}: one snapshot for all`);
      first.handle.unsubscribe();
      second.handle.unsubscribe();
      t.is(count("unsubscribe") - before[1], 0, `${kind}: ends, while one is left`);
      third.handle.unsubscribe();
      await t.until(() => count("unsubscribe") - before[1] === 1, `${kind}: the last ends it`);
    }
    // Another filter is another topic, and so is the same one of another conversation.
    const before = count("subscribe");
    for (const isUnread of [true, false])
      await t.follow((on) => ada.subscribeConversations({ filter: { isUnread } }, on));
    await t.follow((on) => talk.subscribe(on));
    await t.follow((on) => ada.conversation(t.id("elsewhere")).subscribe(on));
    t.is(count("subscribe") - before, 4, "others");
  },

  // React's StrictMode mounts, unmounts and mounts again in one turn.
  async subscribing_twice_in_one_turn_works_and_is_silent(t) {
    const uncaught = t.uncaught();
    const sent = t.record();
    const { kinds } = await everything(t);
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
    t.is(sent.sockets.length, 2, "sockets: one for each user");
    t.same(uncaught.map(String), [], "uncaught");
  },

  async what_is_no_function_is_a_type_error(t) {
    const sent = t.record();
    const session = t.session();
    const talk = session.conversation(t.id("chat"));
    for (const [kind, make] of Object.entries(KINDS)) {
      for (const wrong of [null, 5, "on", {}, []]) {
        if (kind === "conversations" && typeof wrong === "object" && wrong && !Array.isArray(wrong)) continue;
        const error = t.thrown(
          () => make(session, talk, talk.message("m1"))(wrong),
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
    t.same(sent.sockets, [], "sockets");
  },

  async one_too_many_is_refused_and_harms_no_other(t) {
    const [ada] = await t.people("ada");
    const handles = Array.from({ length: 501 }, (_, n) => ada.user(t.id(`u${n}`)).subscribe());
    t.undo.push(() => handles.forEach((handle) => handle.unsubscribe()));
    const last = handles.pop();
    await t.code(last.connected, "rate_limited");
    await Promise.all(handles.map(({ connected }) => connected));
    handles.pop().unsubscribe();
    t.is((await t.follow((on) => ada.currentUser.subscribe(on))).latest.name, "ada", "there is room again");
  },

  async load_more_counts_from_what_is_loaded(t) {
    const {
      sessions: [ada],
      refs: [talk],
      path,
    } = await t.chat("ada");
    await say(t, path, ada.currentUser.id, 150);
    const seen = await t.follow((on) => talk.subscribeMessages(on));
    const steps = [
      [undefined, 60],
      [5, 65],
      [1, 66],
      [84, 150],
    ];
    t.same([texts(seen.latest), seen.loadedAll], [named(150, 30), false], "at first");
    for (const [count, wanted] of steps) {
      const old = seen.latest;
      t.is(await seen.handle.loadMore(count), undefined, "what it resolves with");
      t.same(texts(seen.latest), named(150, wanted), `after loadMore(${count})`);
      t.ok(
        old.every((message, n) => seen.latest[n] === message),
        "what was loaded stays the same objects",
      );
      t.is(seen.handle.state.latestSnapshot, seen.latest, "the state");
    }
    t.is(seen.calls.length, 1 + steps.length, "calls");
    await t.still(
      [seen].filter(() => seen.loadedAll),
      () => Promise.all([seen.handle.loadMore(), seen.handle.loadMore(100)]),
    );
  },

  async two_immediate_calls_do_not_add_up_and_the_higher_count_counts(t) {
    const {
      sessions: [ada],
      refs: [talk],
      path,
    } = await t.chat("ada");
    await say(t, path, ada.currentUser.id, 150);
    const seen = await t.follow((on) => talk.subscribeMessages(on));
    await Promise.all([seen.handle.loadMore(), seen.handle.loadMore()]);
    t.is(seen.latest.length, 60, "two alike");
    await Promise.all([seen.handle.loadMore(5), seen.handle.loadMore(20), seen.handle.loadMore(10)]);
    t.is(seen.latest.length, 80, "the highest of three");
    // A later one, while the page is on its way, enlarges it.
    const first = seen.handle.loadMore(5);
    await Promise.resolve();
    await Promise.resolve();
    const second = seen.handle.loadMore(25);
    await Promise.all([first, second]);
    t.is(seen.latest.length, 105, "a page in flight");
    // Before the first snapshot it waits for it.
    seen.handle.unsubscribe();
    const handle = talk.subscribeMessages();
    t.undo.push(() => handle.unsubscribe());
    await handle.loadMore(10);
    t.is(handle.state.latestSnapshot.length, 40, "asked for before the first snapshot");
  },

  async load_more_of_one_is_not_of_another(t) {
    const {
      sessions: [ada],
      refs: [talk, his],
      path,
    } = await t.chat("ada", "bob");
    await say(t, path, ada.currentUser.id, 100);
    const one = await t.follow((on) => talk.subscribeMessages(on));
    const other = await t.follow((on) => talk.subscribeMessages(on));
    await t.still([other], () => one.handle.loadMore(50), "loadMore of the other");
    t.same([one.latest.length, other.latest.length], [80, 30], "loaded");
    const third = await t.follow((on) => talk.subscribeMessages(on));
    t.is(third.latest.length, 30, "a new one begins at the beginning");
    // Each grows by what comes, and keeps its own end.
    const sent = await his.send("new");
    await t.until(() => [one, other, third].every(({ latest }) => latest[0].id === sent.id), "all are told");
    t.same(
      [one, other, third].map(({ latest }) => latest.length),
      [81, 31, 31],
      "one more",
    );
    one.handle.unsubscribe();
    await other.handle.loadMore(10);
    t.same(
      [texts(other.latest).slice(1), other.loadedAll],
      [named(100, 40), false],
      "after the end of the longest",
    );
    await other.handle.loadMore(100);
    t.same([other.latest.length, other.loadedAll, third.latest.length], [101, true, 31], "to the end");
  },

  async a_wrong_count_is_refused(t) {
    const { kinds } = await everything(t);
    const most = { conversations: 30, filtered: 30, messages: 100, participants: 50, reactions: 100 };
    for (const kind of LISTS) {
      const { handle } = await t.follow(kinds[kind]);
      for (const count of [0, -1, 1.5, most[kind] + 1, NaN, Infinity, "5", null, {}]) {
        const error = await t.code(handle.loadMore(count), "invalid_argument", `${kind}: ${count}`);
        t.is(error.field, "count", "field");
        t.ok(error.message.includes(`1 to ${most[kind]}`), error.message);
      }
      t.is(await handle.loadMore(most[kind]), undefined, `${kind}: the most`);
      t.is(await handle.loadMore(undefined), undefined, `${kind}: the default`);
      handle.unsubscribe();
      t.is(await handle.loadMore(), undefined, `${kind}: of one that has ended`);
    }
  },

  async every_list_begins_with_its_own_size(t) {
    const {
      sessions: [ada],
      refs: [talk],
      path,
    } = await t.chat("ada");
    const ids = Array.from({ length: 45 }, (_, n) => t.id(`p${n}`));
    for (let n = 0; n < 45; n += 15) {
      const users = Object.fromEntries(ids.slice(n, n + 15).map((id) => [id, { name: id }]));
      await t.rest("PUT", "/users", users);
    }
    await t.rest("PUT", path, { participants: ids });
    const message = await talk.send("Hello");
    for (const userId of ids.slice(0, 42)) {
      const theirs = t.session({ userId, transport: "http" }).conversation(talk.id).message(message.id);
      await theirs.reactions("👍").add();
    }
    for (let n = 0; n < 44; n += 1) await ada.conversation(t.id(`c${n}`)).set({});
    const sizes = { conversations: [20, 40, 45], participants: [10, 20, 30], reactions: [10, 40, 42] };
    const open = {
      conversations: (on) => ada.subscribeConversations(on),
      participants: (on) => talk.subscribeParticipants(on),
    };
    open.reactions = (on) => message.reactions("👍").subscribe(on);
    for (const [kind, [first, second, third]] of Object.entries(sizes)) {
      const seen = await t.follow(open[kind]);
      t.is(seen.latest.length, first, `${kind} at first`);
      await seen.handle.loadMore();
      t.is(seen.latest.length, second, `${kind} after loadMore()`);
      await seen.handle.loadMore();
      t.is(seen.latest.length, third, `${kind} after another`);
      t.is(seen.loadedAll, kind !== "participants", `${kind}: all`);
    }
  },
};
