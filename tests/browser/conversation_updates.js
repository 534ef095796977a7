// Updates of subscriptions to conversations, to their participants and to the conversation list: each change
// once, with unchanged parts as the same objects.

const ids = (list) => list.map(({ id }) => id);
const names = (list) => list.map(({ user }) => user.name);

export const cases = {
  async conversation_data_is_null_for_non_participants(t) {
    const [ada, bob] = await t.users("ada", "bob");
    const conversation = ada.conversation(t.id("chat"));
    const his = bob.conversation(t.id("chat"));
    const seen = await t.subscribe((on) => conversation.subscribe(on));
    const messages = await t.subscribe((on) => conversation.subscribeMessages(on));
    const people = await t.subscribe((on) => conversation.subscribeParticipants(on));
    const typing = await t.subscribe((on) => conversation.subscribeTyping(on));
    const part = await t.subscribe((on) => conversation.participant(ada.currentUser).subscribe(on));
    const all = [seen, messages, people, typing, part];
    t.same(
      all.map(({ latest }) => latest),
      [null, null, null, null, null],
      "no such conversation",
    );
    t.same([messages.loadedAll, people.loadedAll], [true, true], "all are loaded");
    await his.set({ subject: "Secret" });
    await his.send("Not seen by others");
    await t.expectNoCalls(
      all,
      () => his.set({ subject: "Still secret" }),
      "changes of a conversation of others",
    );
    await his.participant(ada.currentUser).set({});
    await seen.until((it) => it?.subject === "Still secret", "joined");
    await t.until(() => all.every(({ latest }) => latest !== null), "all subscriptions");
    t.same(
      [messages.latest.map(({ plaintext }) => plaintext), names(people.latest), typing.latest],
      [["Not seen by others"], ["ada", "bob"], { many: false, users: [] }],
      "the first snapshots",
    );
    t.same(seen.latest, await conversation.get(), "the result of get()");
    await his.participant(ada.currentUser).delete();
    await t.until(() => all.every(({ latest }) => latest === null), "left");
    await t.expectNoCalls(all, () => his.send("Not seen by others either"), "changes after leaving");
    await conversation
      .participant(ada.currentUser)
      .set({})
      .catch(() => conversation.set({}));
    await t.until(() => all.every(({ latest }) => latest !== null), "joined again");
    await t.rest("DELETE", `/conversations/${conversation.id}`);
    await t.until(() => all.every(({ latest }) => latest === null), "the conversation is deleted");
  },

  async empty_lists_become_null_when_the_access_or_the_conversation_is_gone(t) {
    const [ada, bob] = await t.users("ada", "bob");
    const conversation = ada.conversation(t.id("quiet"));
    const his = bob.conversation(t.id("quiet"));
    await conversation.set({ subject: "Quiet" });
    await conversation.participant(bob.currentUser).set({});
    const seen = await t.subscribe((on) => his.subscribeMessages(on));
    const isEmpty = (it) => Array.isArray(it) && it.length === 0;
    t.ok(isEmpty(seen.latest), "no messages yet");
    await conversation.participant(bob.currentUser).delete();
    await seen.until((it) => it === null, "removed");
    t.is(seen.loadedAll, true, "nothing more to load");
    await conversation.participant(bob.currentUser).set({});
    await seen.until(isEmpty, "added again");
    await t.rest("DELETE", `/conversations/${conversation.id}`);
    await seen.until((it) => it === null, "deleted");
  },

  async each_change_replaces_only_the_changed_properties(t) {
    const {
      sessions: [ada, bob],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const seen = await t.subscribe((on) => conversation.subscribe(on));
    const step = async (action, keys, condition) => {
      const before = seen.latest;
      const calls = seen.calls.length;
      await action();
      await seen.until((now) => now !== before && (!condition || condition(now)), `the effect of ${action}`);
      await t.pause(30);
      t.changedKeys(before, seen.latest, keys);
      t.is(seen.calls.length, calls + 1, `calls after ${action}`);
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
    await step(
      () => conversation.markAsRead(),
      ["unreadMessageCount", "isUnread", "readUntil", "everyoneReadUntil"],
    );
    await t.expectNoCalls([seen], () => conversation.markAsRead(), "marking as read twice");
    await step(() => conversation.markAsUnread(), ["isUnread"]);
    t.same([seen.latest.isUnread, seen.latest.unreadMessageCount], [true, 0], "marked as unread");
    await t.expectNoCalls([seen], () => conversation.markAsUnread(), "marking as unread twice");
    await step(() => conversation.markAsRead(), ["isUnread"]);
    await step(() => conversation.set({ notify: "MentionsOnly" }), ["notify"]);
    await step(() => his.participant(ada.currentUser).edit({ access: "Read" }), ["access"]);
    await step(
      () => his.participant(ada.currentUser).edit({ access: null, notify: null }),
      ["access", "notify"],
    );
    const last = seen.latest.lastMessage;
    await step(() => his.message(last.id).edit("Hello there"), ["lastMessage"]);
    t.changedKeys(last, seen.latest.lastMessage, ["plaintext", "content", "editedAt"]);
    await step(() => his.message(last.id).reactions("👍").add(), ["lastMessage"]);
    t.same(
      seen.latest.lastMessage.reactions,
      [{ emoji: "👍", count: 1, currentUserReacted: false }],
      "reactions",
    );
    await step(() => bob.currentUser.set({ name: "Bob" }), ["lastMessage"]);
    t.is(seen.latest.lastMessage.sender.name, "Bob", "the sender's new name");
    // The user's own message does not count as unread.
    await t.pause(5);
    await step(() => conversation.send("Mine"), ["lastMessage", "lastMessageAt", "readUntil"]);
    await t.pause(5);
    await step(() => his.markAsRead(), ["everyoneReadUntil"]);
    await step(
      () => conversation.message(seen.latest.lastMessage.id).delete(),
      ["lastMessage", "lastMessageAt"],
    );
    t.is(seen.latest.lastMessage.plaintext, "Hello there", "the previous message");
  },

  // TalkJS regression: any participant's edit was applied to the user's own settings.
  async settings_of_others_do_not_change_the_own(t) {
    const {
      sessions: [ada, bob],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const seen = await t.subscribe((on) => conversation.subscribe(on));
    const list = await t.subscribe((on) => ada.subscribeConversations(on));
    const own = await t.subscribe((on) => conversation.participant(ada.currentUser).subscribe(on));
    const theirs = await t.subscribe((on) => conversation.participant(bob.currentUser).subscribe(on));
    await t.expectNoCalls(
      [seen, list, own],
      async () => {
        await his.set({ notify: false });
        await conversation.participant(bob.currentUser).edit({ access: "Read" });
        await theirs.until(
          ({ access, notify }) => access === "Read" && notify === false,
          "the other participant's settings",
        );
        await his.participant(bob.currentUser).edit({ access: null, notify: "MentionsOnly" });
        await his.markAsUnread();
      },
      "changes of another participant's settings",
    );
    t.same(
      [seen.latest.access, seen.latest.notify, seen.latest.isUnread],
      ["ReadWrite", true, false],
      "the user's own settings",
    );
  },

  async simultaneous_changes_are_reported_once(t) {
    const {
      sessions: [ada, bob],
      refs: [conversation],
      path,
    } = await t.chat("ada", "bob");
    const seen = await t.subscribe((on) => conversation.subscribeMessages(on));
    const single = await t.subscribe((on) => conversation.subscribe(on));
    const list = await t.subscribe((on) => ada.subscribeConversations(on));
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
      "one state in all of them",
    );
  },

  async calls_without_effect_are_not_reported(t) {
    const {
      sessions: [ada],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const message = await his.send("Hello");
    await conversation.markAsRead();
    await conversation.set({ subject: "Order", custom: { a: "1" } });
    await his.message(message.id).reactions("👍").add();
    const all = await Promise.all([
      t.subscribe((on) => conversation.subscribe(on)),
      t.subscribe((on) => conversation.subscribeMessages(on)),
      t.subscribe((on) => conversation.subscribeParticipants(on)),
      t.subscribe((on) => conversation.participant(ada.currentUser).subscribe(on)),
      t.subscribe((on) => message.reactions("👍").subscribe(on)),
      t.subscribe((on) => ada.subscribeConversations(on)),
      t.subscribe((on) => ada.currentUser.subscribe(on)),
      t.subscribe((on) => conversation.subscribeTyping(on)),
    ]);
    const calls = [
      () => conversation.set({}),
      () =>
        conversation.set({
          subject: "Order",
          custom: { a: "1", b: null },
          access: "ReadWrite",
          notify: true,
        }),
      () => conversation.createIfNotExists({ subject: "Other" }),
      () => conversation.participant(ada.currentUser).createIfNotExists({ access: "Read" }),
      () => conversation.participant(ada.currentUser).edit({ notify: null }),
      () => conversation.participant(t.id("nobody")).delete(),
      () => conversation.markAsRead(),
      () => his.message(message.id).reactions("👍").add(),
      () => conversation.message(message.id).reactions("👍").remove(),
      () => conversation.message(t.id("nothing")).delete(),
      () => ada.currentUser.set({ name: "ada" }),
      () => ada.currentUser.createIfNotExists({ name: "Other" }),
      () => conversation.markAsTyping(),
      () =>
        Promise.all([
          conversation.get(),
          conversation.message(message.id).get(),
          ada.user(t.id("bob")).get(),
        ]),
    ];
    for (const call of calls) await t.expectNoCalls(all, call);
  },

  async conversations_are_ordered_by_last_activity(t) {
    const stranger = t.session({ userId: t.id("stranger") });
    t.same(
      (await t.subscribe((on) => stranger.subscribeConversations(on))).latest,
      [],
      "of a user who does not exist",
    );
    const [ada, bob] = await t.users("ada", "bob");
    const seen = await t.subscribe((on) => ada.subscribeConversations(on));
    t.same([seen.latest, seen.loadedAll], [[], true], "none");
    const talks = ["one", "two", "three"].map((name) => bob.conversation(t.id(name)));
    for (const conversation of talks) {
      await t.pause(3);
      await conversation.set({});
      await conversation.participant(ada.currentUser).set({});
    }
    const [one, two, three] = ids(talks);
    await seen.until((list) => ids(list).join() === [three, two, one].join(), "joined last is first");
    const before = seen.latest;
    await t.pause(3);
    await talks[0].send("Hello");
    await seen.until(
      (list) => ids(list).join() === [one, three, two].join(),
      "a message moves it to the top",
    );
    t.ok(seen.latest[1] === before[0] && seen.latest[2] === before[1], "the others are the same objects");
    await t.pause(3);
    await ada.conversation(two).send("Mine");
    await seen.until((list) => ids(list).join() === [two, one, three].join(), "the user's own message, too");
    const calls = seen.calls.length;
    await talks[2].set({ subject: "Three" });
    await seen.until((list) => list[2].subject === "Three", "a subject does not change the order");
    t.is(seen.calls.length, calls + 1, "calls");
    await ada.conversation(two).message(seen.latest[0].lastMessage.id).delete();
    await seen.until(
      (list) => ids(list).join() === [one, three, two].join(),
      "deleting the message restores the order",
    );
    await talks[0].participant(ada.currentUser).delete();
    await seen.until((list) => ids(list).join() === [three, two].join(), "left");
    await t.rest("DELETE", `/conversations/${three}`);
    await seen.until((list) => ids(list).join() === two, "deleted");
  },

  // TalkJS regression: a conversation and the list subscribed together.
  async conversation_and_list_share_one_snapshot(t) {
    const {
      sessions: [ada, bob],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    await t.pause(3);
    await ada.conversation(t.id("other")).set({});
    const list = await t.subscribe((on) => ada.subscribeConversations(on));
    const single = await t.subscribe((on) => conversation.subscribe(on));
    const bothShow = async (action, condition) => {
      const before = [list.calls.length, single.calls.length];
      await action();
      await t.until(
        () => condition(single.latest) && list.latest.includes(single.latest),
        `${action}: both are updated`,
      );
      await t.pause(30);
      t.same(
        [list.calls.length - before[0], single.calls.length - before[1]],
        [1, 1],
        `calls after ${action}`,
      );
    };
    await bothShow(
      () => his.send("Hello"),
      ({ lastMessage }) => lastMessage?.plaintext === "Hello",
    );
    await bothShow(
      () => conversation.markAsRead(),
      ({ isUnread }) => !isUnread,
    );
    await bothShow(
      () => conversation.set({ subject: "Order" }),
      ({ subject }) => subject === "Order",
    );
    await bothShow(
      () => bob.currentUser.set({ name: "Bob" }),
      ({ lastMessage }) => lastMessage.sender.name === "Bob",
    );
    await bothShow(
      () => conversation.message(single.latest.lastMessage.id).reactions("👍").add(),
      ({ lastMessage }) => lastMessage.reactions.length === 1,
    );
    single.handle.unsubscribe();
    await his.send("More");
    await t.until(() => list.latest[0].lastMessage.plaintext === "More", "the list is still updated");
    const again = await t.subscribe((on) => conversation.subscribe(on));
    t.ok(again.latest === list.latest[0], "the conversation is the one in the list");
  },

  async participants_are_listed_newest_first(t) {
    const {
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const seen = await t.subscribe((on) => conversation.subscribeParticipants(on));
    const one = await t.subscribe((on) => conversation.participant(t.id("cem")).subscribe(on));
    t.same([names(seen.latest), one.latest], [["bob", "ada"], null], "at first");
    const [cem] = await t.users("cem");
    await t.pause(5);
    await his.participant(cem.currentUser).set({ access: "Read", notify: "MentionsOnly" });
    await seen.until((list) => names(list).join() === "cem,bob,ada", "one more");
    t.ok(seen.latest[1] === seen.calls[0][0][0], "the others are the same objects");
    await one.until((it) => it !== null, "the participant");
    const { user, joinedAt, ...rest } = one.latest;
    t.same([user.name, rest], ["cem", { access: "Read", notify: "MentionsOnly" }]);
    t.same(one.latest, seen.latest[0], "the same in the list");
    t.ok(user === seen.latest[0].user, "one snapshot of the user");
    t.ok(joinedAt >= seen.latest[1].joinedAt, "joinedAt");
    await his.participant(cem.currentUser).edit({ access: "ReadWrite" });
    await one.until(({ access }) => access === "ReadWrite", "another access");
    await cem.currentUser.set({ name: "Cem" });
    await one.until((it) => it.user.name === "Cem", "another name");
    await seen.until((list) => list[0].user === one.latest.user, "in the list too");
    await cem.conversation(conversation.id).participant(cem.currentUser).delete();
    await one.until((it) => it === null, "left");
    await seen.until((list) => names(list).join() === "bob,ada", "in the list too");
  },
};
