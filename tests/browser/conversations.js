// Conversations that a backend creates and changes, as their participants see them.

const KEYS = [
  "id",
  "subject",
  "photoUrl",
  "welcomeMessages",
  "custom",
  "createdAt",
  "joinedAt",
  "lastMessage",
  "lastMessageAt",
  "unreadMessageCount",
  "readUntil",
  "everyoneReadUntil",
  "isUnread",
  "access",
  "notify",
];

/** Creates a conversation between the session's user and another user. */
const createConversation = async (t, data = {}) => {
  const [me, other, id] = [t.id("me"), t.id("other"), t.id("talk")];
  for (const user of [me, other]) await t.rest("PUT", `/users/${user}`, { name: user });
  await t.rest("PUT", `/conversations/${id}`, { participants: [me, other], ...data });
  const path = `/conversations/${id}`;
  return {
    me,
    other,
    id,
    path,
    ref: t.session().conversation(id),
    send: (sender, text = "Hello") =>
      t.rest("POST", `${path}/messages`, [{ type: "UserMessage", sender, text }]),
    put: (change) => t.rest("PUT", path, change),
    patch: (change) => t.rest("PATCH", `${path}/participants/${me}`, change),
  };
};

export const cases = {
  async conversation_of_others_is_null(t) {
    const { id } = await createConversation(t);
    const stranger = t.session({ userId: t.id("stranger") });
    t.is(await stranger.conversation(id).get(), null, "not a participant");
    t.is(await stranger.conversation(t.id("nothing")).get(), null, "no such conversation");
  },

  async new_conversation_has_defaults(t) {
    const before = Date.now();
    const { id, ref } = await createConversation(t);
    const { createdAt, joinedAt, readUntil, everyoneReadUntil, ...rest } = await ref.get();
    t.same(rest, {
      id,
      subject: null,
      photoUrl: null,
      welcomeMessages: [],
      custom: {},
      lastMessage: null,
      lastMessageAt: createdAt,
      unreadMessageCount: 0,
      isUnread: false,
      access: "ReadWrite",
      notify: true,
    });
    // Server and browser share a clock, because they run on one machine.
    t.ok(
      createdAt >= before - 1000 && createdAt <= Date.now() + 1000,
      `created at ${createdAt}, about ${before}`,
    );
    t.ok(
      joinedAt >= createdAt && readUntil >= createdAt && everyoneReadUntil >= createdAt,
      "read up to the beginning",
    );
  },

  async every_property_reflects_backend_changes(t) {
    const { me, other, ref, send, put, patch, id, path } = await createConversation(t);
    let now = await ref.get();
    const changed = new Set(["id"]);
    const step = async (action, expected) => {
      await action();
      const next = await ref.get();
      for (const key of KEYS) {
        const differs = JSON.stringify(next[key]) !== JSON.stringify(now[key]);
        t.is(differs, expected.includes(key), `whether ${key} changed by ${action}`);
        if (differs) changed.add(key);
      }
      now = next;
    };

    await step(() => put({ subject: "Order 391" }), ["subject"]);
    t.is(now.subject, "Order 391", "subject");
    await step(() => put({ photoUrl: "https://example.com/order.png" }), ["photoUrl"]);
    t.is(now.photoUrl, "https://example.com/order.png", "photoUrl");
    await step(() => put({ welcomeMessages: ["Hi", "Welcome"] }), ["welcomeMessages"]);
    t.same(now.welcomeMessages, ["Hi", "Welcome"], "welcomeMessages");
    await step(() => put({ custom: { order: "391", gone: "x" } }), ["custom"]);
    await step(() => put({ custom: { gone: null } }), ["custom"]);
    t.same(now.custom, { order: "391" }, "custom");
    await step(() => put({ subject: null }), ["subject"]);
    t.is(now.subject, null, "subject");

    await step(() => patch({ access: "Read" }), ["access"]);
    t.is(now.access, "Read", "access");
    await step(() => patch({ notify: "MentionsOnly" }), ["notify"]);
    t.is(now.notify, "MentionsOnly", "notify");
    await step(() => patch({ notify: false }), ["notify"]);
    t.is(now.notify, false, "notify");
    await step(() => patch({ access: "ReadWrite", notify: true }), ["access", "notify"]);

    await t.pause(5);
    await step(() => send(other), ["lastMessage", "lastMessageAt", "unreadMessageCount", "isUnread"]);
    t.same([now.unreadMessageCount, now.isUnread], [1, true], "one unread");
    t.ok(now.lastMessageAt > now.createdAt, "lastMessageAt");
    await t.pause(5);
    await step(() => send(other), ["lastMessage", "lastMessageAt", "unreadMessageCount"]);
    t.is(now.unreadMessageCount, 2, "unread");
    await t.pause(5);
    // Sending a message marks it as read by its sender, so both users have now read something.
    await step(
      () => send(me),
      ["lastMessage", "lastMessageAt", "unreadMessageCount", "isUnread", "readUntil", "everyoneReadUntil"],
    );
    t.same([now.unreadMessageCount, now.isUnread, now.readUntil], [0, false, now.lastMessageAt], "all read");
    t.ok(now.everyoneReadUntil < now.readUntil, "the other has not read the last one");

    await t.pause(5);
    await t.rest("DELETE", `${path}/participants/${me}`);
    t.is(await ref.get(), null, "left");
    await step(() => put({ participants: [me] }), ["joinedAt", "readUntil"]);
    t.ok(now.joinedAt > now.createdAt, "joinedAt");

    const later = await createConversation({
      ...t,
      id: (name) => (name === "talk" ? `${id}-later` : t.id(name)),
    });
    if ((await later.ref.get()).createdAt > now.createdAt) changed.add("createdAt");
    t.same([...changed].sort(), [...KEYS].sort(), "every property has changed once");
  },

  async snapshot_has_the_documented_keys_in_order(t) {
    const { ref } = await createConversation(t);
    t.same(Reflect.ownKeys(await ref.get()), KEYS);
  },

  async snapshot_is_frozen_plain_data(t) {
    const { ref } = await createConversation(t, {
      subject: "Order",
      welcomeMessages: ["Hi"],
      custom: { a: "1" },
    });
    const snapshot = await ref.get();
    for (const part of [snapshot, snapshot.custom, snapshot.welcomeMessages])
      t.ok(Object.isFrozen(part), "frozen");
    t.throws(() => snapshot.welcomeMessages.push("more"));
    const plain = Object.fromEntries(KEYS.map((key) => [key, snapshot[key]]));
    t.same({ ...snapshot }, plain, "spread");
    t.same(JSON.parse(JSON.stringify(snapshot)), plain, "JSON");
    t.same(structuredClone(snapshot), plain, "structuredClone");
    t.is(snapshot.constructor.name, "ConversationSnapshot", "its class");
    t.ok(t.throws(() => new snapshot.constructor()) instanceof TypeError, "no constructor for programs");
  },

  async leaving_makes_the_conversation_null(t) {
    const { me, other, id, path, ref } = await createConversation(t);
    t.is((await ref.get()).id, id, "before");
    await t.rest("DELETE", `${path}/participants/${me}`);
    t.is(await ref.get(), null, "after");
    t.is((await t.session({ userId: other }).conversation(id).get()).id, id, "for the remaining participant");
  },
};
