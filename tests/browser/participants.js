// Participants, and what users do to conversations themselves. What subscribers are told of it is in live.js.

export const cases = {
  async set_creates_a_conversation_and_joins_it(t) {
    const [ada] = await t.people("ada");
    const talk = ada.conversation(t.id("chat"));
    const before = Date.now() - 1000;
    t.is(
      await talk.set({
        subject: "Order",
        custom: { a: "1" },
        welcomeMessages: ["Hi"],
        photoUrl: "https://example.com/a.png",
        notify: "MentionsOnly",
      }),
      undefined,
      "what it resolves with",
    );
    const { subject, custom, welcomeMessages, photoUrl, notify, access, joinedAt } = await talk.get();
    t.same(
      [subject, custom, welcomeMessages, photoUrl, notify, access],
      ["Order", { a: "1" }, ["Hi"], "https://example.com/a.png", "MentionsOnly", "ReadWrite"],
    );
    t.ok(joinedAt > before, "joinedAt");
    await talk.set({ subject: undefined, custom: { a: null, b: "2" } });
    t.same(
      [(await talk.get()).subject, (await talk.get()).custom],
      ["Order", { b: "2" }],
      "absent is kept, custom is a patch",
    );
    await talk.set({
      subject: null,
      photoUrl: null,
      welcomeMessages: null,
      custom: null,
      access: null,
      notify: null,
    });
    const reset = await talk.get();
    t.same(
      [reset.subject, reset.photoUrl, reset.welcomeMessages, reset.custom, reset.access, reset.notify],
      [null, null, [], {}, "ReadWrite", true],
      "null resets",
    );
  },

  async create_if_not_exists_changes_nothing_that_is_there(t) {
    const [ada, bob] = await t.people("ada", "bob");
    const [talk, his] = [ada, bob].map((session) => session.conversation(t.id("chat")));
    await talk.createIfNotExists();
    t.is((await talk.get()).subject, null, "without anything");
    await talk.createIfNotExists({ subject: "Order", access: "Read" });
    t.same(
      [(await talk.get()).subject, (await talk.get()).access],
      [null, "ReadWrite"],
      "it is there already",
    );
    await his.createIfNotExists({ subject: "Other", access: "Read", notify: false });
    const joined = await his.get();
    t.same(
      [joined.subject, joined.access, joined.notify],
      [null, "Read", false],
      "another joins, as they said",
    );
  },

  async a_participant_is_made_changed_and_taken_out(t) {
    const {
      refs: [talk],
    } = await t.chat("ada", "bob");
    const [cem] = await t.people("cem");
    for (const part of [talk.participant(cem.currentUser), talk.participant(cem.currentUser.id)]) {
      t.same(
        [part.userId, part.conversationId, part],
        [cem.currentUser.id, talk.id, talk.participant(cem.currentUser)],
        "a ref",
      );
    }
    const part = talk.participant(cem.currentUser);
    t.is(await part.get(), null, "not yet");
    await t.code(part.edit({ access: "Read" }), "not_found", "edit of who is none");
    await part.createIfNotExists({ access: "Read" });
    await part.createIfNotExists({ access: "ReadWrite", notify: false });
    const { user, joinedAt, ...rest } = await part.get();
    t.same([user.name, rest], ["cem", { access: "Read", notify: true }], "created once");
    t.ok(joinedAt >= (await talk.get()).createdAt, "joinedAt");
    t.same(Reflect.ownKeys(await part.get()), ["user", "access", "notify", "joinedAt"], "keys");
    t.ok(Object.isFrozen(await part.get()), "frozen");
    await part.edit({ access: null, notify: "MentionsOnly" });
    await part.edit({});
    t.same([(await part.get()).access, (await part.get()).notify], ["ReadWrite", "MentionsOnly"], "edited");
    await part.set({ notify: null });
    t.same([(await part.get()).access, (await part.get()).notify], ["ReadWrite", true], "set");
    t.is(await part.delete(), undefined, "deleted");
    t.is(await part.delete(), undefined, "deleting is idempotent");
    t.same([await part.get(), await cem.conversation(talk.id).get()], [null, null], "out");
    await part.set({ access: "Read" });
    t.is((await cem.conversation(talk.id).get()).access, "Read", "set makes a participant");
  },

  async wrong_values_name_their_field(t) {
    const {
      refs: [talk],
    } = await t.chat("ada");
    const part = talk.participant(t.id("ada"));
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
        t.is((await t.code(call(), "invalid_argument", JSON.stringify(wrong))).field, field, "field");
      }
    }
    const more = [
      [{ subject: 5 }, "subject"],
      [{ subject: "x".repeat(513) }, "subject"],
      [{ photoUrl: "a.png" }, "photoUrl"],
      [{ welcomeMessages: "Hi" }, "welcomeMessages"],
      [{ welcomeMessages: [5] }, "welcomeMessages[0]"],
      [{ welcomeMessages: Array(11).fill("Hi") }, "welcomeMessages"],
      [{ custom: { a: 5 } }, "custom.a"],
      [{ access: "Write" }, "access"],
      [{ notify: "Never" }, "notify"],
    ];
    for (const [wrong, field] of more) {
      for (const call of [
        () => talk.set(wrong),
        () => t.session().conversation(t.id("new")).createIfNotExists(wrong),
      ]) {
        t.is((await t.code(call(), "invalid_argument", JSON.stringify(wrong))).field, field, "field");
      }
    }
  },

  async what_is_no_id_is_a_type_error_at_once(t) {
    const session = t.session();
    const talk = session.conversation("talk");
    const makers = {
      participant: (id) => talk.participant(id),
      message: (id) => talk.message(id),
      reactions: (id) => talk.message("m").reactions(id),
      reaction: (id) => talk.message("m").reaction(id),
    };
    for (const [kind, make] of Object.entries(makers)) {
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
        const error = t.thrown(() => make(wrong), `${kind} of ${typeof wrong}`);
        t.ok(error instanceof TypeError && error.code === "invalid_argument", `${kind}: ${error}`);
      }
    }
    for (const [kind, make] of Object.entries(makers))
      t.is(make("👍"), make("👍"), `${kind}: the same id gives the same object`);
    t.is(talk.message("m").reaction("👍"), talk.message("m").reactions("👍"), "two names of one");
    t.ok(talk.message("a") !== session.conversation("b").message("a"), "of another conversation");
    t.same(
      [talk.message("m").reactions("👍").emoji, talk.message("m").reactions("👍").messageId],
      ["👍", "m"],
      "what it is of",
    );
  },

  async who_is_not_in_it_may_not_change_it(t) {
    const {
      sessions: [ada],
      refs: [talk],
    } = await t.chat("ada");
    const [eve] = await t.people("eve");
    const hers = eve.conversation(talk.id);
    await t.code(hers.participant(ada.currentUser).get(), "not_found");
    t.is(await hers.participant(eve.currentUser).get(), null, "one's own is null");
    for (const call of [
      () => hers.participant(ada.currentUser).set({ access: "Read" }),
      () => hers.participant(ada.currentUser).edit({ access: "Read" }),
      () => hers.participant(t.id("bob")).createIfNotExists(),
      () => hers.participant(ada.currentUser).delete(),
    ])
      await t.code(call(), "not_found", String(call));
    t.is(await hers.participant(eve.currentUser).delete(), undefined, "leaving what one is not in");
    t.is((await talk.participant(ada.currentUser).get()).access, "ReadWrite", "unchanged");
    await t.code(talk.participant(t.id("nobody")).set({}), "not_found", "a user who does not exist");
  },

  async reading_is_counted(t) {
    const {
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const state = async (ref) => {
      const { unreadMessageCount, isUnread } = await ref.get();
      return [unreadMessageCount, isUnread];
    };
    for (const text of ["a", "b", "c"]) await his.send(text);
    t.same(
      [await state(talk), await state(his)],
      [
        [3, true],
        [0, false],
      ],
      "three",
    );
    await his.message((await talk.get()).lastMessage.id).delete();
    t.same(await state(talk), [2, true], "one was deleted");
    t.is(await talk.markAsRead(), undefined, "what it resolves with");
    t.same(await state(talk), [0, false], "read");
    await talk.markAsUnread();
    t.same(await state(talk), [0, true], "marked as unread");
    await his.send("d");
    t.same(await state(talk), [1, true], "one more");
    await talk.send("e");
    t.same(await state(talk), [0, false], "who writes has read");
    const [mine, theirs] = [await talk.get(), await his.get()];
    t.is(mine.everyoneReadUntil, Math.min(mine.readUntil, theirs.readUntil), "everyoneReadUntil");
    t.is(await talk.markAsTyping(), undefined, "typing");
  },

  async without_conversation_sync_only_notify_may_be_changed(t) {
    const app = "nosync";
    const [me, other] = [t.id("me"), t.id("other")];
    for (const id of [me, other]) await t.rest("PUT", `/users/${id}`, { name: id }, app);
    await t.rest("PUT", `/conversations/${t.id("chat")}`, { participants: [me, other] }, app);
    const session = t.session({ appId: app });
    const talk = session.conversation(t.id("chat"));
    const own = talk.participant(me);
    for (const call of [
      () => talk.set({ subject: "Order" }),
      () => talk.set({ notify: false, access: "Read" }),
      () => session.conversation(t.id("new")).set({ notify: false }),
      () => session.conversation(t.id("new")).createIfNotExists({}),
      () => own.set({ access: "Read" }),
      () => own.edit({ access: "Read" }),
      () => talk.participant(t.id("third")).createIfNotExists(),
      () => own.delete(),
      () => talk.participant(other).delete(),
    ])
      await t.code(call(), "conversation_sync_disabled", String(call));
    await talk.set({ notify: false });
    t.is((await talk.get()).notify, false, "notify by the conversation");
    await own.edit({ notify: "MentionsOnly" });
    t.is((await talk.get()).notify, "MentionsOnly", "notify by the participant");
    await talk.createIfNotExists({ subject: "Order" });
    t.is((await talk.get()).subject, null, "there already");
    const ref = await talk.send("Hello");
    await ref.edit("Hello there");
    t.is((await talk.get()).lastMessage.plaintext, "Hello there", "talking goes on");
    await ref.delete();
    await talk.markAsRead();
  },
};
