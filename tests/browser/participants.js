// Participants, and conversations created and changed by users. Subscriptions are tested in
// conversation_updates.js.

export const cases = {
  async set_creates_a_conversation_and_joins_it(t) {
    const [ada] = await t.users("ada");
    const conversation = ada.conversation(t.id("chat"));
    const before = Date.now() - 1000;
    t.is(
      await conversation.set({
        subject: "Order",
        custom: { a: "1" },
        welcomeMessages: ["Hi"],
        photoUrl: "https://example.com/a.png",
        notify: "MentionsOnly",
      }),
      undefined,
      "the result",
    );
    const { subject, custom, welcomeMessages, photoUrl, notify, access, joinedAt } = await conversation.get();
    t.same(
      [subject, custom, welcomeMessages, photoUrl, notify, access],
      ["Order", { a: "1" }, ["Hi"], "https://example.com/a.png", "MentionsOnly", "ReadWrite"],
    );
    t.ok(joinedAt > before, "joinedAt");
    await conversation.set({ subject: undefined, custom: { a: null, b: "2" } });
    t.same(
      [(await conversation.get()).subject, (await conversation.get()).custom],
      ["Order", { b: "2" }],
      "absent fields are kept, custom is merged",
    );
    await conversation.set({
      subject: null,
      photoUrl: null,
      welcomeMessages: null,
      custom: null,
      access: null,
      notify: null,
    });
    const reset = await conversation.get();
    t.same(
      [reset.subject, reset.photoUrl, reset.welcomeMessages, reset.custom, reset.access, reset.notify],
      [null, null, [], {}, "ReadWrite", true],
      "null resets",
    );
  },

  async create_if_not_exists_does_not_change_an_existing_conversation(t) {
    const [ada, bob] = await t.users("ada", "bob");
    const [conversation, his] = [ada, bob].map((session) => session.conversation(t.id("chat")));
    await conversation.createIfNotExists();
    t.is((await conversation.get()).subject, null, "without params");
    await conversation.createIfNotExists({ subject: "Order", access: "Read" });
    t.same(
      [(await conversation.get()).subject, (await conversation.get()).access],
      [null, "ReadWrite"],
      "it exists already",
    );
    await his.createIfNotExists({ subject: "Other", access: "Read", notify: false });
    const joined = await his.get();
    t.same(
      [joined.subject, joined.access, joined.notify],
      [null, "Read", false],
      "another user joins with these params",
    );
  },

  async participant_is_added_changed_and_removed(t) {
    const {
      refs: [conversation],
    } = await t.chat("ada", "bob");
    const [cem] = await t.users("cem");
    for (const part of [
      conversation.participant(cem.currentUser),
      conversation.participant(cem.currentUser.id),
    ]) {
      t.same(
        [part.userId, part.conversationId, part],
        [cem.currentUser.id, conversation.id, conversation.participant(cem.currentUser)],
        "a ref",
      );
    }
    const part = conversation.participant(cem.currentUser);
    t.is(await part.get(), null, "not yet");
    await t.rejectsWith(part.edit({ access: "Read" }), "not_found", "edit of a non-participant");
    await part.createIfNotExists({ access: "Read" });
    await part.createIfNotExists({ access: "ReadWrite", notify: false });
    const { user, joinedAt, ...rest } = await part.get();
    t.same([user.name, rest], ["cem", { access: "Read", notify: true }], "created once");
    t.ok(joinedAt >= (await conversation.get()).createdAt, "joinedAt");
    t.same(Reflect.ownKeys(await part.get()), ["user", "access", "notify", "joinedAt"], "keys");
    t.ok(Object.isFrozen(await part.get()), "frozen");
    await part.edit({ access: null, notify: "MentionsOnly" });
    await part.edit({});
    t.same([(await part.get()).access, (await part.get()).notify], ["ReadWrite", "MentionsOnly"], "edited");
    await part.set({ notify: null });
    t.same([(await part.get()).access, (await part.get()).notify], ["ReadWrite", true], "set");
    t.is(await part.delete(), undefined, "deleted");
    t.is(await part.delete(), undefined, "deleting is idempotent");
    t.same([await part.get(), await cem.conversation(conversation.id).get()], [null, null], "removed");
    await part.set({ access: "Read" });
    t.is((await cem.conversation(conversation.id).get()).access, "Read", "set makes a participant");
  },

  async invalid_values_report_their_field(t) {
    const {
      refs: [conversation],
    } = await t.chat("ada");
    const part = conversation.participant(t.id("ada"));
    const table = [
      [{ access: "Write" }, "access"],
      [{ access: 5 }, "access"],
      [{ notify: "Never" }, "notify"],
      [{ notify: 1 }, "notify"],
    ];
    for (const [wrong, field] of table) {
      for (const call of [
        () => part.set(wrong),
        () => part.edit(wrong),
        () => part.createIfNotExists(wrong),
      ]) {
        t.is((await t.rejectsWith(call(), "invalid_argument", JSON.stringify(wrong))).field, field, "field");
      }
    }
    const conversationTable = [
      [{ subject: 5 }, "subject"],
      [{ subject: "x".repeat(513) }, "subject"],
      [{ photoUrl: 5 }, "photoUrl"],
      [{ welcomeMessages: "Hi" }, "welcomeMessages"],
      [{ welcomeMessages: [5] }, "welcomeMessages[0]"],
      [{ welcomeMessages: Array(11).fill("Hi") }, "welcomeMessages"],
      [{ custom: { a: 5 } }, "custom.a"],
      [{ access: "Write" }, "access"],
      [{ notify: "Never" }, "notify"],
    ];
    for (const [wrong, field] of conversationTable) {
      for (const call of [
        () => conversation.set(wrong),
        () => t.session().conversation(t.id("new")).createIfNotExists(wrong),
      ]) {
        t.is((await t.rejectsWith(call(), "invalid_argument", JSON.stringify(wrong))).field, field, "field");
      }
    }
  },

  async invalid_id_throws_a_type_error(t) {
    const session = t.session();
    const conversation = session.conversation("talk");
    const factories = {
      participant: (id) => conversation.participant(id),
      message: (id) => conversation.message(id),
      reactions: (id) => conversation.message("m").reactions(id),
      reaction: (id) => conversation.message("m").reaction(id),
    };
    for (const [kind, make] of Object.entries(factories)) {
      for (const wrong of [
        undefined,
        null,
        "",
        5,
        {},
        [],
        true,
        Symbol("a"),
        () => "a",
        { id: 5 },
        { id: "" },
      ]) {
        /** @type {import("./context.js").SdkError} */
        const error = t.throws(() => make(wrong), `${kind} of ${typeof wrong}`);
        t.ok(error instanceof TypeError && error.code === "invalid_argument", `${kind}: ${error}`);
      }
    }
    for (const [kind, make] of Object.entries(factories))
      t.is(make("👍"), make("👍"), `${kind}: the same id gives the same object`);
    t.is(
      conversation.message("m").reaction("👍"),
      conversation.message("m").reactions("👍"),
      "reaction() is an alias of reactions()",
    );
    t.ok(conversation.message("a") !== session.conversation("b").message("a"), "of another conversation");
    t.same(
      [conversation.message("m").reactions("👍").emoji, conversation.message("m").reactions("👍").messageId],
      ["👍", "m"],
      "its emoji and message",
    );
  },

  async non_participants_cannot_change_a_conversation(t) {
    const {
      sessions: [ada],
      refs: [conversation],
    } = await t.chat("ada");
    const [eve] = await t.users("eve");
    const hers = eve.conversation(conversation.id);
    await t.rejectsWith(hers.participant(ada.currentUser).get(), "not_found");
    t.is(await hers.participant(eve.currentUser).get(), null, "the own participant is null");
    for (const call of [
      () => hers.participant(ada.currentUser).set({ access: "Read" }),
      () => hers.participant(ada.currentUser).edit({ access: "Read" }),
      () => hers.participant(t.id("bob")).createIfNotExists(),
      () => hers.participant(ada.currentUser).delete(),
    ])
      await t.rejectsWith(call(), "not_found", String(call));
    t.is(await hers.participant(eve.currentUser).delete(), undefined, "leaving without taking part");
    t.is((await conversation.participant(ada.currentUser).get()).access, "ReadWrite", "unchanged");
    await t.rejectsWith(
      conversation.participant(t.id("nobody")).set({}),
      "not_found",
      "a user who does not exist",
    );
  },

  async unread_counts_follow_reading(t) {
    const {
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const state = async (ref) => {
      const { unreadMessageCount, isUnread } = await ref.get();
      return [unreadMessageCount, isUnread];
    };
    for (const text of ["a", "b", "c"]) await his.send(text);
    t.same(
      [await state(conversation), await state(his)],
      [
        [3, true],
        [0, false],
      ],
      "three",
    );
    await his.message((await conversation.get()).lastMessage.id).delete();
    t.same(await state(conversation), [2, true], "one was deleted");
    t.is(await conversation.markAsRead(), undefined, "the result");
    t.same(await state(conversation), [0, false], "read");
    await conversation.markAsUnread();
    t.same(await state(conversation), [0, true], "marked as unread");
    await his.send("d");
    t.same(await state(conversation), [1, true], "one more");
    await conversation.send("e");
    t.same(await state(conversation), [0, false], "sending marks as read");
    const [mine, theirs] = [await conversation.get(), await his.get()];
    t.is(mine.everyoneReadUntil, Math.min(mine.readUntil, theirs.readUntil), "everyoneReadUntil");
    t.is(await conversation.markAsTyping(), undefined, "typing");
  },

  async without_conversation_sync_only_notify_can_be_changed(t) {
    const app = "nosync";
    const [me, other] = [t.id("me"), t.id("other")];
    for (const id of [me, other]) await t.rest("PUT", `/users/${id}`, { name: id }, app);
    await t.rest("PUT", `/conversations/${t.id("chat")}`, { participants: [me, other] }, app);
    const session = t.session({ appId: app });
    const conversation = session.conversation(t.id("chat"));
    const own = conversation.participant(me);
    for (const call of [
      () => conversation.set({ subject: "Order" }),
      () => conversation.set({ notify: false, access: "Read" }),
      () => session.conversation(t.id("new")).set({ notify: false }),
      () => session.conversation(t.id("new")).createIfNotExists({}),
      () => own.set({ access: "Read" }),
      () => own.edit({ access: "Read" }),
      () => conversation.participant(t.id("third")).createIfNotExists(),
      () => own.delete(),
      () => conversation.participant(other).delete(),
    ])
      await t.rejectsWith(call(), "conversation_sync_disabled", String(call));
    await conversation.set({ notify: false });
    t.is((await conversation.get()).notify, false, "notify by the conversation");
    await own.edit({ notify: "MentionsOnly" });
    t.is((await conversation.get()).notify, "MentionsOnly", "notify by the participant");
    await conversation.createIfNotExists({ subject: "Order" });
    t.is((await conversation.get()).subject, null, "it exists already");
    const ref = await conversation.send("Hello");
    await ref.edit("Hello there");
    t.is((await conversation.get()).lastMessage.plaintext, "Hello there", "sending is allowed");
    await ref.delete();
    await conversation.markAsRead();
  },
};
