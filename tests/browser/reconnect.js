// Connections that end: what was subscribed goes on, what was asked has one effect, and what nobody needs is not kept open.

const texts = (list) => list.map(({ plaintext }) => plaintext);
const asked = (sent, kind) => sent.texts.filter((text) => text.includes(`"t":"${kind}"`));
/** The user who says hello on a socket. */
const of = (sent, session) => sent.open.filter((socket) => socket.user === session.currentUser.id);

/** Records, and notes whose socket each is. */
const recorded = (t) => {
  const sent = t.record();
  const { WebSocket } = globalThis;
  globalThis.WebSocket = class extends WebSocket {
    send(text) {
      if (text.includes('"hello"')) this.user = JSON.parse(text).user;
      super.send(text);
    }
  };
  t.undo.push(() => Object.assign(globalThis, { WebSocket }));
  return sent;
};

export const cases = {
  async after_a_cut_subscriptions_go_on(t) {
    const sent = recorded(t);
    const {
      sessions: [ada, bob],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    for (let n = 0; n < 5; n += 1) await his.send(`m${n}`);
    const opens = {
      messages: (on) => talk.subscribeMessages(on),
      conversation: (on) => talk.subscribe(on),
      list: (on) => ada.subscribeConversations(on),
      participants: (on) => talk.subscribeParticipants(on),
      user: (on) => ada.user(bob.currentUser.id).subscribe(on),
      typing: (on) => talk.subscribeTyping(on),
    };
    const all = {};
    for (const [kind, open] of Object.entries(opens)) all[kind] = await t.follow(open);
    const before = Object.fromEntries(Object.entries(all).map(([kind, { latest }]) => [kind, latest]));

    // Nothing happened meanwhile: nothing is told, and nothing is another object.
    of(sent, ada).at(-1).close();
    await t.until(() => of(sent, ada).length === 2 && of(sent, ada)[1].readyState === 1, "another socket");
    await t.until(() => asked(sent, "subscribe").length === 12, "everything is asked for again");
    await t.pause(200);
    for (const [kind, { calls, handle, latest }] of Object.entries(all)) {
      t.same(
        [calls.length, handle.state.type, latest === before[kind]],
        [1, "active", true],
        `${kind} after a cut`,
      );
    }
    const resumed = asked(sent, "subscribe").filter((text) => text.includes('"from"'));
    t.same(
      resumed.map((text) => JSON.parse(text).topic.kind),
      ["messages"],
      "resumed by position",
    );

    // Something did.
    of(sent, ada).at(-1).close();
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
      "what did not change stays the same objects",
    );
    t.ok(
      all.messages.latest.every(({ sender }) => sender === all.user.latest),
      "one Bob",
    );
    t.same(
      texts((await t.follow((on) => talk.subscribeMessages(on))).latest),
      texts(all.messages.latest),
      "what another handle sees",
    );
  },

  async what_was_loaded_is_kept_over_a_cut(t) {
    const sent = recorded(t);
    const {
      sessions: [ada],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    await Promise.all(Array.from({ length: 80 }, (_, n) => his.send(`m${n}`)));
    for (let n = 0; n < 45; n += 1) await ada.conversation(t.id(`c${n}`)).set({});
    const messages = await t.follow((on) => talk.subscribeMessages(on));
    const list = await t.follow((on) => ada.subscribeConversations(on));
    await messages.handle.loadMore(40);
    await list.handle.loadMore(20);
    const before = [messages.latest, list.latest];
    of(sent, ada).at(-1).close();
    await t.until(() => asked(sent, "subscribe").length === 4, "asked for again");
    t.ok(asked(sent, "subscribe").at(-1).includes('"window":{"limit":40}'), "with what was loaded");
    await his.send("new");
    await messages.until((now) => now.length === 71, "goes on");
    t.ok(
      before[0].every((message, n) => message === messages.latest[n + 1]),
      "messages stay the same objects",
    );
    await list.until((now) => now.some(({ id }) => id === talk.id) || now.length === 40, "the list goes on");
    // A page that was on its way when the connection was cut comes.
    const more = messages.handle.loadMore(10);
    of(sent, ada).at(-1).close();
    await more;
    t.is(messages.latest.length, 81, "the page came");
    t.same([messages.loadedAll, new Set(messages.latest).size], [true, 81], "all, each once");
  },

  async a_write_that_is_cut_off_has_one_effect(t) {
    const sent = recorded(t);
    const {
      sessions: [ada],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const seen = await t.follow((on) => his.subscribeMessages(on));
    let cut;
    const { WebSocket } = globalThis;
    globalThis.WebSocket = class extends WebSocket {
      send(text) {
        const meant = cut && text.includes('"message.send"');
        if (meant && cut === "before") this.close();
        else super.send(text);
        if (meant && cut === "after") setTimeout(() => this.close(), 0);
        if (meant && cut === "answer")
          this.addEventListener("message", (event) => (event.stopImmediatePropagation(), this.close()));
        if (meant) cut = undefined;
      }
    };
    t.undo.push(() => Object.assign(globalThis, { WebSocket }));
    of(sent, ada).at(-1).close();
    await talk.get();
    t.is(of(sent, ada).length, 2, "a socket of the kind");
    for (const when of ["before", "after", "answer"]) {
      const sockets = of(sent, ada).length;
      cut = when;
      const first = talk.send(`${when} 1`);
      const second = talk.send(`${when} 2`);
      const refs = await Promise.all([first, second]);
      t.is(of(sent, ada).length, sockets + 1, `${when}: another socket`);
      await seen.until((list) => list.some(({ id }) => id === refs[1].id), "the other sees it");
      t.same(
        texts(seen.latest).filter((text) => text.startsWith(when)),
        [`${when} 2`, `${when} 1`],
        "once, in order",
      );
      t.same(
        seen.latest.slice(0, 2).map(({ id }) => id),
        refs.map(({ id }) => id).reverse(),
        "the refs are of them",
      );
    }
    await t.pause(100);
    t.is(seen.latest.length, 6, "messages");
  },

  // A scenario is run whole, with the socket cut at the nth frame, for each n: it ends alike.
  async cut_at_every_frame_a_chat_ends_alike(t) {
    const runs = new Map();
    const { WebSocket } = globalThis;
    globalThis.WebSocket = class extends WebSocket {
      constructor(...all) {
        super(...all);
        this.addEventListener("message", () => this.passed());
      }
      send(text) {
        super.send(text);
        if (text.includes('"hello"')) this.run = runs.get(JSON.parse(text).user);
        this.passed();
      }
      passed() {
        if (!this.run?.begun) return;
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
      const talk = hers.conversation(t.id(`chat${frame}`));
      const what = `run ${frame}`;
      // A first socket that cannot be opened is another story: then HTTP is used for a while.
      await hers.currentUser.set({ name: "Ada" });
      run.begun = true;
      await talk.set({ subject: "Order" });
      const messages = await t.follow((on) => talk.subscribeMessages(on));
      const single = await t.follow((on) => talk.subscribe(on));
      const sent = await Promise.all([talk.send("one"), talk.send("two"), talk.send("three")]);
      await sent[0].edit("one, edited");
      await sent[1].reactions("👍").add();
      await sent[2].delete();
      await talk.participant(bob).set({});
      await t.pause(2);
      await his.conversation(talk.id).send({ text: "four", referencedMessage: sent[0].id });
      await messages.until((list) => texts(list).join("|") === "four|two|one, edited", what);
      await single.until((it) => it.unreadMessageCount === 1 && it.lastMessage === messages.latest[0], what);
      await talk.markAsRead();
      await single.until((it) => !it.isUnread, what);
      const [four, two] = messages.latest;
      t.same(
        [four.referencedMessage.plaintext, two.reactions],
        ["one, edited", [{ emoji: "👍", count: 1, currentUserReacted: true }]],
        what,
      );
      t.same([messages.handle.state.type, single.handle.state.type], ["active", "active"], what);
      messages.handle.unsubscribe();
      single.handle.unsubscribe();
      return run;
    };
    const { count } = await scenario(-1);
    t.ok(count > 20, `${count} frames`);
    const all = await Promise.all(Array.from({ length: count }, (_, n) => scenario(n + 1)));
    // How many frames there are depends on which changes travel together; the last few may not have come to be.
    t.same(
      all.filter(({ cuts, frame }) => cuts !== 1 && frame < count - 5),
      [],
      "runs that were not cut",
    );
  },

  // Regression of the original: the socket never closed when idle.
  async the_socket_closes_when_nothing_is_subscribed_and_opens_again(t) {
    const sent = recorded(t);
    const clock = t.clock();
    const {
      sessions: [ada],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const last = () => of(sent, ada).at(-1);
    const seen = await t.follow((on) => talk.subscribeMessages(on));
    // Not while something is subscribed, however long nothing happens.
    for (let n = 0; n < 4; n += 1) {
      clock.advance(20_000);
      await talk
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
    t.is(last().readyState, 1, "not at once");
    clock.advance(11_000);
    await t.until(() => last().readyState === 3, "closed after a while");
    const count = of(sent, ada).length;
    await his.send("Hello");
    await t.pause(50);
    t.is(of(sent, ada).length, count, "and stays so");
    const again = await t.follow((on) => talk.subscribeMessages(on));
    t.same([of(sent, ada).length, texts(again.latest)], [count + 1, ["Hello"]], "opened by a subscription");
    again.handle.unsubscribe();
    await t.pause(20);
    clock.advance(31_000);
    await t.until(() => last().readyState === 3, "closed again");
    t.is((await ada.currentUser.get()).name, "ada", "opened by a question");
    t.is(of(sent, ada).length, count + 2, "sockets");
  },

  async another_token_leaves_no_gap_in_subscriptions(t) {
    const sent = recorded(t);
    const session = t.session({ appId: "auth", token: await t.token(t.id("me")) });
    await session.currentUser.set({ name: "Me" });
    const talk = session.conversation(t.id("chat"));
    await talk.set({});
    const seen = await t.follow((on) => talk.subscribeMessages(on));
    for (let n = 0; n < 5; n += 1) {
      const sending = talk.send(`m${n}`);
      session.setToken(await t.token(t.id("me"), { life: 3600 + n }));
      await sending;
    }
    await seen.until((list) => list.length === 5, "all messages");
    t.same([sent.sockets.length, asked(sent, "subscribe").length], [1, 1], "sockets, subscriptions");
    t.is(seen.handle.state.type, "active", "state");
  },

  async a_page_that_is_put_away_and_shown_again_goes_on(t) {
    const sent = recorded(t);
    const {
      sessions: [ada],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const seen = await t.follow((on) => talk.subscribeMessages(on));
    const before = of(sent, ada).length;
    dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    await t.until(() => of(sent, ada).at(-1).readyState === 3, "closed when put away");
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    await his.send("Hello");
    await seen.until((list) => list.length === 1, "goes on");
    t.is(of(sent, ada).length, before + 1, "one more socket");
    dispatchEvent(new Event("online"));
    await his.send("More");
    await seen.until((list) => list.length === 2, "goes on after a probe");
    t.is(of(sent, ada).length, before + 1, "the same socket");
  },
};
