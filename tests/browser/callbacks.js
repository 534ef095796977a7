// The program's callbacks: they can call every method, and an exception in one affects nothing else.

/** Returns a session that the server rejects at the first request. */
const rejectedSession = (t) =>
  t.session({ appId: "auth", userId: t.id("rejected"), token: "no token at all" });

/** Calls every method and returns the promises of the asynchronous ones. */
const callEverything = (t, session) => {
  session.setToken("header.claims.signature");
  session.onNeedToken = session.onNeedToken;
  session.onError(() => {}).unsubscribe();
  t.is(session.appId, session.appId, "appId");
  t.getTalkSession(t.options());
  return [
    session.currentUser.get(),
    session.user(t.id("ada")).createIfNotExists({ name: "Ada" }),
    session.user(t.id("ada")).set({ role: "buyer" }),
    session.conversation(t.id("talk")).get(),
    session.user(t.id("ada")).set({ name: 5 }),
  ].map((promise) => promise.catch((error) => error));
};

export const cases = {
  async every_method_can_be_called_in_every_callback(t) {
    const uncaught = t.uncaught();
    const called = [];
    // The demo app needs no token, so any will do: the test is about calls during the callback.
    const session = t.session();
    session.onNeedToken = () => called.push("onNeedToken", callEverything(t, session));
    const first = session.currentUser.get().then(() => called.push("then", callEverything(t, session)));
    await first;
    const fetched = t.session({
      userId: t.id("fetcher"),
      tokenFetcher: () => {
        called.push("tokenFetcher", callEverything(t, fetched));
        return "header.claims.signature";
      },
    });
    await fetched.currentUser.get().finally(() => called.push("finally", callEverything(t, fetched)));
    const ended = rejectedSession(t);
    ended.onError(() => called.push("onError", callEverything(t, ended)));
    await ended.currentUser.get().catch(() => called.push("catch", callEverything(t, ended)));
    await t.until(() => called.includes("onError"), "onError is called");

    for (const name of ["onNeedToken", "then", "tokenFetcher", "finally", "onError", "catch"]) {
      t.ok(called.includes(name), `${name} was called: ${called.filter((one) => typeof one === "string")}`);
    }
    const outcomes = await Promise.all(called.filter(Array.isArray).map((promises) => Promise.all(promises)));
    for (const [get, create, set, conversation, wrong] of outcomes) {
      t.ok([null, undefined, "session_ended"].includes(get === null ? null : get?.code), `get: ${get}`);
      t.ok(create === undefined || create.code === "session_ended", `createIfNotExists: ${create}`);
      t.ok(set === undefined || set.code === "session_ended", `set: ${set}`);
      t.ok(conversation === null || conversation.code === "session_ended", `conversation: ${conversation}`);
      t.ok(["invalid_argument", "session_ended"].includes(wrong.code), `an invalid set: ${wrong}`);
    }
    t.is(await session.currentUser.get(), null, "a later get");
    t.same(uncaught.map(String), [], "uncaught");
  },

  async throwing_token_handler_is_reported_and_retried(t) {
    const uncaught = t.uncaught();
    for (const fails of [
      () => {
        throw new Error("no backend");
      },
      async () => {
        throw new Error("no backend");
      },
    ]) {
      const session = t.session({ appId: "auth", userId: t.id(`me-${uncaught.length}`) });
      let calls = 0;
      session.onNeedToken = async () => session.setToken(await t.token(session.currentUser.id));
      const works = session.onNeedToken;
      session.onNeedToken = () => (++calls === 1 ? fails() : works());
      t.is(await session.currentUser.get(), null, "the result");
      t.is(calls, 2, "calls of the handler");
    }
    await t.until(() => uncaught.length >= 2, "both are reported");
    t.same(
      uncaught.map((error) => error.message),
      ["no backend", "no backend"],
      "reported",
    );
  },

  async failing_token_fetcher_is_reported_and_retried(t) {
    const uncaught = t.uncaught();
    const failures = [
      () => {
        throw new Error("no backend");
      },
      () => Promise.reject(new Error("no backend")),
      () => undefined,
    ];
    let calls = 0;
    const session = t.session({
      appId: "auth",
      tokenFetcher: () => failures[calls++]?.() ?? (calls > 3 ? t.token(t.id("me")) : undefined),
    });
    t.is(await session.currentUser.get(), null, "the result");
    t.is(calls, 4, "calls of the handler");
    t.same(
      uncaught.map((error) => error.message),
      ["no backend", "no backend"],
      "reported",
    );
  },

  async throwing_error_handler_affects_no_other(t) {
    const uncaught = t.uncaught();
    const session = rejectedSession(t);
    const called = [];
    session.onError(() => called.push("first"));
    session.onError(() => {
      throw new Error("from the handler");
    });
    session.onError(() => called.push("third"));
    await t.rejectsWith(session.currentUser.get(), "not_authenticated");
    await t.until(
      () => called.length === 2 && uncaught.length === 1,
      "the others are called, and the error is reported",
    );
    t.is(uncaught[0].message, "from the handler", "reported");
    t.is(await t.session().currentUser.get(), null, "another session");
  },

  async unsubscribed_error_handler_is_not_called(t) {
    const session = rejectedSession(t);
    const called = [];
    const handler = () => called.push("unsubscribed");
    const subscription = session.onError(handler);
    session.onError(() => called.push("subscribed"));
    subscription.unsubscribe();
    subscription.unsubscribe();
    await t.rejectsWith(session.currentUser.get(), "not_authenticated");
    await t.until(() => called.length > 0, "the other is called");
    await t.pause(20);
    t.same(called, ["subscribed"]);
  },

  async error_handler_added_after_the_end_is_called(t) {
    const session = rejectedSession(t);
    await t.rejectsWith(session.currentUser.get(), "not_authenticated");
    const called = [];
    const { unsubscribe } = session.onError((error) => called.push(error.code));
    t.same(called, [], "not within the call");
    await t.until(() => called.length > 0, "the handler is called");
    unsubscribe();
    t.same(called, ["not_authenticated"]);
  },

  async invalid_handler_throws_a_type_error(t) {
    for (const handler of [undefined, null, "f", {}]) {
      /** @type {import("./context.js").SdkError} */
      const error = t.throws(() => t.session().onError(handler));
      t.ok(error instanceof TypeError && error.field === "handler", `${error}`);
    }
  },

  async handled_rejections_are_not_reported(t) {
    const uncaught = t.uncaught();
    const session = t.session();
    await session.currentUser.set({ name: 5 }).catch(() => {});
    await session
      .user(t.id("ada"))
      .set({})
      .catch(() => {});
    await t.pause(50);
    t.same(uncaught.map(String), [], "uncaught");
    // An unhandled rejection is reported.
    session.currentUser.set({ name: 5 });
    await t.until(() => uncaught.length > 0, "an unhandled rejection shows");
    t.is(uncaught[0].code, "invalid_argument", "its code");
  },
};
