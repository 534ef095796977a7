// Snapshots are values of the types that are declared in Rust (`crates/client/src/snapshots`): `t.declared`
// reads one as such a type, and compares what was read with what was given.

const FULL = {
  name: "Ada",
  custom: { plan: "team" },
  locale: "de-AT",
  photoUrl: "https://example.com/ada.png",
  role: "admin",
  welcomeMessage: "Hi!",
};

export const cases = {
  async users_have_the_declared_type(t) {
    const session = t.session();
    for (const [name, params] of [
      ["full", FULL],
      ["bare", { name: "Bob" }],
    ]) {
      const ref = session.user(t.id(name));
      await ref.set(params);
      const snapshot = await ref.get();
      t.declared("UserSnapshot", snapshot);
      const error = t.throws(() => t.declared("UserSnapshot", { ...snapshot, age: 36 }));
      t.ok(String(error).includes("age"), `a field that is not declared: ${error}`);
      t.throws(() => t.declared("UserSnapshot", { ...snapshot, role: 1 }));
    }
  },

  async conversations_participants_and_messages_have_the_declared_types(t) {
    const {
      sessions: [ada],
      refs: [conversation, his],
      path,
    } = await t.chat("ada", "bob");
    t.declared("ConversationSnapshot", await conversation.get());
    await conversation.set({
      subject: "Tea",
      photoUrl: "https://example.com/tea.png",
      welcomeMessages: ["Hi!", "Help yourself."],
      custom: { topic: "tea" },
    });
    await conversation.participant(ada.currentUser).edit({ notify: "MentionsOnly" });
    t.declared("ParticipantSnapshot", await conversation.participant(ada.currentUser).get());
    const first = await his.send("*Hello* https://example.com");
    const reply = await conversation.send({
      text: "second",
      referencedMessage: first.id,
      custom: { a: "1" },
    });
    await his.message(reply.id).reactions("👍").add();
    for (const ref of [first, reply]) t.declared("MessageSnapshot", await conversation.message(ref.id).get());
    for (const reaction of await reply.reactions("👍").getFirstReactions())
      t.declared("SingleReactionSnapshot", reaction);
    t.declared("ConversationSnapshot", await conversation.get());
    await t.rest("POST", `${path}/messages`, [{ text: "closed", type: "SystemMessage" }]);
    const { lastMessage } = await conversation.get();
    t.is(lastMessage.type, "SystemMessage");
    t.declared("MessageSnapshot", lastMessage);
  },

  // Only subscriptions have these snapshots, and HTTP has no subscriptions.
  async live_snapshots_have_the_declared_types(t) {
    const {
      sessions: [ada, bob],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    await his.send("Hello");
    const online = await t.subscribe((call) => ada.user(bob.currentUser.id).subscribeOnline(call));
    t.declared("UserOnlineSnapshot", online.latest);
    const typing = await t.subscribe((call) => conversation.subscribeTyping(call));
    t.declared("TypingSnapshot", typing.latest);
    await his.markAsTyping();
    await typing.until(({ users }) => users?.length === 1, "Bob types");
    t.declared("TypingSnapshot", typing.latest);
    const lists = [
      ["ConversationSnapshot", await t.subscribe((call) => ada.subscribeConversations(call))],
      ["MessageSnapshot", await t.subscribe((call) => conversation.subscribeMessages(call))],
      ["ParticipantSnapshot", await t.subscribe((call) => conversation.subscribeParticipants(call))],
    ];
    for (const [name, { latest }] of lists) {
      t.ok(latest.length > 0, `a ${name}`);
      for (const snapshot of latest) t.declared(name, snapshot);
    }
  },
};
