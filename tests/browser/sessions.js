// Sessions and refs: what is the same object, what is thrown at once, and when something is sent.

export const cases = {
  async the_same_host_app_and_user_give_the_same_session(t) {
    const session = t.session();
    t.is(session instanceof Promise, false, "a promise");
    t.is(t.session(), session, "the same options");
    t.is(t.getTalkSession({ ...t.options(), host: `${t.host}/` }), session, "a slash at the end of the host");
    t.is(t.session({ token: undefined, tokenFetcher: undefined }), session, "options that are undefined");
  },

  async another_host_app_or_user_gives_another_session(t) {
    const all = [
      t.session(),
      t.session({ userId: t.id("other") }),
      t.session({ appId: "nosync" }),
      t.session({ host: t.host.replace("127.0.0.1", "localhost") }),
    ];
    t.is(new Set(all).size, 4, "different sessions");
  },

  async a_wrong_option_is_a_type_error_that_names_it(t) {
    const wrong = [
      [{ appId: undefined }, "appId"],
      [{ appId: "" }, "appId"],
      [{ appId: 5 }, "appId"],
      [{ appId: null }, "appId"],
      [{ userId: undefined }, "userId"],
      [{ userId: "" }, "userId"],
      [{ userId: {} }, "userId"],
      [{ userId: "é".repeat(128) }, "userId"],
      [{ host: "chat.example.com" }, "host"],
      [{ host: "https://chat.example.com/path" }, "host"],
      [{ host: "https://" }, "host"],
      [{ host: 80 }, "host"],
      [{ host: null }, "host"],
      [{ transport: "websocket" }, "transport"],
      [{ transport: null }, "transport"],
      [{ token: "" }, "token"],
      [{ token: 5 }, "token"],
      [{ token: "x".repeat(8193) }, "token"],
      [{ tokenFetcher: "token" }, "tokenFetcher"],
    ];
    for (const [option, field] of wrong) {
      const error = t.thrown(() => t.getTalkSession(t.options(option)), JSON.stringify(option));
      t.ok(error instanceof TypeError, `a TypeError for ${JSON.stringify(option)}: ${error}`);
      t.is(error.field, field, `field for ${JSON.stringify(option)}`);
      t.is(error.code, "invalid_argument", "code");
      t.ok(error.message.includes(field), `"${error.message}" names ${field}`);
    }
    for (const options of [undefined, null, "demo", 5, []]) {
      const error = t.thrown(() => t.getTalkSession(options));
      t.ok(error instanceof TypeError && error.message.includes("options"), `${error}`);
    }
  },

  async the_default_host_is_the_origin_of_the_page(t) {
    const sent = t.record("http");
    const session = t.getTalkSession({ appId: "demo", userId: t.id("me"), transport: t.transport });
    // The page is of the test runner, which is no Causerie server: what counts is whom it calls.
    session.currentUser.get().catch(() => {});
    const here = location.origin.replace("http", "");
    await t.until(() => [...sent.sockets, ...sent.calls].length > 0, "the page's own server is called");
    for (const url of [...sent.sockets, ...sent.calls]) {
      t.ok(url.includes(`${here}/v1/demo/realtime`), `${url} is on ${location.origin}`);
    }
  },

  async a_session_knows_its_app_and_its_user(t) {
    const session = t.session();
    t.is(session.appId, "demo", "appId");
    t.is(session.currentUser, session.user(t.id("me")), "currentUser");
    t.is(session.currentUser.id, t.id("me"), "its id");
    t.is(session.onNeedToken, undefined, "onNeedToken");
    // A session cannot be given another app: the property is the class's and has no setter.
    t.thrown(() => {
      "use strict";
      session.appId = "other";
    });
  },

  async nothing_is_sent_before_something_is_asked(t) {
    const sent = t.record();
    const session = t.session();
    session.user("ada");
    session.conversation("talk");
    session.setToken("anything");
    session.onError(() => {});
    await t.pause(50);
    t.same([sent.sockets, sent.calls], [[], []], "before");
    await session.currentUser.get();
    t.same([sent.sockets.length, sent.calls.length], t.transport === "http" ? [0, 1] : [1, 0], "after");
  },

  async a_hundred_questions_share_one_connection(t) {
    const sent = t.record();
    const session = t.session();
    await Promise.all(Array.from({ length: 100 }, (_, n) => session.user(`u${n}`).get()));
    await session.currentUser.get();
    t.is(sent.sockets.length, t.transport === "http" ? 0 : 1, "sockets");
    t.ok(sent.calls.length <= 4, `one hundred and one questions took ${sent.calls.length} calls`);
  },

  async refs_are_interned_by_id(t) {
    const session = t.session();
    const other = t.session({ userId: t.id("other") });
    for (const kind of ["user", "conversation"]) {
      const ref = session[kind]("ada");
      t.is(session[kind]("ada"), ref, `the same ${kind}`);
      t.is(session[kind](["a", "da"].join("")), ref, `the same ${kind} by an equal text`);
      t.ok(session[kind]("Ada") !== ref, `another ${kind}`);
      t.ok(other[kind]("ada") !== ref, `another session's ${kind}`);
      t.is(ref.id, "ada", "id");
      t.thrown(() => {
        "use strict";
        ref.id = "bob";
      });
    }
    t.ok(session.user("ada") !== session.conversation("ada"), "a user is no conversation");
  },

  async refs_are_held_weakly(t) {
    // The collector cannot be told to run here, so what it would do is done by a WeakRef of ours.
    const { WeakRef } = globalThis;
    let dead = false;
    let made = 0;
    globalThis.WeakRef = class extends WeakRef {
      constructor(target) {
        super(target);
        made += 1;
      }
      deref() {
        return dead ? undefined : super.deref();
      }
    };
    t.undo.push(() => Object.assign(globalThis, { WeakRef }));
    const session = t.session();
    const ref = session.user("ada");
    t.is(session.user("ada"), ref, "while it lives");
    dead = true;
    const next = session.user("ada");
    t.ok(next !== ref, "a new one after it died");
    dead = false;
    t.is(session.user("ada"), next, "the new one is the one");
    t.is(made, 2, "held by nothing but WeakRefs");
    // A thousand dead ones do not hinder a thousand living ones.
    dead = true;
    for (let n = 0; n < 1000; n += 1) session.user(`u${n}`);
    dead = false;
    const living = Array.from({ length: 1000 }, (_, n) => session.user(`v${n}`));
    for (const [n, one] of living.entries()) t.is(session.user(`v${n}`), one, `v${n}`);
  },

  async what_is_no_id_is_a_type_error_at_once(t) {
    const session = t.session();
    const wrong = [
      undefined,
      null,
      "",
      5,
      {},
      [],
      ["ada"],
      true,
      Symbol("ada"),
      () => "ada",
      ".",
      "..",
      "a\nb",
      "x".repeat(256),
      "é".repeat(128),
    ];
    for (const kind of ["user", "conversation"]) {
      for (const id of wrong) {
        const error = t.thrown(() => session[kind](id), `${kind}(${String(id)})`);
        t.ok(error instanceof TypeError, `${kind}(${String(id)}) throws a TypeError: ${error}`);
        t.is(error.code, "invalid_argument", "code");
      }
      const { message } = t.thrown(() => session[kind](5));
      t.ok(
        message.includes("id") && message.includes("number"),
        `"${message}" says what was wanted and what came`,
      );
    }
  },

  async any_other_text_is_an_id(t) {
    const session = t.session();
    for (const name of [
      "a b",
      "a/b",
      "a@b.c",
      "🐙",
      "é",
      "%2F",
      "?",
      "#",
      "constructor",
      "__proto__",
      "日本語",
    ]) {
      const ref = session.user(t.id(name));
      t.is(ref.id, t.id(name), "id");
      await ref.createIfNotExists({ name });
      t.is((await ref.get()).id, t.id(name), "id of the snapshot");
    }
    t.is(session.user("__proto__").id, "__proto__", "id");
    t.is(session.user("x".repeat(255)).id.length, 255, "the longest id");
    t.is(await session.conversation("constructor").get(), null, "no conversation of an odd name");
  },

  // By WebSocket only: by HTTP the refusal carries no CORS header, for there is no app whose origins would allow the
  // page, so the browser keeps it from the page and all that is known is that no server was reached.
  async an_unknown_app_ends_the_session_with_not_found(t) {
    const session = t.session({ appId: "nowhere" });
    const told = [];
    session.onError((error) => told.push(error));
    const error = await t.code(session.currentUser.get(), "not_found");
    t.ok(error.message.includes("nowhere"), error.message);
    await t.code(session.currentUser.get(), "session_ended");
    await t.until(() => told.length > 0, "onError is called");
    t.ok(t.session({ appId: "nowhere" }) !== session, "a new session");
  },

  // By WebSocket only: with `transport: "http"` there is nothing to block.
  async a_blocked_websocket_is_gone_around_by_http(t) {
    const { WebSocket } = globalThis;
    // A proxy that answers no upgrade: the socket is opened at a port where nobody listens.
    globalThis.WebSocket = class extends WebSocket {
      constructor(url, protocols) {
        super("ws://127.0.0.1:1/", protocols);
      }
    };
    t.undo.push(() => Object.assign(globalThis, { WebSocket }));
    const session = t.session();
    await session.currentUser.set({ name: "Ada" });
    t.is((await session.currentUser.get()).name, "Ada", "name");
    // A page whose policy forbids the socket sees the constructor throw.
    globalThis.WebSocket = class {
      constructor() {
        throw new DOMException("not here", "SecurityError");
      }
    };
    const other = t.session({ userId: t.id("other") });
    t.is(await other.currentUser.get(), null, "a get without sockets");
  },
};
