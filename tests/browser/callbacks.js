// The program's own functions: they may call everything, and what they throw harms nothing.

/** A session that the server refuses at the first request. */
const doomed = (t) => t.session({ appId: "auth", userId: t.id("doomed"), token: "no token at all" });

/** Calls every method there is; returns what the asynchronous ones promise. */
const everything = (t, session) => {
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
    const told = [];
    // The demo app asks for no token, so any will do: what counts is the moment of the call.
    const session = t.session();
    session.onNeedToken = () => told.push("onNeedToken", everything(t, session));
    const first = session.currentUser.get().then(() => told.push("then", everything(t, session)));
    await first;
    const fetched = t.session({
      userId: t.id("fetcher"),
      tokenFetcher: () => {
        told.push("tokenFetcher", everything(t, fetched));
        return "header.claims.signature";
      },
    });
    await fetched.currentUser.get().finally(() => told.push("finally", everything(t, fetched)));
    const ended = doomed(t);
    ended.onError(() => told.push("onError", everything(t, ended)));
    await ended.currentUser.get().catch(() => told.push("catch", everything(t, ended)));
    await t.until(() => told.includes("onError"), "onError is called");

    for (const name of ["onNeedToken", "then", "tokenFetcher", "finally", "onError", "catch"]) {
      t.ok(told.includes(name), `${name} was called: ${told.filter((one) => typeof one === "string")}`);
    }
    const outcomes = await Promise.all(told.filter(Array.isArray).map((promises) => Promise.all(promises)));
    for (const [get, create, set, conversation, wrong] of outcomes) {
      t.ok([null, undefined, "session_ended"].includes(get === null ? null : get?.code), `get: ${get}`);
      t.ok(create === undefined || create.code === "session_ended", `createIfNotExists: ${create}`);
      t.ok(set === undefined || set.code === "session_ended", `set: ${set}`);
      t.ok(conversation === null || conversation.code === "session_ended", `conversation: ${conversation}`);
      t.ok(["invalid_argument", "session_ended"].includes(wrong.code), `a wrong set: ${wrong}`);
    }
    t.is(await session.currentUser.get(), null, "afterwards");
    t.same(uncaught.map(String), [], "uncaught");
  },

  async a_token_handler_that_throws_is_reported_and_asked_again(t) {
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
      let asked = 0;
      session.onNeedToken = async () => session.setToken(await t.token(session.currentUser.id));
      const works = session.onNeedToken;
      session.onNeedToken = () => (++asked === 1 ? fails() : works());
      t.is(await session.currentUser.get(), null, "the answer");
      t.is(asked, 2, "asked");
    }
    await t.until(() => uncaught.length >= 2, "both are reported");
    t.same(
      uncaught.map((error) => error.message),
      ["no backend", "no backend"],
      "reported",
    );
  },

  async a_token_fetcher_that_fails_is_reported_and_asked_again(t) {
    const uncaught = t.uncaught();
    const failures = [
      () => {
        throw new Error("no backend");
      },
      () => Promise.reject(new Error("no backend")),
      () => undefined,
    ];
    let asked = 0;
    const session = t.session({
      appId: "auth",
      tokenFetcher: () => failures[asked++]?.() ?? (asked > 3 ? t.token(t.id("me")) : undefined),
    });
    t.is(await session.currentUser.get(), null, "the answer");
    t.is(asked, 4, "asked");
    t.same(
      uncaught.map((error) => error.message),
      ["no backend", "no backend"],
      "reported",
    );
  },

  async an_error_handler_that_throws_harms_no_other(t) {
    const uncaught = t.uncaught();
    const session = doomed(t);
    const told = [];
    session.onError(() => told.push("first"));
    session.onError(() => {
      throw new Error("the handler's own");
    });
    session.onError(() => told.push("third"));
    await t.code(session.currentUser.get(), "not_authenticated");
    await t.until(
      () => told.length === 2 && uncaught.length === 1,
      "the others are called, and the error is reported",
    );
    t.is(uncaught[0].message, "the handler's own", "reported");
    t.is(await t.session().currentUser.get(), null, "another session");
  },

  async an_unsubscribed_error_handler_is_not_called(t) {
    const session = doomed(t);
    const told = [];
    const handler = () => told.push("gone");
    const subscription = session.onError(handler);
    session.onError(() => told.push("stays"));
    subscription.unsubscribe();
    subscription.unsubscribe();
    await t.code(session.currentUser.get(), "not_authenticated");
    await t.until(() => told.length > 0, "the other is called");
    await t.pause(20);
    t.same(told, ["stays"]);
  },

  async an_error_handler_of_an_ended_session_is_told_later(t) {
    const session = doomed(t);
    await t.code(session.currentUser.get(), "not_authenticated");
    const told = [];
    const { unsubscribe } = session.onError((error) => told.push(error.code));
    t.same(told, [], "at once");
    await t.until(() => told.length > 0, "it is told");
    unsubscribe();
    t.same(told, ["not_authenticated"]);
  },

  async what_is_no_handler_is_a_type_error(t) {
    for (const handler of [undefined, null, "f", {}]) {
      const error = t.thrown(() => t.session().onError(handler));
      t.ok(error instanceof TypeError && error.field === "handler", `${error}`);
    }
  },

  async a_rejection_that_is_handled_is_no_uncaught_one(t) {
    const uncaught = t.uncaught();
    const session = t.session();
    await session.currentUser.set({ name: 5 }).catch(() => {});
    await session
      .user(t.id("ada"))
      .set({})
      .catch(() => {});
    await t.pause(50);
    t.same(uncaught.map(String), [], "uncaught");
    // One that nobody handles is the program's, and shows.
    session.currentUser.set({ name: 5 });
    await t.until(() => uncaught.length > 0, "an unhandled rejection shows");
    t.is(uncaught[0].code, "invalid_argument", "its code");
  },
};
