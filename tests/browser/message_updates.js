// Updates of subscriptions to messages and reactions: each change once, with unchanged parts as the same
// objects.

const ids = (list) => list.map(({ id }) => id);
const names = (list) => list.map(({ user }) => user.name);

export const cases = {
  async unchanged_messages_in_a_window_stay_the_same_objects(t) {
    const {
      sessions: [, bob],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const sent = await Promise.all(Array.from({ length: 40 }, (_, n) => his.send(`m${n}`)));
    const seen = await t.subscribe((on) => conversation.subscribeMessages(on));
    t.same(ids(seen.latest), ids(sent).reverse().slice(0, 30), "the newest thirty, newest first");
    const others = (before, exceptId) => before.filter(({ id }) => id !== exceptId);
    const sameObjects = (before, exceptId) =>
      others(before, exceptId).every((message) => seen.latest.includes(message));

    let before = seen.latest;
    const one = await his.send("new");
    await seen.until((list) => list[0].id === one.id, "a new message");
    t.ok(sameObjects(before), "a new message changes no other");
    t.is(seen.latest.length, 31, "the window grows at its head");
    before = seen.latest;
    await his.message(sent[30].id).edit("edited");
    await seen.until((list) => list.some(({ plaintext }) => plaintext === "edited"), "an edit");
    t.ok(sameObjects(before, sent[30].id), "an edit changes no other");
    t.ok(
      seen.latest.every(({ sender }) => sender === before[0].sender),
      "one sender for all",
    );
    before = seen.latest;
    await conversation.message(sent[35].id).reactions("🎉").add();
    await seen.until((list) => list.some(({ reactions }) => reactions.length), "a reaction");
    t.ok(sameObjects(before, sent[35].id), "a reaction changes no other");
    t.same(seen.latest.find(({ id }) => id === sent[35].id).reactions, [
      { emoji: "🎉", count: 1, currentUserReacted: true },
    ]);
    before = seen.latest;
    await his.message(sent[20].id).delete();
    await seen.until((list) => list.length === 30, "a deletion");
    t.ok(sameObjects(before, sent[20].id), "a deletion changes no other");
    before = seen.latest;
    await bob.currentUser.set({ name: "Bob" });
    await seen.until((list) => list.every(({ sender }) => sender.name === "Bob"), "the sender's name");
    t.ok(
      seen.latest.every((message, n) => message !== before[n] && message.content === before[n].content),
      "the content is the same object",
    );
    t.is(seen.calls.length, 6, "calls");
  },

  async reply_contains_the_referenced_message(t) {
    const {
      sessions: [ada, bob],
      refs: [conversation, his, theirs],
    } = await t.chat("ada", "bob", "cem");
    const first = await theirs.send("first");
    const second = await his.send({ text: "second", referencedMessage: first });
    const third = await conversation.send({ text: "third", referencedMessage: his.message(second.id) });
    const seen = await t.subscribe((on) => conversation.subscribeMessages(on));
    const single = await t.subscribe((on) => conversation.subscribe(on));
    const list = await t.subscribe((on) => ada.subscribeConversations(on));
    const [three, two, one] = seen.latest;
    t.same(ids(seen.latest), [third.id, second.id, first.id], "three messages");
    t.same(
      [
        three.referencedMessage.id,
        three.referencedMessage.referencedMessageId,
        "referencedMessage" in three.referencedMessage,
      ],
      [second.id, first.id, false],
      "one level of references",
    );
    t.same(
      [two.referencedMessage.id, two.referencedMessage.referencedMessageId, one.referencedMessage],
      [first.id, null, null],
      "the others",
    );
    t.ok(
      three.referencedMessage.sender === two.sender && two.referencedMessage.sender === one.sender,
      "equal senders are one object",
    );
    t.ok(
      single.latest.lastMessage === three && list.latest[0] === single.latest,
      "message and conversation are shared",
    );

    // A new name of the referenced message's sender replaces only the objects that contain it.
    const before = single.latest;
    await bob.currentUser.set({ name: "Bob" });
    await single.until(
      ({ lastMessage }) => lastMessage.referencedMessage.sender.name === "Bob",
      "the new name",
    );
    t.changedKeys(before, single.latest, ["lastMessage"]);
    t.changedKeys(before.lastMessage, single.latest.lastMessage, ["referencedMessage"]);
    t.changedKeys(before.lastMessage.referencedMessage, single.latest.lastMessage.referencedMessage, [
      "sender",
    ]);
    await t.until(() => seen.calls.length === 2 && list.calls.length === 2, "the lists are updated");
    t.ok(seen.latest[0] === single.latest.lastMessage && list.latest[0] === single.latest, "still shared");
    t.ok(seen.latest[2] === one, "the first message is the same object");
    // An unchanged sender keeps its identity while the message around it changes.
    const { sender } = single.latest.lastMessage.referencedMessage;
    await conversation.message(third.id).edit("third, edited");
    await single.until(({ lastMessage }) => lastMessage.editedAt !== null, "the edit");
    t.ok(
      single.latest.lastMessage.referencedMessage.sender === sender,
      "the sender in the referenced message of the last message",
    );
    t.ok(
      single.latest.lastMessage.referencedMessage === seen.latest[0].referencedMessage,
      "the referenced message",
    );
    // The referenced message follows edits and reactions, and is null after its deletion.
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
    t.same((await conversation.message(third.id).get()).referencedMessage, null, "and for get()");
  },

  // TalkJS regression: the same snapshot was emitted again when an old message was edited or deleted.
  async changes_outside_the_window_are_not_reported(t) {
    const {
      sessions: [ada],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const sent = await Promise.all(Array.from({ length: 40 }, (_, n) => his.send(`m${n}`)));
    await conversation.markAsRead();
    const seen = await t.subscribe((on) => conversation.subscribeMessages(on));
    const single = await t.subscribe((on) => conversation.subscribe(on));
    const list = await t.subscribe((on) => ada.subscribeConversations(on));
    const old = his.message(sent[3].id);
    await t.expectNoCalls([seen, single, list], () => old.edit("edited"), "an edit below the window");
    await t.expectNoCalls(
      [seen, single, list],
      () => old.reactions("👍").add(),
      "a reaction below the window",
    );
    await t.expectNoCalls([seen, single, list], () => old.delete(), "a deletion below the window");
    await t.expectNoCalls(
      [single, list],
      () => his.message(sent[20].id).edit("edited"),
      "an edit of a message that is not the last",
    );
    await t.expectNoCalls(
      [single, list],
      () => his.message(sent[20].id).delete(),
      "a deletion of a message that is not the last",
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

  // TalkJS regression: the sequence was out of order after subscribing again.
  async resubscribing_to_messages_delivers_each_once_in_order(t) {
    const {
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const expected = [];
    for (let round = 0; round < 10; round += 1) {
      const seen = await t.subscribe((on) => conversation.subscribeMessages(on));
      t.same(ids(seen.latest), [...expected].reverse(), `at the beginning of round ${round}`);
      const sending = [his.send(`a${round}`), conversation.send(`b${round}`), his.send(`c${round}`)];
      if (round % 2) seen.handle.unsubscribe();
      for (const message of await Promise.all(sending)) expected.push(message.id);
      expected.sort();
      if (round % 2 === 0) await seen.until((list) => list.length === expected.length, `round ${round}`);
      seen.handle.unsubscribe();
      const again = await t.subscribe((on) => conversation.subscribeMessages(on));
      const order = again.latest;
      t.same(ids(order).sort(), [...expected], `all of round ${round}`);
      expected.splice(0, Infinity, ...ids(order).reverse());
      t.ok(
        order.every(({ createdAt }, n) => n === 0 || createdAt <= order[n - 1].createdAt),
        "newest first",
      );
      again.handle.unsubscribe();
    }
  },

  async reactions_are_listed_oldest_first(t) {
    const {
      sessions: [, bob],
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const message = await conversation.send("Hello");
    const nothing = await t.subscribe((on) =>
      conversation.message(t.id("nothing")).reactions("👍").subscribe(on),
    );
    t.is(nothing.latest, null, "no such message");
    const seen = await t.subscribe((on) => message.reactions("👍").subscribe(on));
    const messages = await t.subscribe((on) => conversation.subscribeMessages(on));
    t.same([seen.latest, seen.loadedAll], [[], true], "none");
    await message.reactions("👍").add();
    await t.pause(5);
    await his.message(message.id).reactions("👍").add();
    await his.message(message.id).reactions("🎉").add();
    await seen.until((list) => list.length === 2, "two");
    t.same(names(seen.latest), ["ada", "bob"], "in order of creation");
    t.ok(seen.latest[0].createdAt <= seen.latest[1].createdAt, "createdAt");
    await messages.until(([{ reactions }]) => reactions.length === 2, "both emoji");
    t.same(messages.latest[0].reactions, [
      { emoji: "👍", count: 2, currentUserReacted: true },
      { emoji: "🎉", count: 1, currentUserReacted: false },
    ]);
    await bob.currentUser.set({ name: "Bob" });
    await seen.until((list) => names(list).join() === "ada,Bob", "a name");
    await message.reactions("👍").remove();
    await seen.until((list) => names(list).join() === "Bob", "removed");
    t.same(
      await message.reactions("👍").getFirstReactions(),
      seen.latest,
      "the result of getFirstReactions()",
    );
    await message.delete();
    await seen.until((list) => list === null, "the message is deleted");
  },

  async backend_messages_are_reported(t) {
    const {
      refs: [conversation],
      path,
    } = await t.chat("ada", "bob");
    const seen = await t.subscribe((on) => conversation.subscribeMessages(on));
    const single = await t.subscribe((on) => conversation.subscribe(on));
    await t.rest("POST", `${path}/messages`, [
      { type: "SystemMessage", text: "Bob *joined*, see <https://example.com|here>" },
    ]);
    await seen.until((list) => list.length === 1, "a system message");
    const [{ type, sender, origin, plaintext, content }] = seen.latest;
    t.same(
      [type, sender, origin, plaintext],
      ["SystemMessage", null, "rest", "Bob joined, see here"],
      "the message",
    );
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
