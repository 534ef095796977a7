// Updates of subscriptions to users, typing and presence.

export const cases = {
  async user_subscription_reports_creation_and_changes(t) {
    const [ada] = await t.users("ada");
    const bob = ada.user(t.id("bob"));
    const seen = await t.subscribe((on) => bob.subscribe(on));
    t.is(seen.latest, null, "no such user");
    await bob.set({ name: "Bob", custom: { color: "blue" } });
    await seen.until((user) => user?.name === "Bob", "created");
    const before = seen.latest;
    await bob.set({ role: "buyer" });
    await seen.until((user) => user.role === "buyer", "another role");
    t.changedKeys(before, seen.latest, ["role"]);
    t.ok(seen.latest.custom === before.custom, "custom is the same object");
    t.same(seen.latest, await bob.get(), "the result of get()");
    await t.expectNoCalls([seen], () => bob.set({ role: "buyer", name: "Bob" }), "a call without effect");
    await t.expectNoCalls(
      [seen],
      () => bob.set({ email: "bob@example.com", phone: ["555-0100"], pushTokens: { "fcm:1": true } }),
      "a change of private fields",
    );
    await t.rest("PUT", `/users/${bob.id}`, { name: "Bob II" });
    await seen.until((user) => user.name === "Bob II", "by a backend");
    t.is(seen.calls.length, 4, "calls");
  },

  async typing_is_shown_to_the_others(t) {
    const {
      sessions: [, bob, cem],
      refs: [conversation, his, theirs],
    } = await t.chat("ada", "bob", "cem");
    const seen = await t.subscribe((on) => conversation.subscribeTyping(on));
    t.same(seen.latest, { many: false, users: [] }, "nobody");
    t.ok(Object.isFrozen(seen.latest) && Object.isFrozen(seen.latest.users), "frozen");
    await t.expectNoCalls([seen], () => conversation.markAsTyping(), "the user's own typing");
    const typers = () => seen.latest.users.map(({ name }) => name).join();
    await his.markAsTyping();
    await theirs.markAsTyping();
    await seen.until(() => typers() === "bob,cem", "two");
    await t.expectNoCalls([seen], () => his.markAsTyping(), "a repeated call");
    await bob.currentUser.set({ name: "Bob" });
    await seen.until(() => typers() === "Bob,cem", "a name");
    await his.send("Done");
    await seen.until(() => typers() === "cem", "a message ends it");
    await theirs.participant(cem.currentUser).delete();
    await seen.until(() => typers() === "", "leaving ends it");
  },

  async more_than_five_typing_users_are_many(t) {
    const people = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const { refs } = await t.chat("ada", ...people);
    const seen = await t.subscribe((on) => refs[0].subscribeTyping(on));
    for (const ref of refs.slice(1, 6)) await ref.markAsTyping();
    await seen.until(
      ({ users }) => users?.map(({ name }) => name).join() === "a,b,c,d,e",
      "five users, in the order they started",
    );
    await refs[6].markAsTyping();
    await seen.until(({ many }) => many, "six are many");
    t.same(seen.latest, { many: true }, "the whole snapshot");
    await t.expectNoCalls(
      [seen],
      async () => {
        await refs[7].markAsTyping();
        await refs[8].markAsTyping();
      },
      "more than six",
    );
    await refs[8].send("Done");
    await refs[7].send("Done");
    await t.pause(50);
    t.same(seen.latest, { many: true }, "still six");
    await refs[1].send("Done");
    await seen.until(({ users }) => users?.map(({ name }) => name).join() === "b,c,d,e,f", "five again");
  },

  async typing_without_renewal_expires(t) {
    const {
      refs: [conversation, his],
    } = await t.chat("ada", "bob");
    const seen = await t.subscribe((on) => conversation.subscribeTyping(on));
    const clock = t.clock();
    await his.markAsTyping();
    await seen.until(({ users }) => users.length === 1, "one");
    // Only the receiver's clock advances, as if the network had lost the end; the server's clock does not.
    clock.advance(12_000);
    await t.pause(20);
    t.is(seen.latest.users.length, 1, "within the tolerance");
    clock.advance(1_500);
    await t.until(() => seen.latest.users.length === 0, "expired");
  },

  async user_is_online_while_subscribed_and_shortly_after(t) {
    const [ada] = await t.users("ada");
    const nobody = await t.subscribe((on) => ada.user(t.id("nobody")).subscribeOnline(on));
    t.is(nobody.latest, null, "no such user");
    // Created by a backend, so without any request or subscription of the user.
    await t.rest("PUT", `/users/${t.id("cem")}`, { name: "cem" });
    const cem = t.session({ userId: t.id("cem") });
    const seen = await t.subscribe((on) => ada.user(t.id("cem")).subscribeOnline(on));
    t.same([seen.latest.user.name, seen.latest.isConnected], ["cem", false], "not yet");
    const handle = cem.currentUser.subscribe();
    await seen.until(({ isConnected }) => isConnected, "subscribed");
    await cem.currentUser.set({ name: "Cem" });
    await seen.until(({ user }) => user.name === "Cem", "a name");
    t.is(seen.latest.isConnected, true, "still");
    const stopped = performance.now();
    handle.unsubscribe();
    await t.pause(1000);
    t.is(seen.latest.isConnected, true, "shortly after");
    await seen.until(({ isConnected }) => !isConnected, "offline");
    t.ok(performance.now() - stopped > 3000 && performance.now() - stopped < 9000, "after some seconds");
    t.is(seen.calls.length, 4, "calls");
  },
};
