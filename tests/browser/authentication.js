// Tokens: when they are requested, how they are used, and the effects of a rejection.

const auth = (t, more) => t.session({ appId: "auth", ...more });

export const cases = {
  async token_is_requested_before_the_first_request(t) {
    const traffic = t.record();
    const session = auth(t);
    const token = await t.token(t.id("me"));
    let calls = 0;
    session.onNeedToken = () => {
      calls += 1;
      t.same(traffic.sent, [], "nothing is sent before the token is set");
      session.setToken(token);
    };
    await t.pause(30);
    t.is(calls, 0, "not called before the first request");
    const [snapshot] = await Promise.all([session.currentUser.get(), session.currentUser.get()]);
    t.is(snapshot, null, "the result");
    t.is(calls, 1, "calls of the handler");
    const presented = t.transport === "http" ? traffic.tokens[0] : JSON.parse(traffic.sent[0]).token;
    t.is(presented, t.transport === "http" ? `Bearer ${token}` : token, "the presented token");
    await session.currentUser.set({ name: "Me" });
    t.is(calls, 1, "calls of the handler, later");
  },

  async token_option_is_used_without_calling_the_handler(t) {
    const session = auth(t, { token: await t.token(t.id("me")) });
    session.onNeedToken = () => {
      throw new Error("no token is needed");
    };
    await session.currentUser.set({ name: "Me" });
    t.is((await session.currentUser.get()).name, "Me", "name");
  },

  async requests_wait_for_the_token_fetcher(t) {
    let calls = 0;
    const tokenFetcher = async () => {
      calls += 1;
      await t.pause(100);
      return t.token(t.id("me"));
    };
    const session = auth(t, { tokenFetcher });
    await Promise.all([session.currentUser.set({ name: "Me" }), session.currentUser.get()]);
    t.is(calls, 1, "calls of the handler");
  },

  async token_fetcher_can_return_a_string_or_a_thenable(t) {
    const one = await t.token(t.id("one"));
    t.is(await auth(t, { userId: t.id("one"), tokenFetcher: () => one }).currentUser.get(), null, "a string");
    const two = await t.token(t.id("two"));
    const tokenFetcher = () => ({ then: (resolve) => setTimeout(() => resolve(two), 10) });
    t.is(await auth(t, { userId: t.id("two"), tokenFetcher }).currentUser.get(), null, "a thenable");
  },

  async token_is_never_in_a_url(t) {
    const traffic = t.record();
    const token = await t.token(t.id("me"));
    await auth(t, { token }).currentUser.get();
    for (const url of [...traffic.socketUrls, ...traffic.requestUrls]) {
      t.ok(!url.includes(token) && !url.includes("?"), `${url} carries no token`);
    }
  },

  async rejected_token_ends_the_session_once(t) {
    const session = auth(t, { token: await t.token(t.id("me"), { secret: "another secret" }) });
    const errors = [];
    session.onError((error) => errors.push(error));
    const pending = [
      session.currentUser.get(),
      session.currentUser.set({ name: "Me" }),
      session.conversation("c").get(),
    ];
    for (const promise of pending) await t.rejectsWith(promise, "not_authenticated");
    await t.until(() => errors.length > 0, "onError is called");
    t.is(errors[0].code, "not_authenticated", "the error given to onError");
    t.is(errors[0].name, "CauserieError", "the name of the error");
    for (const promise of [
      session.currentUser.get(),
      session.currentUser.set({ name: "Me" }),
      session.conversation("c").get(),
    ]) {
      const error = await t.rejectsWith(promise, "session_ended");
      t.ok(error.message.includes("getTalkSession"), error.message);
    }
    session.setToken(await t.token(t.id("me")));
    await t.rejectsWith(session.currentUser.get(), "session_ended");
    t.is(errors.length, 1, "calls of onError");

    const next = auth(t, { token: await t.token(t.id("me")) });
    t.ok(next !== session, "a new session");
    t.is(await next.currentUser.get(), null, "the new session works");
    t.is(auth(t), next, "later calls return the new session");
  },

  async expired_token_is_requested_again(t) {
    const session = auth(t, { token: await t.token(t.id("me"), { lifetime: -3600 }) });
    let calls = 0;
    session.onNeedToken = async () => {
      calls += 1;
      session.setToken(await t.token(t.id("me")));
    };
    t.is(await session.currentUser.get(), null, "the result");
    t.is(calls, 1, "calls of the handler");
  },

  async missing_token_is_not_authenticated(t) {
    const error = await t.rejectsWith(auth(t).currentUser.get(), "not_authenticated");
    t.ok(/token/.test(error.message), error.message);
  },

  async new_token_takes_over_without_interruption(t) {
    const traffic = t.record();
    const session = auth(t, { token: await t.token(t.id("me")) });
    await session.currentUser.set({ name: "Me" });
    const next = await t.token(t.id("me"), { lifetime: 7200 });
    const around = [session.currentUser.get()];
    session.setToken(next);
    around.push(session.currentUser.get());
    for (const snapshot of await Promise.all(around)) t.is(snapshot.name, "Me", "name");
    await session.currentUser.get();
    if (t.transport === "http") {
      t.is(traffic.tokens.at(-1), `Bearer ${next}`, "the presented token");
    } else {
      t.is(traffic.socketUrls.length, 1, "sockets");
      t.ok(
        traffic.sent.some((text) => text.includes('"auth"') && text.includes(next)),
        "the token was sent on the open socket",
      );
    }
    // A token of another user is rejected, and there is no handler that could provide another one.
    const errors = [];
    session.onError((error) => errors.push(error.code));
    session.setToken(await t.token(t.id("other")));
    await t.rejects(session.currentUser.get());
    await t.until(() => errors.length > 0, "the session ends");
    t.same(errors, ["not_authenticated"], "the error given to onError");
  },

  async token_is_renewed_before_it_expires(t) {
    const session = auth(t);
    let calls = 0;
    session.onNeedToken = async () => {
      calls += 1;
      session.setToken(await t.token(t.id("me"), { lifetime: calls === 1 ? 2 : 3600 }));
    };
    const end = performance.now() + 4000;
    while (performance.now() < end) {
      t.is(await session.currentUser.get(), null, "the result");
      await t.pause(100);
    }
    t.is(calls, 2, "calls of the handler");
  },

  async writing_another_user_is_forbidden(t) {
    const session = auth(t, { token: await t.token(t.id("me")) });
    await t.rejectsWith(session.user(t.id("other")).set({ name: "Other" }), "forbidden");
    await t.rejectsWith(session.user(t.id("other")).createIfNotExists({ name: "Other" }), "forbidden");
    t.is(await session.user(t.id("other")).get(), null, "reading is allowed");
  },

  async invalid_token_throws_a_type_error(t) {
    const session = auth(t);
    for (const token of [undefined, null, "", 5, {}, "x".repeat(8193)]) {
      const error = t.throws(() => session.setToken(token));
      t.ok(error instanceof TypeError, `${error}`);
      t.is(error.field, "token", "field");
    }
    for (const handler of ["f", 5, {}]) {
      const error = t.throws(() => {
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
