// Reactions: adding, removing, counting and listing. Subscriptions are tested in message_updates.js.

export const cases = {
  async adding_and_removing_are_idempotent(t) {
    const {
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const message = await conversation.send("Hello");
    const thumbs = message.reactions("👍");
    for (let n = 0; n < 2; n += 1) t.is(await thumbs.add(), undefined, "added");
    await his.message(message.id).reactions("👍").add();
    t.same((await message.get()).reactions, [{ emoji: "👍", count: 2, currentUserReacted: true }], "summary");
    t.same(Object.isFrozen((await message.get()).reactions[0]), true, "frozen");
    for (let n = 0; n < 2; n += 1) t.is(await thumbs.remove(), undefined, "removed");
    t.same(
      (await message.get()).reactions,
      [{ emoji: "👍", count: 1, currentUserReacted: false }],
      "the other user's",
    );
    await his.message(message.id).reactions("👍").remove();
    t.same((await message.get()).reactions, [], "none");
    t.is((await message.get()).editedAt, null, "a reaction is not an edit");
  },

  async summaries_are_ordered_by_first_reaction(t) {
    const {
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const message = await conversation.send("Hello");
    for (const emoji of ["🎉", "👍", ":shipit:"]) {
      await message.reactions(emoji).add();
      await t.pause(2);
    }
    await his.message(message.id).reactions("👍").add();
    t.same(
      (await message.get()).reactions.map(({ emoji, count }) => [emoji, count]),
      [
        ["🎉", 1],
        ["👍", 2],
        [":shipit:", 1],
      ],
    );
    t.same((await conversation.get()).lastMessage.reactions.length, 3, "in the last message too");
  },

  async first_ten_reactions_are_listed_oldest_first(t) {
    const names = Array.from({ length: 12 }, (_, n) => `p${n}`);
    const { refs } = await t.chat(...names);
    const message = await refs[0].send("Hello");
    const mine = message.reactions("👍");
    t.same(await mine.getFirstReactions(), [], "none");
    for (const ref of refs) {
      await ref.message(message.id).reactions("👍").add();
      await t.pause(2);
    }
    const list = await mine.getFirstReactions();
    t.same(
      list.map(({ user }) => user.name),
      names.slice(0, 10),
      "the first ten",
    );
    t.ok(Object.isFrozen(list) && Object.isFrozen(list[0]) && Object.isFrozen(list[0].user), "frozen");
    t.same(Object.keys(list[0]), ["user", "createdAt"], "keys");
    t.ok(
      list.every(({ createdAt }, n) => n === 0 || createdAt >= list[n - 1].createdAt),
      "createdAt",
    );
    t.is(await refs[0].message(t.id("nothing")).reactions("👍").getFirstReactions(), null, "no such message");
    const stranger = t.session({ userId: t.id("stranger") }).conversation(refs[0].id);
    t.is(await stranger.message(message.id).reactions("👍").getFirstReactions(), null, "not a participant");
  },

  async emoji_are_normalised(t) {
    const {
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const message = await conversation.send("Hello");
    await message.reactions("\u2764").add();
    await his.message(message.id).reactions("\u2764\uFE0F").add();
    t.same(
      (await message.get()).reactions,
      [{ emoji: "\u2764\uFE0F", count: 2, currentUserReacted: true }],
      "fully qualified",
    );
    t.is((await message.reactions("\u2764").getFirstReactions()).length, 2, "listed under either form");
    await message.reactions("\u2764\uFE0F").remove();
    t.is((await message.get()).reactions[0].count, 1, "removed under either form");
  },

  async invalid_emoji_is_rejected(t) {
    const {
      refs: [conversation],
    } = await t.chat("ada");
    const message = await conversation.send("Hello");
    for (const emoji of ["a", "ok", "👍👍", "👍 ", ":", "::", ":a", `:${"x".repeat(60)}:`, "1"]) {
      const error = await t.rejectsWith(message.reactions(emoji).add(), "invalid_argument", emoji);
      t.is(error.field, "emoji", `field of "${error.message}"`);
    }
    for (const emoji of ["👩‍🚀", "👍🏽", "🇳🇱", ":a:", `:${"x".repeat(48)}:`])
      await message.reactions(emoji).add();
    t.is((await message.get()).reactions.length, 5, "valid emoji");
  },

  async message_has_at_most_fifty_emoji(t) {
    const {
      refs: [conversation],
    } = await t.chat("ada");
    const message = await conversation.send("Hello");
    await Promise.all(Array.from({ length: 50 }, (_, n) => message.reactions(`:e${n}:`).add()));
    const error = await t.rejects(message.reactions(":one-more:").add());
    t.ok(
      ["invalid_argument", "forbidden", "too_large"].includes(error.code) && error.message.includes("50"),
      `${error.code}: ${error.message}`,
    );
    await message.reactions(":e7:").add();
    t.is((await message.get()).reactions.length, 50, "fifty");
    await message.reactions(":e7:").remove();
    await message.reactions(":one-more:").add();
    t.is((await message.get()).reactions.at(-1).emoji, ":one-more:", "another emoji fits again");
  },
};
