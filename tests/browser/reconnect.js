// Lost and idle connections: subscriptions resume, writes have one effect, and idle sockets close.

const texts = (list) => list.map(({ plaintext }) => plaintext);
/** Returns the sent frames of a type. */
const framesOf = (traffic, kind) => traffic.sent.filter((text) => text.includes(`"t":"${kind}"`));
/** Returns the sockets of a session's user. */
const socketsOf = (traffic, session) =>
  traffic.sockets.filter((socket) => socket.user === session.currentUser.id);

/** Records the traffic and the user of each socket. */
const recordUsers = (t) => {
  const traffic = t.record();
  const { WebSocket } = globalThis;
  globalThis.WebSocket = class extends WebSocket {
    send(text) {
      if (text.includes('"hello"')) this.user = JSON.parse(text).user;
      super.send(text);
    }
  };
  t.undo.push(() => Object.assign(globalThis, { WebSocket }));
  return traffic;
};

export const cases = {
  async subscriptions_resume_after_a_cut(t) {
    const traffic = recordUsers(t);
    const {
      sessions: [ada, bob],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    for (let n = 0; n < 5; n += 1) await his.send(`m${n}`);
    const opens = {
      messages: (on) => conversation.subscribeMessages(on),
      conversation: (on) => conversation.subscribe(on),
      list: (on) => ada.subscribeConversations(on),
      participants: (on) => conversation.subscribeParticipants(on),
      user: (on) => ada.user(bob.currentUser.id).subscribe(on),
      typing: (on) => conversation.subscribeTyping(on),
    };
    const all = {};
    for (const [kind, open] of Object.entries(opens)) all[kind] = await t.subscribe(open);
    const before = Object.fromEntries(Object.entries(all).map(([kind, { latest }]) => [kind, latest]));

    // Without changes in the meantime, there are no callbacks and no new objects.
    socketsOf(traffic, ada).at(-1).close();
    await t.until(
      () => socketsOf(traffic, ada).length === 2 && socketsOf(traffic, ada)[1].readyState === 1,
      "another socket",
    );
    await t.until(() => framesOf(traffic, "subscribe").length === 12, "every subscription is sent again");
    await t.pause(200);
    for (const [kind, { calls, handle, latest }] of Object.entries(all)) {
      t.same(
        [calls.length, handle.state.type, latest === before[kind]],
        [1, "active", true],
        `${kind} after a cut`,
      );
    }
    const resumed = framesOf(traffic, "subscribe").filter((text) => text.includes('"from"'));
    t.same(
      resumed.map((text) => JSON.parse(text).topic.kind),
      ["messages"],
      "resumed by position",
    );

    // With changes in the meantime.
    socketsOf(traffic, ada).at(-1).close();
    await his.send("while away");
    await his.message(all.messages.latest[4].id).edit("edited");
    await his.message(all.messages.latest[3].id).delete();
    await bob.currentUser.set({ name: "Bob" });
    await his.set({ subject: "Order" });
    await all.messages.until((list) => texts(list).join() === "while away,m4,m3,m2,edited", "messages");
    await all.conversation.until(
      (it) =>
        it.subject === "Order" && it.lastMessage.plaintext === "while away" && it.unreadMessageCount === 5,
      "conversation",
    );
    await all.list.until(([it]) => it === all.conversation.latest, "list");
    await all.user.until((it) => it.name === "Bob", "user");
    await all.participants.until((list) => list.some(({ user }) => user.name === "Bob"), "participants");
    t.ok(
      all.messages.latest.every(
        ({ content, id }) =>
          content === before.messages.find((old) => old.id === id)?.content ||
          ["while away", "edited"].includes(content[0].children[0]),
      ),
      "unchanged content is the same object",
    );
    t.ok(
      all.messages.latest.every(({ sender }) => sender === all.user.latest),
      "one snapshot of Bob",
    );
    t.same(
      texts((await t.subscribe((on) => conversation.subscribeMessages(on))).latest),
      texts(all.messages.latest),
      "the snapshot of a new handle",
    );
  },

  async loaded_windows_survive_a_cut(t) {
    const traffic = recordUsers(t);
    const {
      sessions: [ada],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    await Promise.all(Array.from({ length: 80 }, (_, n) => his.send(`m${n}`)));
    for (let n = 0; n < 45; n += 1) await ada.conversation(t.id(`c${n}`)).set({});
    const messages = await t.subscribe((on) => conversation.subscribeMessages(on));
    const list = await t.subscribe((on) => ada.subscribeConversations(on));
    await messages.handle.loadMore(40);
    await list.handle.loadMore(20);
    const before = [messages.latest, list.latest];
    socketsOf(traffic, ada).at(-1).close();
    await t.until(() => framesOf(traffic, "subscribe").length === 4, "subscribed again");
    t.ok(framesOf(traffic, "subscribe").at(-1).includes('"window":{"limit":40}'), "with the loaded window");
    await his.send("new");
    await messages.until((now) => now.length === 71, "resumes");
    t.ok(
      before[0].every((message, n) => message === messages.latest[n + 1]),
      "messages are the same objects",
    );
    await list.until(
      (now) => now.some(({ id }) => id === conversation.id) || now.length === 40,
      "the list resumes",
    );
    // A page that was pending when the connection was cut arrives.
    const more = messages.handle.loadMore(10);
    socketsOf(traffic, ada).at(-1).close();
    await more;
    t.is(messages.latest.length, 81, "the page arrived");
    t.same([messages.loadedAll, new Set(messages.latest).size], [true, 81], "all, each once");
  },

  async interrupted_write_has_one_effect(t) {
    const traffic = recordUsers(t);
    const {
      sessions: [ada],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const seen = await t.subscribe((on) => his.subscribeMessages(on));
    let cut;
    const { WebSocket } = globalThis;
    globalThis.WebSocket = class extends WebSocket {
      send(text) {
        const isTarget = cut && text.includes('"message.send"');
        if (isTarget && cut === "before") this.close();
        else super.send(text);
        if (isTarget && cut === "after") setTimeout(() => this.close(), 0);
        if (isTarget && cut === "result")
          this.addEventListener("message", (event) => (event.stopImmediatePropagation(), this.close()));
        if (isTarget) cut = undefined;
      }
    };
    t.undo.push(() => Object.assign(globalThis, { WebSocket }));
    socketsOf(traffic, ada).at(-1).close();
    await conversation.get();
    t.is(socketsOf(traffic, ada).length, 2, "a patched socket");
    for (const when of ["before", "after", "result"]) {
      const sockets = socketsOf(traffic, ada).length;
      cut = when;
      const first = conversation.send(`${when} 1`);
      const second = conversation.send(`${when} 2`);
      const refs = await Promise.all([first, second]);
      t.is(socketsOf(traffic, ada).length, sockets + 1, `${when}: another socket`);
      await seen.until((list) => list.some(({ id }) => id === refs[1].id), "the other sees it");
      t.same(
        texts(seen.latest).filter((text) => text.startsWith(when)),
        [`${when} 2`, `${when} 1`],
        "once, in order",
      );
      t.same(
        seen.latest.slice(0, 2).map(({ id }) => id),
        refs.map(({ id }) => id).reverse(),
        "the refs have their ids",
      );
    }
    await t.pause(100);
    t.is(seen.latest.length, 6, "messages");
  },

  // Runs a scenario to its end, with the socket cut at the nth frame, for each n.
  async cut_at_any_frame_leads_to_the_same_state(t) {
    const runs = new Map();
    const { WebSocket } = globalThis;
    globalThis.WebSocket = class extends WebSocket {
      constructor(/** @type {ConstructorParameters<typeof WebSocket>} */ ...all) {
        super(...all);
        this.addEventListener("message", () => this.countFrame());
      }
      send(text) {
        super.send(text);
        if (text.includes('"hello"')) this.run = runs.get(JSON.parse(text).user);
        this.countFrame();
      }
      countFrame() {
        if (!this.run?.hasStarted) return;
        this.run.count += 1;
        if (this.run.count !== this.run.frame) return;
        this.run.cuts += 1;
        this.close();
      }
    };
    t.undo.push(() => Object.assign(globalThis, { WebSocket }));
    const scenario = async (frame) => {
      const [ada, bob] = [t.id(`ada${frame}`), t.id(`bob${frame}`)];
      const run = { frame, count: 0, cuts: 0 };
      runs.set(ada, run);
      const his = t.session({ userId: bob, transport: "http" });
      await his.currentUser.set({ name: "Bob" });
      const hers = t.session({ userId: ada });
      const conversation = hers.conversation(t.id(`chat${frame}`));
      const label = `run ${frame}`;
      // The first socket is not cut, because after a failed opening HTTP is used for a while.
      await hers.currentUser.set({ name: "Ada" });
      run.hasStarted = true;
      await conversation.set({ subject: "Order" });
      const messages = await t.subscribe((on) => conversation.subscribeMessages(on));
      const single = await t.subscribe((on) => conversation.subscribe(on));
      const sent = await Promise.all([
        conversation.send("one"),
        conversation.send("two"),
        conversation.send("three"),
      ]);
      await sent[0].edit("one, edited");
      await sent[1].reactions("👍").add();
      await sent[2].delete();
      await conversation.participant(bob).set({});
      await t.pause(2);
      await his.conversation(conversation.id).send({ text: "four", referencedMessage: sent[0].id });
      await messages.until((list) => texts(list).join("|") === "four|two|one, edited", label);
      await single.until((it) => it.unreadMessageCount === 1 && it.lastMessage === messages.latest[0], label);
      await conversation.markAsRead();
      await single.until((it) => !it.isUnread, label);
      const [four, two] = messages.latest;
      t.same(
        [four.referencedMessage.plaintext, two.reactions],
        ["one, edited", [{ emoji: "👍", count: 1, currentUserReacted: true }]],
        label,
      );
      t.same([messages.handle.state.type, single.handle.state.type], ["active", "active"], label);
      messages.handle.unsubscribe();
      single.handle.unsubscribe();
      return run;
    };
    const { count } = await scenario(-1);
    t.ok(count > 20, `${count} frames`);
    const all = await Promise.all(Array.from({ length: count }, (_, n) => scenario(n + 1)));
    // The number of frames depends on which changes share a frame, so the last few runs may have no cut.
    t.same(
      all.filter(({ cuts, frame }) => cuts !== 1 && frame < count - 5),
      [],
      "runs that were not cut",
    );
  },

  // TalkJS regression: the socket never closed when idle.
  async idle_socket_closes_and_opens_on_demand(t) {
    const traffic = recordUsers(t);
    const clock = t.clock();
    const {
      sessions: [ada],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const last = () => socketsOf(traffic, ada).at(-1);
    const seen = await t.subscribe((on) => conversation.subscribeMessages(on));
    // The socket stays open while something is subscribed, even without traffic.
    for (let n = 0; n < 4; n += 1) {
      clock.advance(20_000);
      await conversation
        .participant(t.id("nobody"))
        .get()
        .catch(() => {});
      await t.pause(20);
    }
    t.is(last().readyState, 1, "open while subscribed");
    seen.handle.unsubscribe();
    await t.pause(20);
    clock.advance(20_000);
    await t.pause(20);
    t.is(last().readyState, 1, "not closed at once");
    clock.advance(11_000);
    await t.until(() => last().readyState === 3, "closed after a while");
    const count = socketsOf(traffic, ada).length;
    await his.send("Hello");
    await t.pause(50);
    t.is(socketsOf(traffic, ada).length, count, "stays closed");
    const again = await t.subscribe((on) => conversation.subscribeMessages(on));
    t.same(
      [socketsOf(traffic, ada).length, texts(again.latest)],
      [count + 1, ["Hello"]],
      "opened by a subscription",
    );
    again.handle.unsubscribe();
    await t.pause(20);
    clock.advance(31_000);
    await t.until(() => last().readyState === 3, "closed again");
    t.is((await ada.currentUser.get()).name, "ada", "opened by a request");
    t.is(socketsOf(traffic, ada).length, count + 2, "sockets");
  },

  async new_token_does_not_interrupt_subscriptions(t) {
    const traffic = recordUsers(t);
    const session = t.session({ appId: "auth", token: await t.token(t.id("me")) });
    await session.currentUser.set({ name: "Me" });
    const conversation = session.conversation(t.id("chat"));
    await conversation.set({});
    const seen = await t.subscribe((on) => conversation.subscribeMessages(on));
    for (let n = 0; n < 5; n += 1) {
      const sending = conversation.send(`m${n}`);
      session.setToken(await t.token(t.id("me"), { lifetime: 3600 + n }));
      await sending;
    }
    await seen.until((list) => list.length === 5, "all messages");
    t.same(
      [traffic.socketUrls.length, framesOf(traffic, "subscribe").length],
      [1, 1],
      "sockets, subscriptions",
    );
    t.is(seen.handle.state.type, "active", "state");
  },

  async page_resumes_after_pagehide_and_pageshow(t) {
    const traffic = recordUsers(t);
    const {
      sessions: [ada],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const seen = await t.subscribe((on) => conversation.subscribeMessages(on));
    const before = socketsOf(traffic, ada).length;
    dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    await t.until(() => socketsOf(traffic, ada).at(-1).readyState === 3, "closed on pagehide");
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    await his.send("Hello");
    await seen.until((list) => list.length === 1, "resumes");
    t.is(socketsOf(traffic, ada).length, before + 1, "one more socket");
    dispatchEvent(new Event("online"));
    await his.send("More");
    await seen.until((list) => list.length === 2, "works after a probe");
    t.is(socketsOf(traffic, ada).length, before + 1, "the same socket");
  },
};
