// Messages: sending, replying, editing, deleting, and their snapshots. Subscriptions are tested in
// message_updates.js.

const KEYS = [
  "id",
  "type",
  "sender",
  "custom",
  "createdAt",
  "editedAt",
  "origin",
  "plaintext",
  "content",
  "reactions",
  "referencedMessage",
];
const text = (...children) => [{ type: "text", children }];
const bold = (...children) => ({ type: "bold", children });

const expectRejected = async (t, promise, code, field, label) => {
  const error = await t.rejectsWith(promise, code, label);
  if (field) t.is(error.field, field, `field of "${error.message}", ${label}`);
  return error;
};

export const cases = {
  async text_can_be_sent_in_three_forms(t) {
    const {
      refs: [conversation],
    } = await t.chat("ada");
    const forms = ["Hello *there*", { text: "Hello *there*" }, { content: text("Hello ", bold("there")) }];
    for (const form of forms) {
      const ref = await conversation.send(form);
      t.is(ref, conversation.message(ref.id), "the ref is the one of its id");
      t.is(ref.conversationId, conversation.id, "conversationId");
      const { plaintext, content } = await ref.get();
      t.same([plaintext, content], ["Hello there", text("Hello ", bold("there"))], JSON.stringify(form));
    }
  },

  async snapshot_has_the_documented_keys_and_is_frozen(t) {
    const {
      sessions: [ada],
      refs: [conversation],
    } = await t.chat("ada");
    const before = Date.now() - 1000;
    const first = await conversation.send("first");
    const ref = await conversation.send({ text: "second", referencedMessage: first, custom: { a: "1" } });
    const snapshot = await ref.get();
    const { createdAt, sender, referencedMessage, ...rest } = snapshot;
    t.same(rest, {
      id: ref.id,
      type: "UserMessage",
      custom: { a: "1" },
      editedAt: null,
      origin: "web",
      plaintext: "second",
      content: text("second"),
      reactions: [],
    });
    t.same([...Reflect.ownKeys(snapshot)].sort(), [...KEYS].sort(), "all own keys");
    t.ok(createdAt > before && createdAt < Date.now() + 1000, "createdAt");
    t.same(sender, await ada.currentUser.get(), "sender");
    t.same(
      [referencedMessage.id, referencedMessage.referencedMessageId, referencedMessage.sender === sender],
      [first.id, null, true],
    );
    for (const part of [
      snapshot,
      sender,
      referencedMessage,
      rest.content,
      rest.content[0],
      rest.content[0].children,
      rest.custom,
      rest.reactions,
    ]) {
      t.ok(Object.isFrozen(part), "frozen deeply");
    }
    t.same(structuredClone(snapshot), JSON.parse(JSON.stringify(snapshot)), "plain data");
    t.is(snapshot.constructor.name, "MessageSnapshot", "class");
    t.is(referencedMessage.constructor.name, "ReferencedMessageSnapshot", "class");
    t.ok(t.throws(() => new snapshot.constructor()) instanceof TypeError, "no constructor for programs");
    t.is(await conversation.message(t.id("nothing")).get(), null, "a missing message");
  },

  async markup_becomes_content(t) {
    const {
      refs: [conversation],
    } = await t.chat("ada");
    const table = [
      [
        "_a_ ~b~ ```c\nd```",
        [
          { type: "italic", children: ["a"] },
          " ",
          { type: "strikethrough", children: ["b"] },
          " ",
          { type: "codeSpan", text: "c\nd" },
        ],
        "a b c\nd",
      ],
      ["this_ doesn't _change", ["this_ doesn't _change"], "this_ doesn't _change"],
      [":wave: hi", [{ type: "customEmoji", text: ":wave:" }, " hi"], ":wave: hi"],
      // TalkJS regression: a range of years was recognised as a phone number.
      ["from 2010-2018", ["from 2010-2018"], "from 2010-2018"],
      [
        "see https://example.com/a?b=c.",
        [
          "see ",
          { type: "autoLink", url: "https://example.com/a?b=c", text: "https://example.com/a?b=c" },
          ".",
        ],
        "see https://example.com/a?b=c.",
      ],
      [
        "ada@example.com",
        [{ type: "autoLink", url: "mailto:ada@example.com", text: "ada@example.com" }],
        "ada@example.com",
      ],
      // Only a backend can create links with a label.
      ["<https://example.com|here>", null, "<https://example.com|here>"],
    ];
    for (const [source, children, plain] of table) {
      const { content, plaintext } = await (await conversation.send(source)).get();
      if (children) t.same(content, text(...children), source);
      t.ok(!JSON.stringify(content).includes('"link"'), `${source}: no link node`);
      t.is(plaintext, plain, source);
    }
    const list = await (await conversation.send("- one\n- *two*")).get();
    t.same(
      list.content,
      text({
        type: "bulletList",
        children: [
          { type: "bulletPoint", children: ["one"] },
          { type: "bulletPoint", children: [bold("two")] },
        ],
      }),
      "bullets",
    );
  },

  async location_can_be_sent(t) {
    const {
      refs: [conversation],
    } = await t.chat("ada");
    const location = { type: "location", latitude: 52.0907, longitude: -5.1214 };
    const ref = await conversation.send({ content: [location] });
    const { content, plaintext } = await ref.get();
    t.same(content, [location], "content");
    t.ok(plaintext.includes("52.0907"), `plaintext: ${plaintext}`);
    /** @type {[object, string][]} */
    const invalid = [
      [{ latitude: 91 }, "latitude"],
      [{ latitude: -90.1 }, "latitude"],
      [{ longitude: 181 }, "longitude"],
      [{ latitude: "52" }, "latitude"],
      [{ longitude: undefined }, "longitude"],
    ];
    for (const [wrong, field] of invalid) {
      await expectRejected(
        t,
        conversation.send({ content: [{ ...location, ...wrong }] }),
        "invalid_argument",
        `content[0].${field}`,
        JSON.stringify(wrong),
      );
    }
  },

  async invalid_messages_are_rejected_with_their_field(t) {
    const {
      refs: [conversation],
    } = await t.chat("ada");
    const table = [
      ["", "text"],
      ["x".repeat(10_001), "text"],
      [{ text: 5 }, "text"],
      [{ text: null }, "text"],
      [{}, undefined],
      [{ text: "a", content: text("a") }, undefined],
      [{ text: "a", custom: { size: 5 } }, "custom.size"],
      [{ text: "a", custom: { a: null } }, "custom.a"],
      [{ text: "a", referencedMessage: 5 }, "referencedMessage"],
      [{ content: [] }, "content"],
      [{ content: [...text("a"), ...text("b")] }, "content"],
      [{ content: text("a")[0] }, "content"],
      [{ content: [{ type: "poll" }] }, "content[0].type"],
      [{ content: text(5) }, "content[0].children[0]"],
      [{ content: text({ type: "blink", text: "a" }) }, "content[0].children[0].type"],
      [{ content: text({ type: "bold", text: "a" }) }, undefined],
      [{ content: text({ type: "link", url: "https://example.com", children: ["a"] }) }, undefined],
      [{ content: text({ type: "actionLink", action: "a", params: {}, children: ["a"] }) }, undefined],
      [{ content: text({ type: "actionButton", action: "a", params: {}, children: ["a"] }) }, undefined],
      [
        { content: text({ type: "autoLink", url: "https://evil.example", text: "https://example.com" }) },
        undefined,
      ],
      [{ content: text({ type: "autoLink", url: "javascript:alert(1)", text: "example.com" }) }, undefined],
      [
        { content: text({ type: "autoLink", url: "mailto:eve@example.com", text: "ada@example.com" }) },
        undefined,
      ],
    ];
    for (const [wrong, field] of table) {
      const label = JSON.stringify(wrong).slice(0, 100);
      const error = await t.rejects(conversation.send(wrong), label);
      t.ok(
        ["invalid_argument", "forbidden"].includes(error.code),
        `${label}: ${error.code}: ${error.message}`,
      );
      if (field) t.is(error.field, field, `field of "${error.message}"`);
    }
    t.is((await conversation.get()).lastMessage, null, "nothing was sent");
    const valid = { type: "autoLink", url: "https://www.example.com/", text: "example.com" };
    t.same(
      (await (await conversation.send({ content: text(valid) })).get()).content,
      text(valid),
      "a link whose text matches its URL",
    );
  },

  async replies_refer_to_messages_of_the_conversation(t) {
    const {
      sessions: [ada],
      refs: [conversation],
    } = await t.chat("ada");
    const first = await conversation.send("first");
    for (const referencedMessage of [first, first.id, { id: first.id }]) {
      const { referencedMessage: shown } = await (
        await conversation.send({ text: "reply", referencedMessage })
      ).get();
      t.is(shown.plaintext, "first", JSON.stringify(referencedMessage));
    }
    const elsewhere = ada.conversation(t.id("elsewhere"));
    await elsewhere.set({});
    const other = await elsewhere.send("other");
    for (const wrong of [other, t.id("nothing")]) {
      const error = await t.rejects(conversation.send({ text: "reply", referencedMessage: wrong }));
      t.ok(["invalid_argument", "not_found"].includes(error.code), `${error.code}: ${error.message}`);
      t.is(error.field, "referencedMessage", error.message);
    }
    // TalkJS regression: get() lost the referenced message.
    const reply = await conversation.send({ text: "reply", referencedMessage: first });
    await first.edit("first, edited");
    t.is((await reply.get()).referencedMessage.plaintext, "first, edited", "it follows edits");
    t.is(
      (await conversation.get()).lastMessage.referencedMessage.plaintext,
      "first, edited",
      "in the conversation too",
    );
    await first.delete();
    t.is((await reply.get()).referencedMessage, null, "null once deleted");
  },

  async edit_changes_only_the_given_fields(t) {
    const {
      refs: [conversation],
    } = await t.chat("ada");
    const ref = await conversation.send({ text: "one", custom: { a: "1", b: "2" } });
    const before = await ref.get();
    t.is(await ref.edit("*two*"), undefined, "the result");
    let now = await ref.get();
    t.same(
      [now.plaintext, now.content, now.custom],
      ["two", text(bold("two")), { a: "1", b: "2" }],
      "a text",
    );
    t.ok(now.editedAt >= before.createdAt && before.editedAt === null, "editedAt");
    t.is(now.createdAt, before.createdAt, "createdAt");
    await ref.edit({ custom: { a: null, c: "3" } });
    now = await ref.get();
    t.same([now.plaintext, now.custom], ["two", { b: "2", c: "3" }], "custom is a patch");
    await ref.edit({ text: undefined, custom: null });
    t.same((await ref.get()).custom, {}, "custom: null clears");
    await ref.edit({ content: [{ type: "location", latitude: 1, longitude: 2 }] });
    t.is((await ref.get()).content[0].type, "location", "content");
    for (const [wrong, field] of [
      ["", "text"],
      [{ text: 5 }, "text"],
      [{ content: [] }, "content"],
      [{ custom: 5 }, "custom"],
    ]) {
      await expectRejected(t, ref.edit(wrong), "invalid_argument", field, JSON.stringify(wrong));
    }
    t.is((await ref.get()).content[0].type, "location", "unchanged by rejected edits");
  },

  async only_the_sender_can_edit_or_delete_a_message(t) {
    const {
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const ref = await conversation.send("hers");
    await t.rejectsWith(his.message(ref.id).edit("his"), "forbidden");
    await t.rejectsWith(his.message(ref.id).delete(), "forbidden");
    t.is((await his.message(ref.id).get()).plaintext, "hers", "unchanged");
    t.is(await ref.delete(), undefined, "deleted");
    t.is(await ref.delete(), undefined, "deleting is idempotent");
    t.is(await ref.get(), null, "deleted");
    await t.rejectsWith(ref.edit("more"), "not_found");
    t.is((await conversation.get()).lastMessage, null, "no last message");
  },

  async non_participants_and_readers_are_rejected(t) {
    const {
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const ref = await conversation.send("hers");
    const stranger = t.session({ userId: t.id("stranger") }).conversation(conversation.id);
    await t.rejectsWith(stranger.send("hello"), "not_found");
    await t.rejectsWith(stranger.message(ref.id).edit("hello"), "not_found");
    t.is(await stranger.message(ref.id).get(), null, "cannot read it");
    for (const call of [
      () => stranger.markAsRead(),
      () => stranger.markAsUnread(),
      () => stranger.message(ref.id).reactions("👍").add(),
    ]) {
      await t.rejectsWith(call(), "not_found", String(call));
    }
    const mine = await his.send("his");
    await conversation.participant(t.id("bob")).edit({ access: "Read" });
    await t.rejectsWith(his.send("more"), "forbidden");
    await t.rejectsWith(mine.edit("more"), "forbidden");
    await t.rejectsWith(his.message(ref.id).reactions("👍").add(), "forbidden");
    t.is((await his.message(ref.id).get()).plaintext, "hers", "reading is allowed");
    await his.markAsRead();
  },

  async sends_without_await_keep_their_order(t) {
    const {
      refs: [conversation],
    } = await t.chat("ada");
    const refs = await Promise.all(Array.from({ length: 50 }, (_, n) => conversation.send(`m${n}`)));
    const all = await Promise.all(refs.map((ref) => ref.get()));
    t.same(
      all.map(({ plaintext }) => plaintext),
      Array.from({ length: 50 }, (_, n) => `m${n}`),
      "each has its own text",
    );
    t.ok(
      all.every(({ createdAt }, n) => n === 0 || createdAt >= all[n - 1].createdAt),
      "in the order they were sent",
    );
    t.is((await conversation.get()).lastMessage.plaintext, "m49", "the last message");
  },

  async text_in_any_script_is_preserved(t) {
    const {
      refs: [conversation],
    } = await t.chat("ada");
    const text =
      '\u0410\u0434\u0430 \u{1F469}\u200D\u{1F680} \u05D0\u05D1 "quoted" \\ </script> \u2028 e\u0301 \\ud83d';
    t.is((await (await conversation.send(text)).get()).plaintext, text, "plaintext");
    const surrogate = "\u{1F419}".substring(0, 1);
    const ref = await conversation.send({
      text: `a ${surrogate}`,
      custom: { [`k${surrogate}`]: `\\${surrogate}\\ud83d` },
    });
    const { plaintext, custom } = await ref.get();
    t.same([plaintext, custom], ["a \uFFFD", { "k\uFFFD": "\\\uFFFD\\ud83d" }], "a lone surrogate");
  },
};
