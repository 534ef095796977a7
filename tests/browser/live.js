// What subscriptions tell: every kind of data from its beginning to its end, each change once, and nothing else; and that
// what did not change stays the same object.

/** Says that of a snapshot only these properties changed, and that the others are the same objects as before. */
const changed = (t, before, after, keys) => {
  const differing = Object.keys(after).filter((key) => !Object.is(before[key], after[key]));
  t.same(differing.sort(), [...keys].sort(), "the properties that changed");
};
const ids = (list) => list.map(({ id }) => id);
const names = (list) => list.map(({ user }) => user.name);

export const cases = {
  async a_user_from_nobody_to_somebody(t) {
    const [ada] = await t.people("ada");
    const bob = ada.user(t.id("bob"));
    const seen = await t.follow((on) => bob.subscribe(on));
    t.is(seen.latest, null, "nobody");
    await bob.set({ name: "Bob", custom: { color: "blue" } });
    await seen.until((user) => user?.name === "Bob", "somebody");
    const before = seen.latest;
    await bob.set({ role: "buyer" });
    await seen.until((user) => user.role === "buyer", "another role");
    changed(t, before, seen.latest, ["role"]);
    t.ok(seen.latest.custom === before.custom, "custom is the same object");
    t.same(seen.latest, await bob.get(), "what get() gives");
    await t.still([seen], () => bob.set({ role: "buyer", name: "Bob" }), "what is so already");
    await t.still(
      [seen],
      () => bob.set({ email: "bob@example.com", phone: ["555-0100"], pushTokens: { "fcm:1": true } }),
      "what is private",
    );
    await t.rest("PUT", `/users/${bob.id}`, { name: "Bob II" });
    await seen.until((user) => user.name === "Bob II", "by a backend");
    t.is(seen.calls.length, 4, "calls");
  },

  async a_conversation_while_one_takes_part(t) {
    const [ada, bob] = await t.people("ada", "bob");
    const talk = ada.conversation(t.id("chat"));
    const his = bob.conversation(t.id("chat"));
    const seen = await t.follow((on) => talk.subscribe(on));
    const messages = await t.follow((on) => talk.subscribeMessages(on));
    const people = await t.follow((on) => talk.subscribeParticipants(on));
    const typing = await t.follow((on) => talk.subscribeTyping(on));
    const part = await t.follow((on) => talk.participant(ada.currentUser).subscribe(on));
    const all = [seen, messages, people, typing, part];
    t.same(
      all.map(({ latest }) => latest),
      [null, null, null, null, null],
      "no such conversation",
    );
    t.same([messages.loadedAll, people.loadedAll], [true, true], "and all of it");
    await his.set({ subject: "Secret" });
    await his.send("Nobody hears");
    await t.still(all, () => his.set({ subject: "Still secret" }), "what is not hers");
    await his.participant(ada.currentUser).set({});
    await seen.until((it) => it?.subject === "Still secret", "joined");
    await t.until(() => all.every(({ latest }) => latest !== null), "all of them");
    t.same(
      [messages.latest.map(({ plaintext }) => plaintext), names(people.latest), typing.latest],
      [["Nobody hears"], ["ada", "bob"], { many: false, users: [] }],
      "what is there",
    );
    t.same(seen.latest, await talk.get(), "what get() gives");
    await his.participant(ada.currentUser).delete();
    await t.until(() => all.every(({ latest }) => latest === null), "left");
    await t.still(all, () => his.send("Nobody hears this either"), "what is not hers any more");
    await talk
      .participant(ada.currentUser)
      .set({})
      .catch(() => talk.set({}));
    await t.until(() => all.every(({ latest }) => latest !== null), "back again");
    await t.rest("DELETE", `/conversations/${talk.id}`);
    await t.until(() => all.every(({ latest }) => latest === null), "the conversation is gone");
  },

  async a_conversation_and_all_that_changes_in_it(t) {
    const {
      sessions: [ada, bob],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const seen = await t.follow((on) => talk.subscribe(on));
    const step = async (act, keys, holds) => {
      const before = seen.latest;
      const calls = seen.calls.length;
      await act();
      await seen.until((now) => now !== before && (!holds || holds(now)), `${act} shows`);
      await t.pause(30);
      changed(t, before, seen.latest, keys);
      t.is(seen.calls.length, calls + 1, `calls after ${act}`);
    };
    await step(() => his.set({ subject: "Order", custom: { a: "1" } }), ["subject", "custom"]);
    await step(() => his.set({ custom: { b: "2" } }), ["custom"]);
    await step(
      () => his.set({ photoUrl: "https://example.com/a.png", welcomeMessages: ["Hi"] }),
      ["photoUrl", "welcomeMessages"],
    );
    await t.pause(5);
    await step(() => his.send("Hello"), ["lastMessage", "lastMessageAt", "unreadMessageCount", "isUnread"]);
    t.same(
      [seen.latest.lastMessage.sender.name, seen.latest.unreadMessageCount, seen.latest.isUnread],
      ["bob", 1, true],
    );
    await t.pause(5);
    await step(() => talk.markAsRead(), ["unreadMessageCount", "isUnread", "readUntil", "everyoneReadUntil"]);
    await t.still([seen], () => talk.markAsRead(), "what is read already");
    await step(() => talk.markAsUnread(), ["isUnread"]);
    t.same([seen.latest.isUnread, seen.latest.unreadMessageCount], [true, 0], "marked by hand");
    await t.still([seen], () => talk.markAsUnread(), "what is marked already");
    await step(() => talk.markAsRead(), ["isUnread"]);
    await step(() => talk.set({ notify: "MentionsOnly" }), ["notify"]);
    await step(() => his.participant(ada.currentUser).edit({ access: "Read" }), ["access"]);
    await step(
      () => his.participant(ada.currentUser).edit({ access: null, notify: null }),
      ["access", "notify"],
    );
    const last = seen.latest.lastMessage;
    await step(() => his.message(last.id).edit("Hello there"), ["lastMessage"]);
    changed(t, last, seen.latest.lastMessage, ["plaintext", "content", "editedAt"]);
    await step(() => his.message(last.id).reactions("👍").add(), ["lastMessage"]);
    t.same(
      seen.latest.lastMessage.reactions,
      [{ emoji: "👍", count: 1, currentUserReacted: false }],
      "reactions",
    );
    await step(() => bob.currentUser.set({ name: "Bob" }), ["lastMessage"]);
    t.is(seen.latest.lastMessage.sender.name, "Bob", "the sender's new name");
    // Now that the last message is one's own, it counts for nothing that is unread.
    await t.pause(5);
    await step(() => talk.send("Mine"), ["lastMessage", "lastMessageAt", "readUntil"]);
    await t.pause(5);
    await step(() => his.markAsRead(), ["everyoneReadUntil"]);
    await step(() => talk.message(seen.latest.lastMessage.id).delete(), ["lastMessage", "lastMessageAt"]);
    t.is(seen.latest.lastMessage.plaintext, "Hello there", "the one before");
  },

  // Regression of the original: any participant's edit was taken for one's own.
  async anothers_settings_are_not_taken_for_ones_own(t) {
    const {
      sessions: [ada, bob],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const seen = await t.follow((on) => talk.subscribe(on));
    const list = await t.follow((on) => ada.subscribeConversations(on));
    const own = await t.follow((on) => talk.participant(ada.currentUser).subscribe(on));
    const theirs = await t.follow((on) => talk.participant(bob.currentUser).subscribe(on));
    await t.still(
      [seen, list, own],
      async () => {
        await his.set({ notify: false });
        await talk.participant(bob.currentUser).edit({ access: "Read" });
        await theirs.until(({ access, notify }) => access === "Read" && notify === false, "his own");
        await his.participant(bob.currentUser).edit({ access: null, notify: "MentionsOnly" });
        await his.markAsUnread();
      },
      "settings of another",
    );
    t.same(
      [seen.latest.access, seen.latest.notify, seen.latest.isUnread],
      ["ReadWrite", true, false],
      "one's own",
    );
  },

  async of_a_window_of_thirty_the_other_twenty_nine_stay_the_same_objects(t) {
    const {
      sessions: [, bob],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const sent = await Promise.all(Array.from({ length: 40 }, (_, n) => his.send(`m${n}`)));
    const seen = await t.follow((on) => talk.subscribeMessages(on));
    t.same(ids(seen.latest), ids(sent).reverse().slice(0, 30), "the newest thirty, newest first");
    const others = (before, but) => before.filter(({ id }) => id !== but);
    const kept = (before, but) => others(before, but).every((message) => seen.latest.includes(message));

    let before = seen.latest;
    const one = await his.send("new");
    await seen.until((list) => list[0].id === one.id, "a new one");
    t.ok(kept(before), "a new one changes no other");
    t.is(seen.latest.length, 31, "the window grows at its head");
    before = seen.latest;
    await his.message(sent[30].id).edit("edited");
    await seen.until((list) => list.some(({ plaintext }) => plaintext === "edited"), "an edit");
    t.ok(kept(before, sent[30].id), "an edit changes no other");
    t.ok(
      seen.latest.every(({ sender }) => sender === before[0].sender),
      "one sender for all",
    );
    before = seen.latest;
    await talk.message(sent[35].id).reactions("🎉").add();
    await seen.until((list) => list.some(({ reactions }) => reactions.length), "a reaction");
    t.ok(kept(before, sent[35].id), "a reaction changes no other");
    t.same(seen.latest.find(({ id }) => id === sent[35].id).reactions, [
      { emoji: "🎉", count: 1, currentUserReacted: true },
    ]);
    before = seen.latest;
    await his.message(sent[20].id).delete();
    await seen.until((list) => list.length === 30, "a deletion");
    t.ok(kept(before, sent[20].id), "a deletion changes no other");
    before = seen.latest;
    await bob.currentUser.set({ name: "Bob" });
    await seen.until((list) => list.every(({ sender }) => sender.name === "Bob"), "the sender's name");
    t.ok(
      seen.latest.every((message, n) => message !== before[n] && message.content === before[n].content),
      "the content stays",
    );
    t.is(seen.calls.length, 6, "calls");
  },

  async a_reply_holds_what_it_replies_to(t) {
    const {
      sessions: [ada, bob],
      refs: [talk, his, theirs],
    } = await t.chat("ada", "bob", "cem");
    const first = await theirs.send("first");
    const second = await his.send({ text: "second", referencedMessage: first });
    const third = await talk.send({ text: "third", referencedMessage: his.message(second.id) });
    const seen = await t.follow((on) => talk.subscribeMessages(on));
    const single = await t.follow((on) => talk.subscribe(on));
    const list = await t.follow((on) => ada.subscribeConversations(on));
    const [three, two, one] = seen.latest;
    t.same(ids(seen.latest), [third.id, second.id, first.id], "three");
    t.same(
      [
        three.referencedMessage.id,
        three.referencedMessage.referencedMessageId,
        "referencedMessage" in three.referencedMessage,
      ],
      [second.id, first.id, false],
      "one level",
    );
    t.same(
      [two.referencedMessage.id, two.referencedMessage.referencedMessageId, one.referencedMessage],
      [first.id, null, null],
      "the others",
    );
    t.ok(
      three.referencedMessage.sender === two.sender && two.referencedMessage.sender === one.sender,
      "one sender is one object",
    );
    t.ok(
      single.latest.lastMessage === three && list.latest[0] === single.latest,
      "one message, one conversation",
    );

    // The name of who wrote what the last message replies to: everything on the way is new, and nothing else.
    const before = single.latest;
    await bob.currentUser.set({ name: "Bob" });
    await single.until(
      ({ lastMessage }) => lastMessage.referencedMessage.sender.name === "Bob",
      "the name shows",
    );
    changed(t, before, single.latest, ["lastMessage"]);
    changed(t, before.lastMessage, single.latest.lastMessage, ["referencedMessage"]);
    changed(t, before.lastMessage.referencedMessage, single.latest.lastMessage.referencedMessage, ["sender"]);
    await t.until(() => seen.calls.length === 2 && list.calls.length === 2, "the lists are told");
    t.ok(seen.latest[0] === single.latest.lastMessage && list.latest[0] === single.latest, "still one");
    t.ok(seen.latest[2] === one, "who said it first did not change");
    // The same name of the sender inside keeps its identity while the message around it changes.
    const { sender } = single.latest.lastMessage.referencedMessage;
    await talk.message(third.id).edit("third, edited");
    await single.until(({ lastMessage }) => lastMessage.editedAt !== null, "an edit shows");
    t.ok(
      single.latest.lastMessage.referencedMessage.sender === sender,
      "the sender in the referenced message of the last message",
    );
    t.ok(
      single.latest.lastMessage.referencedMessage === seen.latest[0].referencedMessage,
      "the referenced message",
    );
    // It follows edits and reactions, and is null once deleted.
    await his.message(second.id).edit("second, edited");
    await single.until(
      ({ lastMessage }) => lastMessage.referencedMessage.plaintext === "second, edited",
      "an edit of it",
    );
    await theirs.message(second.id).reactions("👍").add();
    await single.until(
      ({ lastMessage }) => lastMessage.referencedMessage.reactions.length === 1,
      "a reaction to it",
    );
    await his.message(second.id).delete();
    await single.until(({ lastMessage }) => lastMessage.referencedMessage === null, "its deletion");
    await seen.until(
      (messages) => messages.length === 2 && messages[0].referencedMessage === null,
      "in the list too",
    );
    t.same((await talk.message(third.id).get()).referencedMessage, null, "and for get()");
  },

  // Regression of the original: the same snapshot was emitted again when an old message was edited or deleted.
  async an_old_message_that_changes_is_told_to_nobody_who_does_not_see_it(t) {
    const {
      sessions: [ada],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const sent = await Promise.all(Array.from({ length: 40 }, (_, n) => his.send(`m${n}`)));
    await talk.markAsRead();
    const seen = await t.follow((on) => talk.subscribeMessages(on));
    const single = await t.follow((on) => talk.subscribe(on));
    const list = await t.follow((on) => ada.subscribeConversations(on));
    const old = his.message(sent[3].id);
    await t.still([seen, single, list], () => old.edit("edited"), "an edit below the window");
    await t.still([seen, single, list], () => old.reactions("👍").add(), "a reaction below the window");
    await t.still([seen, single, list], () => old.delete(), "a deletion below the window");
    await t.still(
      [single, list],
      () => his.message(sent[20].id).edit("edited"),
      "an edit of one that is not the last",
    );
    await t.still(
      [single, list],
      () => his.message(sent[20].id).delete(),
      "a deletion of one that is not the last",
    );
    t.is(seen.latest.length, 29, "in the window");
    await seen.handle.loadMore();
    t.same(
      ids(seen.latest),
      ids(sent)
        .filter((id) => id !== sent[3].id && id !== sent[20].id)
        .reverse(),
      "loaded",
    );
  },

  async what_changes_together_is_told_once(t) {
    const {
      sessions: [ada, bob],
      refs: [talk],
      path,
    } = await t.chat("ada", "bob");
    const seen = await t.follow((on) => talk.subscribeMessages(on));
    const single = await t.follow((on) => talk.subscribe(on));
    const list = await t.follow((on) => ada.subscribeConversations(on));
    const some = Array.from({ length: 10 }, (_, n) => ({
      type: "UserMessage",
      sender: bob.currentUser.id,
      text: `m${n}`,
    }));
    await t.rest("POST", `${path}/messages`, some);
    await seen.until((messages) => messages.length === 10, "ten messages");
    await single.until(({ unreadMessageCount }) => unreadMessageCount === 10, "ten unread");
    await t.pause(100);
    t.same(
      [seen, single, list].map(({ calls }) => calls.length),
      [2, 2, 2],
      "calls",
    );
    t.ok(
      list.latest[0] === single.latest && single.latest.lastMessage === seen.latest[0],
      "all of one state",
    );
  },

  async what_changes_nothing_is_told_to_nobody(t) {
    const {
      sessions: [ada],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const message = await his.send("Hello");
    await talk.markAsRead();
    await talk.set({ subject: "Order", custom: { a: "1" } });
    await his.message(message.id).reactions("👍").add();
    const all = await Promise.all([
      t.follow((on) => talk.subscribe(on)),
      t.follow((on) => talk.subscribeMessages(on)),
      t.follow((on) => talk.subscribeParticipants(on)),
      t.follow((on) => talk.participant(ada.currentUser).subscribe(on)),
      t.follow((on) => message.reactions("👍").subscribe(on)),
      t.follow((on) => ada.subscribeConversations(on)),
      t.follow((on) => ada.currentUser.subscribe(on)),
      t.follow((on) => talk.subscribeTyping(on)),
    ]);
    const calls = [
      () => talk.set({}),
      () => talk.set({ subject: "Order", custom: { a: "1", b: null }, access: "ReadWrite", notify: true }),
      () => talk.createIfNotExists({ subject: "Other" }),
      () => talk.participant(ada.currentUser).createIfNotExists({ access: "Read" }),
      () => talk.participant(ada.currentUser).edit({ notify: null }),
      () => talk.participant(t.id("nobody")).delete(),
      () => talk.markAsRead(),
      () => his.message(message.id).reactions("👍").add(),
      () => talk.message(message.id).reactions("👍").remove(),
      () => talk.message(t.id("nothing")).delete(),
      () => ada.currentUser.set({ name: "ada" }),
      () => ada.currentUser.createIfNotExists({ name: "Other" }),
      () => talk.markAsTyping(),
      () => Promise.all([talk.get(), talk.message(message.id).get(), ada.user(t.id("bob")).get()]),
    ];
    for (const call of calls) await t.still(all, call);
  },

  async participants_newest_first(t) {
    const {
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const seen = await t.follow((on) => talk.subscribeParticipants(on));
    const one = await t.follow((on) => talk.participant(t.id("cem")).subscribe(on));
    t.same([names(seen.latest), one.latest], [["bob", "ada"], null], "at first");
    const [cem] = await t.people("cem");
    await t.pause(5);
    await his.participant(cem.currentUser).set({ access: "Read", notify: "MentionsOnly" });
    await seen.until((list) => names(list).join() === "cem,bob,ada", "one more");
    t.ok(seen.latest[1] === seen.calls[0][0][0], "the others are the same objects");
    await one.until((it) => it !== null, "the one");
    const { user, joinedAt, ...rest } = one.latest;
    t.same([user.name, rest], ["cem", { access: "Read", notify: "MentionsOnly" }]);
    t.same(one.latest, seen.latest[0], "alike in the list");
    t.ok(user === seen.latest[0].user, "one user");
    t.ok(joinedAt >= seen.latest[1].joinedAt, "joinedAt");
    await his.participant(cem.currentUser).edit({ access: "ReadWrite" });
    await one.until(({ access }) => access === "ReadWrite", "another access");
    await cem.currentUser.set({ name: "Cem" });
    await one.until((it) => it.user.name === "Cem", "another name");
    await seen.until((list) => list[0].user === one.latest.user, "in the list too");
    await cem.conversation(talk.id).participant(cem.currentUser).delete();
    await one.until((it) => it === null, "left");
    await seen.until((list) => names(list).join() === "bob,ada", "in the list too");
  },

  async reactions_oldest_first(t) {
    const {
      sessions: [, bob],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const message = await talk.send("Hello");
    const nothing = await t.follow((on) => talk.message(t.id("nothing")).reactions("👍").subscribe(on));
    t.is(nothing.latest, null, "no such message");
    const seen = await t.follow((on) => message.reactions("👍").subscribe(on));
    const messages = await t.follow((on) => talk.subscribeMessages(on));
    t.same([seen.latest, seen.loadedAll], [[], true], "none");
    await message.reactions("👍").add();
    await t.pause(5);
    await his.message(message.id).reactions("👍").add();
    await his.message(message.id).reactions("🎉").add();
    await seen.until((list) => list.length === 2, "two");
    t.same(names(seen.latest), ["ada", "bob"], "the first first");
    t.ok(seen.latest[0].createdAt <= seen.latest[1].createdAt, "createdAt");
    await messages.until(([{ reactions }]) => reactions.length === 2, "both emoji");
    t.same(messages.latest[0].reactions, [
      { emoji: "👍", count: 2, currentUserReacted: true },
      { emoji: "🎉", count: 1, currentUserReacted: false },
    ]);
    await bob.currentUser.set({ name: "Bob" });
    await seen.until((list) => names(list).join() === "ada,Bob", "a name");
    await message.reactions("👍").remove();
    await seen.until((list) => names(list).join() === "Bob", "taken back");
    t.same(await message.reactions("👍").getFirstReactions(), seen.latest, "what getFirstReactions() gives");
    await message.delete();
    await seen.until((list) => list === null, "the message is gone");
  },

  async the_list_is_ordered_by_what_happened_last(t) {
    const stranger = t.session({ userId: t.id("stranger") });
    t.same(
      (await t.follow((on) => stranger.subscribeConversations(on))).latest,
      [],
      "of a user who does not exist",
    );
    const [ada, bob] = await t.people("ada", "bob");
    const seen = await t.follow((on) => ada.subscribeConversations(on));
    t.same([seen.latest, seen.loadedAll], [[], true], "none");
    const talks = ["one", "two", "three"].map((name) => bob.conversation(t.id(name)));
    for (const talk of talks) {
      await t.pause(3);
      await talk.set({});
      await talk.participant(ada.currentUser).set({});
    }
    const [one, two, three] = ids(talks);
    await seen.until((list) => ids(list).join() === [three, two, one].join(), "joined last, first");
    const before = seen.latest;
    await t.pause(3);
    await talks[0].send("Hello");
    await seen.until(
      (list) => ids(list).join() === [one, three, two].join(),
      "a message brings it to the top",
    );
    t.ok(seen.latest[1] === before[0] && seen.latest[2] === before[1], "the others are the same objects");
    await t.pause(3);
    await ada.conversation(two).send("Mine");
    await seen.until((list) => ids(list).join() === [two, one, three].join(), "one's own too");
    const calls = seen.calls.length;
    await talks[2].set({ subject: "Three" });
    await seen.until((list) => list[2].subject === "Three", "a subject changes no place");
    t.is(seen.calls.length, calls + 1, "calls");
    await ada.conversation(two).message(seen.latest[0].lastMessage.id).delete();
    await seen.until(
      (list) => ids(list).join() === [one, three, two].join(),
      "a deleted message takes it back",
    );
    await talks[0].participant(ada.currentUser).delete();
    await seen.until((list) => ids(list).join() === [three, two].join(), "left");
    await t.rest("DELETE", `/conversations/${three}`);
    await seen.until((list) => ids(list).join() === two, "gone");
  },

  // Regression of the original: a conversation and the list subscribed together.
  async a_conversation_and_the_list_are_told_of_the_same(t) {
    const {
      sessions: [ada, bob],
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    await t.pause(3);
    await ada.conversation(t.id("other")).set({});
    const list = await t.follow((on) => ada.subscribeConversations(on));
    const single = await t.follow((on) => talk.subscribe(on));
    const agree = async (act, holds) => {
      const before = [list.calls.length, single.calls.length];
      await act();
      await t.until(
        () => holds(single.latest) && list.latest.includes(single.latest),
        `${act}: both show it`,
      );
      await t.pause(30);
      t.same([list.calls.length - before[0], single.calls.length - before[1]], [1, 1], `calls after ${act}`);
    };
    await agree(
      () => his.send("Hello"),
      ({ lastMessage }) => lastMessage?.plaintext === "Hello",
    );
    await agree(
      () => talk.markAsRead(),
      ({ isUnread }) => !isUnread,
    );
    await agree(
      () => talk.set({ subject: "Order" }),
      ({ subject }) => subject === "Order",
    );
    await agree(
      () => bob.currentUser.set({ name: "Bob" }),
      ({ lastMessage }) => lastMessage.sender.name === "Bob",
    );
    await agree(
      () => talk.message(single.latest.lastMessage.id).reactions("👍").add(),
      ({ lastMessage }) => lastMessage.reactions.length === 1,
    );
    single.handle.unsubscribe();
    await his.send("More");
    await t.until(() => list.latest[0].lastMessage.plaintext === "More", "the list goes on alone");
    const again = await t.follow((on) => talk.subscribe(on));
    t.ok(again.latest === list.latest[0], "and the conversation is the list's");
  },

  // Regression of the original: the sequence was out of order after subscribing again.
  async subscribing_again_to_messages_goes_on_where_they_are(t) {
    const {
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const wanted = [];
    for (let round = 0; round < 10; round += 1) {
      const seen = await t.follow((on) => talk.subscribeMessages(on));
      t.same(ids(seen.latest), [...wanted].reverse(), `at the beginning of round ${round}`);
      const sending = [his.send(`a${round}`), talk.send(`b${round}`), his.send(`c${round}`)];
      if (round % 2) seen.handle.unsubscribe();
      for (const message of await Promise.all(sending)) wanted.push(message.id);
      wanted.sort();
      if (round % 2 === 0) await seen.until((list) => list.length === wanted.length, `round ${round}`);
      seen.handle.unsubscribe();
      const again = await t.follow((on) => talk.subscribeMessages(on));
      const order = again.latest;
      t.same(ids(order).sort(), [...wanted], `all of round ${round}`);
      wanted.splice(0, Infinity, ...ids(order).reverse());
      t.ok(
        order.every(({ createdAt }, n) => n === 0 || createdAt <= order[n - 1].createdAt),
        "newest first",
      );
      again.handle.unsubscribe();
    }
  },

  async typing_is_told_to_the_others(t) {
    const {
      sessions: [, bob, cem],
      refs: [talk, his, theirs],
    } = await t.chat("ada", "bob", "cem");
    const seen = await t.follow((on) => talk.subscribeTyping(on));
    t.same(seen.latest, { many: false, users: [] }, "nobody");
    t.ok(Object.isFrozen(seen.latest) && Object.isFrozen(seen.latest.users), "frozen");
    await t.still([seen], () => talk.markAsTyping(), "one's own");
    const typers = () => seen.latest.users.map(({ name }) => name).join();
    await his.markAsTyping();
    await theirs.markAsTyping();
    await seen.until(() => typers() === "bob,cem", "two");
    await t.still([seen], () => his.markAsTyping(), "what goes on");
    await bob.currentUser.set({ name: "Bob" });
    await seen.until(() => typers() === "Bob,cem", "a name");
    await his.send("Done");
    await seen.until(() => typers() === "cem", "a message ends it");
    await theirs.participant(cem.currentUser).delete();
    await seen.until(() => typers() === "", "so does leaving");
  },

  async more_than_five_typers_are_many(t) {
    const people = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const { refs } = await t.chat("ada", ...people);
    const seen = await t.follow((on) => refs[0].subscribeTyping(on));
    for (const ref of refs.slice(1, 6)) await ref.markAsTyping();
    await seen.until(
      ({ users }) => users?.map(({ name }) => name).join() === "a,b,c,d,e",
      "five are named, who began first first",
    );
    await refs[6].markAsTyping();
    await seen.until(({ many }) => many, "six are many");
    t.same(seen.latest, { many: true }, "all there is");
    await t.still(
      [seen],
      async () => {
        await refs[7].markAsTyping();
        await refs[8].markAsTyping();
      },
      "many more",
    );
    await refs[8].send("Done");
    await refs[7].send("Done");
    await t.pause(50);
    t.same(seen.latest, { many: true }, "still six");
    await refs[1].send("Done");
    await seen.until(({ users }) => users?.map(({ name }) => name).join() === "b,c,d,e,f", "five again");
  },

  async a_typer_who_is_not_heard_of_again_is_dropped(t) {
    const {
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const seen = await t.follow((on) => talk.subscribeTyping(on));
    const clock = t.clock();
    await his.markAsTyping();
    await seen.until(({ users }) => users.length === 1, "one");
    // Of the receiver's clock alone, as if the network had lost the end; the server's still goes on.
    clock.advance(12_000);
    await t.pause(20);
    t.is(seen.latest.users.length, 1, "within the grace");
    clock.advance(1_500);
    await t.until(() => seen.latest.users.length === 0, "dropped");
  },

  async a_user_is_online_while_subscribed_and_a_little_after(t) {
    const [ada] = await t.people("ada");
    const nobody = await t.follow((on) => ada.user(t.id("nobody")).subscribeOnline(on));
    t.is(nobody.latest, null, "nobody");
    // Of no request or subscription: made by a backend.
    await t.rest("PUT", `/users/${t.id("cem")}`, { name: "cem" });
    const cem = t.session({ userId: t.id("cem") });
    const seen = await t.follow((on) => ada.user(t.id("cem")).subscribeOnline(on));
    t.same([seen.latest.user.name, seen.latest.isConnected], ["cem", false], "not yet");
    const handle = cem.currentUser.subscribe();
    await seen.until(({ isConnected }) => isConnected, "subscribed");
    await cem.currentUser.set({ name: "Cem" });
    await seen.until(({ user }) => user.name === "Cem", "a name");
    t.is(seen.latest.isConnected, true, "still");
    const stopped = performance.now();
    handle.unsubscribe();
    await t.pause(1000);
    t.is(seen.latest.isConnected, true, "for a little while after");
    await seen.until(({ isConnected }) => !isConnected, "no more");
    t.ok(performance.now() - stopped > 3000 && performance.now() - stopped < 9000, "after some seconds");
    t.is(seen.calls.length, 4, "calls");
  },

  async a_message_of_the_backend(t) {
    const {
      refs: [talk],
      path,
    } = await t.chat("ada", "bob");
    const seen = await t.follow((on) => talk.subscribeMessages(on));
    const single = await t.follow((on) => talk.subscribe(on));
    await t.rest("POST", `${path}/messages`, [
      { type: "SystemMessage", text: "Bob *joined*, see <https://example.com|here>" },
    ]);
    await seen.until((list) => list.length === 1, "a system message");
    const [{ type, sender, origin, plaintext, content }] = seen.latest;
    t.same([type, sender, origin, plaintext], ["SystemMessage", null, "rest", "Bob joined, see here"], "it");
    t.same(
      content[0].children.map((node) => node.type ?? node),
      ["Bob ", "bold", ", see ", "link"],
      "its content",
    );
    await single.until(({ lastMessage }) => lastMessage === seen.latest[0], "the last message");
    const { id } = seen.latest[0];
    await t.rest("PUT", `${path}/messages/${id}`, { text: "Bob left" });
    await seen.until(([message]) => message.plaintext === "Bob left", "an edit");
    await t.rest("DELETE", `${path}/messages/${id}`);
    await seen.until((list) => list.length === 0, "a deletion");
    t.is(single.latest.access, "ReadWrite", "access");
  },
};
