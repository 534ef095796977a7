// Tokens: asked for when they are needed, used where they belong, and what happens when they are refused.

const auth = (t, more) => t.session({ appId: "auth", ...more });

export const cases = {
  async a_token_is_asked_for_before_the_first_request_and_used(t) {
    const sent = t.record();
    const session = auth(t);
    const token = await t.token(t.id("me"));
    let asked = 0;
    session.onNeedToken = () => {
      asked += 1;
      t.same(sent.texts, [], "nothing is sent before");
      session.setToken(token);
    };
    await t.pause(30);
    t.is(asked, 0, "asked before there is need");
    const [snapshot] = await Promise.all([session.currentUser.get(), session.currentUser.get()]);
    t.is(snapshot, null, "the answer");
    t.is(asked, 1, "asked");
    const shown = t.transport === "http" ? sent.tokens[0] : JSON.parse(sent.texts[0]).token;
    t.is(shown, t.transport === "http" ? `Bearer ${token}` : token, "the token that was shown");
    await session.currentUser.set({ name: "Me" });
    t.is(asked, 1, "asked, later");
  },

  async a_token_from_the_options_is_used_without_asking(t) {
    const session = auth(t, { token: await t.token(t.id("me")) });
    session.onNeedToken = () => {
      throw new Error("nobody needs a token");
    };
    await session.currentUser.set({ name: "Me" });
    t.is((await session.currentUser.get()).name, "Me", "name");
  },

  async the_token_fetcher_is_waited_for(t) {
    let asked = 0;
    const tokenFetcher = async () => {
      asked += 1;
      await t.pause(100);
      return t.token(t.id("me"));
    };
    const session = auth(t, { tokenFetcher });
    await Promise.all([session.currentUser.set({ name: "Me" }), session.currentUser.get()]);
    t.is(asked, 1, "asked");
  },

  async a_token_fetcher_may_return_at_once_or_any_thenable(t) {
    const one = await t.token(t.id("one"));
    t.is(await auth(t, { userId: t.id("one"), tokenFetcher: () => one }).currentUser.get(), null, "a string");
    const two = await t.token(t.id("two"));
    const tokenFetcher = () => ({ then: (resolve) => setTimeout(() => resolve(two), 10) });
    t.is(await auth(t, { userId: t.id("two"), tokenFetcher }).currentUser.get(), null, "a thenable");
  },

  async a_token_is_never_in_the_address(t) {
    const sent = t.record();
    const token = await t.token(t.id("me"));
    await auth(t, { token }).currentUser.get();
    for (const url of [...sent.sockets, ...sent.calls]) {
      t.ok(!url.includes(token) && !url.includes("?"), `${url} carries no token`);
    }
  },

  async a_refused_token_ends_the_session_once(t) {
    const session = auth(t, { token: await t.token(t.id("me"), { secret: "another secret" }) });
    const told = [];
    session.onError((error) => told.push(error));
    const pending = [
      session.currentUser.get(),
      session.currentUser.set({ name: "Me" }),
      session.conversation("c").get(),
    ];
    for (const promise of pending) await t.code(promise, "not_authenticated");
    await t.until(() => told.length > 0, "onError is called");
    t.is(told[0].code, "not_authenticated", "what onError is told");
    t.is(told[0].name, "CauserieError", "its name");
    for (const promise of [
      session.currentUser.get(),
      session.currentUser.set({ name: "Me" }),
      session.conversation("c").get(),
    ]) {
      const error = await t.code(promise, "session_ended");
      t.ok(error.message.includes("getTalkSession"), error.message);
    }
    session.setToken(await t.token(t.id("me")));
    await t.code(session.currentUser.get(), "session_ended");
    t.is(told.length, 1, "told");

    const next = auth(t, { token: await t.token(t.id("me")) });
    t.ok(next !== session, "a new session");
    t.is(await next.currentUser.get(), null, "which works");
    t.is(auth(t), next, "and is the one from now on");
  },

  async a_refused_token_is_asked_for_anew(t) {
    const session = auth(t, { token: await t.token(t.id("me"), { life: -3600 }) });
    let asked = 0;
    session.onNeedToken = async () => {
      asked += 1;
      session.setToken(await t.token(t.id("me")));
    };
    t.is(await session.currentUser.get(), null, "the answer");
    t.is(asked, 1, "asked");
  },

  async no_token_at_all_is_not_authenticated(t) {
    const error = await t.code(auth(t).currentUser.get(), "not_authenticated");
    t.ok(/token/.test(error.message), error.message);
  },

  async another_token_takes_over_without_a_gap(t) {
    const sent = t.record();
    const session = auth(t, { token: await t.token(t.id("me")) });
    await session.currentUser.set({ name: "Me" });
    const next = await t.token(t.id("me"), { life: 7200 });
    const around = [session.currentUser.get()];
    session.setToken(next);
    around.push(session.currentUser.get());
    for (const snapshot of await Promise.all(around)) t.is(snapshot.name, "Me", "name");
    await session.currentUser.get();
    if (t.transport === "http") {
      t.is(sent.tokens.at(-1), `Bearer ${next}`, "the token that is shown");
    } else {
      t.is(sent.sockets.length, 1, "sockets");
      t.ok(
        sent.texts.some((text) => text.includes('"auth"') && text.includes(next)),
        "the token was sent on the live socket",
      );
    }
    // A token of another user is refused, and there is nobody to ask for a better one.
    const told = [];
    session.onError((error) => told.push(error.code));
    session.setToken(await t.token(t.id("other")));
    await t.rejection(session.currentUser.get());
    await t.until(() => told.length > 0, "the session ends");
    t.same(told, ["not_authenticated"], "what onError is told");
  },

  async a_token_is_renewed_before_it_expires(t) {
    const session = auth(t);
    let asked = 0;
    session.onNeedToken = async () => {
      asked += 1;
      session.setToken(await t.token(t.id("me"), { life: asked === 1 ? 2 : 3600 }));
    };
    const end = performance.now() + 4000;
    while (performance.now() < end) {
      t.is(await session.currentUser.get(), null, "an answer");
      await t.pause(100);
    }
    t.is(asked, 2, "asked");
  },

  async another_user_may_not_be_written(t) {
    const session = auth(t, { token: await t.token(t.id("me")) });
    await t.code(session.user(t.id("other")).set({ name: "Other" }), "forbidden");
    await t.code(session.user(t.id("other")).createIfNotExists({ name: "Other" }), "forbidden");
    t.is(await session.user(t.id("other")).get(), null, "reading goes");
  },

  async what_is_no_token_is_a_type_error(t) {
    const session = auth(t);
    for (const token of [undefined, null, "", 5, {}, "x".repeat(8193)]) {
      const error = t.thrown(() => session.setToken(token));
      t.ok(error instanceof TypeError, `${error}`);
      t.is(error.field, "token", "field");
    }
    for (const handler of ["f", 5, {}]) {
      const error = t.thrown(() => {
        session.onNeedToken = handler;
      });
      t.ok(error instanceof TypeError, `${error}`);
      t.is(error.field, "onNeedToken", "field");
    }
    const handler = () => {};
    session.onNeedToken = handler;
    t.is(session.onNeedToken, handler, "onNeedToken");
    session.onNeedToken = undefined;
    t.is(session.onNeedToken, undefined, "onNeedToken");
  },
};
