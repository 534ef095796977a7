// Messages: sent in three forms, replied to, edited, deleted, and what their snapshots hold. What subscribers are told of
// them is in live.js.

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

const refused = async (t, promise, wanted, field, what) => {
  const error = await t.code(promise, wanted, what);
  if (field) t.is(error.field, field, `field of "${error.message}", ${what}`);
  return error;
};

export const cases = {
  async a_text_is_sent_in_three_forms(t) {
    const {
      refs: [talk],
    } = await t.chat("ada");
    const forms = ["Hello *there*", { text: "Hello *there*" }, { content: text("Hello ", bold("there")) }];
    for (const form of forms) {
      const ref = await talk.send(form);
      t.is(ref, talk.message(ref.id), "the ref is the one of its id");
      t.is(ref.conversationId, talk.id, "conversationId");
      const { plaintext, content } = await ref.get();
      t.same([plaintext, content], ["Hello there", text("Hello ", bold("there"))], JSON.stringify(form));
    }
  },

  async a_snapshot_has_the_documented_keys_and_is_frozen(t) {
    const {
      sessions: [ada],
      refs: [talk],
    } = await t.chat("ada");
    const before = Date.now() - 1000;
    const first = await talk.send("first");
    const ref = await talk.send({ text: "second", referencedMessage: first, custom: { a: "1" } });
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
    t.ok(t.thrown(() => new snapshot.constructor()) instanceof TypeError, "no constructor for programs");
    t.is(await talk.message(t.id("nothing")).get(), null, "a message that is not there");
  },

  async markup_becomes_content(t) {
    const {
      refs: [talk],
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
      // Regression of the original: a range of years was seen as a phone number.
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
      // Only a backend makes links with a text of their own.
      ["<https://example.com|here>", null, "<https://example.com|here>"],
    ];
    for (const [source, children, plain] of table) {
      const { content, plaintext } = await (await talk.send(source)).get();
      if (children) t.same(content, text(...children), source);
      t.ok(!JSON.stringify(content).includes('"link"'), `${source}: no link node`);
      t.is(plaintext, plain, source);
    }
    const list = await (await talk.send("- one\n- *two*")).get();
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

  async a_place_is_sent(t) {
    const {
      refs: [talk],
    } = await t.chat("ada");
    const place = { type: "location", latitude: 52.0907, longitude: -5.1214 };
    const ref = await talk.send({ content: [place] });
    const { content, plaintext } = await ref.get();
    t.same(content, [place], "content");
    t.ok(plaintext.includes("52.0907"), `plaintext: ${plaintext}`);
    for (const [wrong, field] of [
      [{ latitude: 91 }, "latitude"],
      [{ latitude: -90.1 }, "latitude"],
      [{ longitude: 181 }, "longitude"],
      [{ latitude: "52" }, "latitude"],
      [{ longitude: undefined }, "longitude"],
    ]) {
      await refused(
        t,
        talk.send({ content: [{ ...place, ...wrong }] }),
        "invalid_argument",
        `content[0].${field}`,
        JSON.stringify(wrong),
      );
    }
  },

  async what_a_user_may_not_send_is_refused_and_names_its_place(t) {
    const {
      refs: [talk],
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
      const what = JSON.stringify(wrong).slice(0, 100);
      const error = await t.rejection(talk.send(wrong), what);
      t.ok(
        ["invalid_argument", "forbidden"].includes(error.code),
        `${what}: ${error.code}: ${error.message}`,
      );
      if (field) t.is(error.field, field, `field of "${error.message}"`);
    }
    t.is((await talk.get()).lastMessage, null, "nothing was sent");
    const fine = { type: "autoLink", url: "https://www.example.com/", text: "example.com" };
    t.same((await (await talk.send({ content: text(fine) })).get()).content, text(fine), "one that matches");
  },

  async replies_refer_to_messages_of_the_conversation(t) {
    const {
      sessions: [ada],
      refs: [talk],
    } = await t.chat("ada");
    const first = await talk.send("first");
    for (const referencedMessage of [first, first.id, { id: first.id }]) {
      const { referencedMessage: shown } = await (
        await talk.send({ text: "reply", referencedMessage })
      ).get();
      t.is(shown.plaintext, "first", JSON.stringify(referencedMessage));
    }
    const elsewhere = ada.conversation(t.id("elsewhere"));
    await elsewhere.set({});
    const other = await elsewhere.send("other");
    for (const wrong of [other, t.id("nothing")]) {
      const error = await t.rejection(talk.send({ text: "reply", referencedMessage: wrong }));
      t.ok(["invalid_argument", "not_found"].includes(error.code), `${error.code}: ${error.message}`);
      t.is(error.field, "referencedMessage", error.message);
    }
    // Regression of the original: get() lost the referenced message.
    const reply = await talk.send({ text: "reply", referencedMessage: first });
    await first.edit("first, edited");
    t.is((await reply.get()).referencedMessage.plaintext, "first, edited", "it follows edits");
    t.is(
      (await talk.get()).lastMessage.referencedMessage.plaintext,
      "first, edited",
      "in the conversation too",
    );
    await first.delete();
    t.is((await reply.get()).referencedMessage, null, "null once deleted");
  },

  async an_edit_changes_what_it_names(t) {
    const {
      refs: [talk],
    } = await t.chat("ada");
    const ref = await talk.send({ text: "one", custom: { a: "1", b: "2" } });
    const before = await ref.get();
    t.is(await ref.edit("*two*"), undefined, "what it resolves with");
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
      await refused(t, ref.edit(wrong), "invalid_argument", field, JSON.stringify(wrong));
    }
    t.is((await ref.get()).content[0].type, "location", "unchanged by what was refused");
  },

  async only_its_sender_may_edit_or_delete_a_message(t) {
    const {
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const ref = await talk.send("hers");
    await t.code(his.message(ref.id).edit("his"), "forbidden");
    await t.code(his.message(ref.id).delete(), "forbidden");
    t.is((await his.message(ref.id).get()).plaintext, "hers", "unchanged");
    t.is(await ref.delete(), undefined, "deleted");
    t.is(await ref.delete(), undefined, "deleting is idempotent");
    t.is(await ref.get(), null, "gone");
    await t.code(ref.edit("more"), "not_found");
    t.is((await talk.get()).lastMessage, null, "no last message any more");
  },

  async a_stranger_and_a_reader_are_refused(t) {
    const {
      refs: [talk, his],
    } = await t.chat("ada", "bob");
    const ref = await talk.send("hers");
    const stranger = t.session({ userId: t.id("stranger") }).conversation(talk.id);
    await t.code(stranger.send("hello"), "not_found");
    await t.code(stranger.message(ref.id).edit("hello"), "not_found");
    t.is(await stranger.message(ref.id).get(), null, "nothing to read");
    for (const call of [
      () => stranger.markAsRead(),
      () => stranger.markAsUnread(),
      () => stranger.message(ref.id).reactions("👍").add(),
    ]) {
      await t.code(call(), "not_found", String(call));
    }
    const mine = await his.send("his");
    await talk.participant(t.id("bob")).edit({ access: "Read" });
    await t.code(his.send("more"), "forbidden");
    await t.code(mine.edit("more"), "forbidden");
    await t.code(his.message(ref.id).reactions("👍").add(), "forbidden");
    t.is((await his.message(ref.id).get()).plaintext, "hers", "reading goes on");
    await his.markAsRead();
  },

  async many_sends_without_await_keep_their_order(t) {
    const {
      refs: [talk],
    } = await t.chat("ada");
    const refs = await Promise.all(Array.from({ length: 50 }, (_, n) => talk.send(`m${n}`)));
    const all = await Promise.all(refs.map((ref) => ref.get()));
    t.same(
      all.map(({ plaintext }) => plaintext),
      Array.from({ length: 50 }, (_, n) => `m${n}`),
      "each is its own",
    );
    t.ok(
      all.every(({ createdAt }, n) => n === 0 || createdAt >= all[n - 1].createdAt),
      "in the order they were sent",
    );
    t.is((await talk.get()).lastMessage.plaintext, "m49", "the last is the last");
  },

  async text_of_every_script_survives(t) {
    const {
      refs: [talk],
    } = await t.chat("ada");
    const said =
      '\u0410\u0434\u0430 \u{1F469}\u200D\u{1F680} \u05D0\u05D1 "quoted" \\ </script> \u2028 e\u0301 \\ud83d';
    t.is((await (await talk.send(said)).get()).plaintext, said, "plaintext");
    const half = "\u{1F419}".substring(0, 1);
    const ref = await talk.send({ text: `a ${half}`, custom: { [`k${half}`]: `\\${half}\\ud83d` } });
    const { plaintext, custom } = await ref.get();
    t.same([plaintext, custom], ["a \uFFFD", { "k\uFFFD": "\\\uFFFD\\ud83d" }], "half a character");
  },
};
