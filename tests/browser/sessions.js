// Sessions and refs: identity, synchronous errors, and when something is sent.

export const cases = {
  async same_host_app_and_user_return_the_same_session(t) {
    const session = t.session();
    t.is(session instanceof Promise, false, "a promise");
    t.is(t.session(), session, "the same options");
    t.is(t.getTalkSession({ ...t.options(), host: `${t.host}/` }), session, "a slash at the end of the host");
    t.is(
      t.getTalkSession({ ...t.options(), host: t.host.replace("http", "HTTP") }),
      session,
      "the same origin, written otherwise",
    );
    t.is(t.session({ token: undefined, tokenFetcher: undefined }), session, "options that are undefined");
  },

  async different_host_app_or_user_returns_another_session(t) {
    const all = [
      t.session(),
      t.session({ userId: t.id("other") }),
      t.session({ appId: "nosync" }),
      t.session({ host: t.host.replace("127.0.0.1", "localhost") }),
    ];
    t.is(new Set(all).size, 4, "different sessions");
  },

  async host_without_a_scheme_has_https_unless_it_is_this_machine(t) {
    const session = (host) => t.session({ host });
    for (const [host, origin] of [
      ["chat.example.com", "https://chat.example.com"],
      ["Chat.Example.com/", "https://chat.example.com"],
      ["chat.example.com:8443", "https://chat.example.com:8443"],
      ["chat.example.com:443", "https://chat.example.com"],
      ["192.168.0.2:8787", "https://192.168.0.2:8787"],
      ["[2001:db8::1]", "https://[2001:db8::1]"],
      ["localhost.example.com", "https://localhost.example.com"],
      ["127.0.0.1.example.com", "https://127.0.0.1.example.com"],
      ["notlocalhost", "https://notlocalhost"],
      ["localhost", "http://localhost"],
      ["LocalHost:8787", "http://localhost:8787"],
      ["chat.localhost:8787/", "http://chat.localhost:8787"],
      ["127.0.0.2:8787", "http://127.0.0.2:8787"],
      ["[::1]:8787", "http://[::1]:8787"],
    ]) {
      t.is(session(host), session(origin), host);
    }
    // The server of these tests is on this machine.
    t.is(session(t.host.replace("http://", "")), t.session(), "the same server");
  },

  async invalid_option_throws_a_type_error_with_its_field(t) {
    const wrong = [
      [{ appId: undefined }, "appId"],
      [{ appId: "" }, "appId"],
      [{ appId: 5 }, "appId"],
      [{ appId: null }, "appId"],
      [{ userId: undefined }, "userId"],
      [{ userId: "" }, "userId"],
      [{ userId: {} }, "userId"],
      [{ userId: "é".repeat(128) }, "userId"],
      [{ host: "chat.example.com/path" }, "host"],
      [{ host: "//chat.example.com" }, "host"],
      [{ host: "/path" }, "host"],
      [{ host: "ada@chat.example.com" }, "host"],
      [{ host: "chat.example.com:port" }, "host"],
      [{ host: "wss://chat.example.com" }, "host"],
      [{ host: "" }, "host"],
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
      const error = t.throws(() => t.getTalkSession(t.options(option)), JSON.stringify(option));
      t.ok(error instanceof TypeError, `a TypeError for ${JSON.stringify(option)}: ${error}`);
      t.is(error.field, field, `field for ${JSON.stringify(option)}`);
      t.is(error.code, "invalid_argument", "code");
      t.ok(error.message.includes(field), `"${error.message}" names ${field}`);
    }
    for (const options of [undefined, null, "demo", 5, []]) {
      const error = t.throws(() => t.getTalkSession(options));
      t.ok(error instanceof TypeError && error.message.includes("options"), `${error}`);
    }
  },

  async default_host_is_the_page_origin(t) {
    const traffic = t.record("http");
    const session = t.getTalkSession({ appId: "demo", userId: t.id("me"), transport: t.transport });
    // The page comes from the test runner, which is no Causerie server: the test checks only the URL.
    session.currentUser.get().catch(() => {});
    const pageOrigin = location.origin.replace("http", "");
    await t.until(
      () => [...traffic.socketUrls, ...traffic.requestUrls].length > 0,
      "the page's server is called",
    );
    for (const url of [...traffic.socketUrls, ...traffic.requestUrls]) {
      t.ok(url.includes(`${pageOrigin}/v1/demo/realtime`), `${url} is on ${location.origin}`);
    }
  },

  async session_exposes_its_app_and_user(t) {
    const session = t.session();
    t.is(session.appId, "demo", "appId");
    t.is(session.currentUser, session.user(t.id("me")), "currentUser");
    t.is(session.currentUser.id, t.id("me"), "its id");
    t.is(session.onNeedToken, undefined, "onNeedToken");
    // `appId` is a getter of the class without a setter.
    t.throws(() => {
      "use strict";
      session.appId = "other";
    });
  },

  async nothing_is_sent_before_the_first_request(t) {
    const traffic = t.record();
    const session = t.session();
    session.user("ada");
    session.conversation("talk");
    session.setToken("anything");
    session.onError(() => {});
    await t.pause(50);
    t.same([traffic.socketUrls, traffic.requestUrls], [[], []], "before");
    await session.currentUser.get();
    t.same(
      [traffic.socketUrls.length, traffic.requestUrls.length],
      t.transport === "http" ? [0, 1] : [1, 0],
      "after",
    );
  },

  async hundred_requests_share_one_connection(t) {
    const traffic = t.record();
    const session = t.session();
    await Promise.all(Array.from({ length: 100 }, (_, n) => session.user(`u${n}`).get()));
    await session.currentUser.get();
    t.is(traffic.socketUrls.length, t.transport === "http" ? 0 : 1, "sockets");
    t.ok(
      traffic.requestUrls.length <= 4,
      `one hundred and one requests took ${traffic.requestUrls.length} calls`,
    );
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
      t.throws(() => {
        "use strict";
        ref.id = "bob";
      });
    }
    t.ok(session.user("ada") !== session.conversation("ada"), "users and conversations differ");
  },

  async refs_are_held_weakly(t) {
    // Garbage collection cannot be triggered here, so a patched WeakRef simulates it.
    const { WeakRef } = globalThis;
    let isCollected = false;
    let created = 0;
    /** @extends {WeakRef<object>} */
    class CollectableRef extends WeakRef {
      constructor(target) {
        super(target);
        created += 1;
      }
      deref() {
        return isCollected ? undefined : super.deref();
      }
    }
    Object.assign(globalThis, { WeakRef: CollectableRef });
    t.undo.push(() => Object.assign(globalThis, { WeakRef }));
    const session = t.session();
    const ref = session.user("ada");
    t.is(session.user("ada"), ref, "while it lives");
    isCollected = true;
    const next = session.user("ada");
    t.ok(next !== ref, "a new one after its collection");
    isCollected = false;
    t.is(session.user("ada"), next, "the new ref is interned");
    t.is(created, 2, "only WeakRefs refer to it");
    // A thousand collected refs do not affect a thousand live ones.
    isCollected = true;
    for (let n = 0; n < 1000; n += 1) session.user(`u${n}`);
    isCollected = false;
    const live = Array.from({ length: 1000 }, (_, n) => session.user(`v${n}`));
    for (const [n, one] of live.entries()) t.is(session.user(`v${n}`), one, `v${n}`);
  },

  async invalid_id_throws_a_type_error(t) {
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
        const error = t.throws(() => session[kind](id), `${kind}(${String(id)})`);
        t.ok(error instanceof TypeError, `${kind}(${String(id)}) throws a TypeError: ${error}`);
        t.is(error.code, "invalid_argument", "code");
      }
      const { message } = t.throws(() => session[kind](5));
      t.ok(
        message.includes("id") && message.includes("number"),
        `"${message}" names the expected and the actual type`,
      );
    }
  },

  async any_other_string_is_a_valid_id(t) {
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
    t.is(await session.conversation("constructor").get(), null, "a conversation id that is a property name");
  },

  // By WebSocket only: over HTTP the response has no CORS header, because there is no app whose origins could
  // allow the page, so the browser hides it and the SDK sees only a network error.
  async unknown_app_ends_the_session_with_not_found(t) {
    const session = t.session({ appId: "nowhere" });
    const errors = [];
    session.onError((error) => errors.push(error));
    const error = await t.rejectsWith(session.currentUser.get(), "not_found");
    t.ok(error.message.includes("nowhere"), error.message);
    await t.rejectsWith(session.currentUser.get(), "session_ended");
    await t.until(() => errors.length > 0, "onError is called");
    t.ok(t.session({ appId: "nowhere" }) !== session, "a new session");
  },

  async request_to_a_dead_host_is_rejected_with_the_reason(t) {
    const host = "http://127.0.0.1:2";
    const { fetch } = globalThis;
    let failures = 0;
    globalThis.fetch = async (input, init) => {
      const { url } = /** @type {Request} */ (input);
      const response = await fetch(input, init).catch(() => null);
      if (response) return response;
      if (url.startsWith(host)) failures += 1;
      throw new TypeError("failed to fetch");
    };
    t.undo.push(() => Object.assign(globalThis, { fetch }));
    const clock = t.clock();
    const getting = t.session({ host }).currentUser.get();
    getting.catch(() => {});
    await t.until(() => failures > 0, "the HTTP call fails");
    await t.pause(0);
    clock.advance(30_000);
    const error = await t.rejectsWith(getting, "offline");
    t.ok(error.message.includes("(connection refused or blocked)"), error.message);
    t.is(error.retryable, true, "retryable");
  },

  // By WebSocket only: with `transport: "http"` there is nothing to block.
  async blocked_websocket_falls_back_to_http(t) {
    const { WebSocket } = globalThis;
    // A proxy that answers no upgrade: the socket is opened on a closed port.
    globalThis.WebSocket = class extends WebSocket {
      constructor(url, protocols) {
        super("ws://127.0.0.1:1/", protocols);
      }
    };
    t.undo.push(() => Object.assign(globalThis, { WebSocket }));
    const session = t.session();
    await session.currentUser.set({ name: "Ada" });
    t.is((await session.currentUser.get()).name, "Ada", "name");
    // If the Content-Security-Policy forbids the socket, the constructor throws.
    class ForbiddenSocket {
      constructor() {
        throw new DOMException("not here", "SecurityError");
      }
    }
    Object.assign(globalThis, { WebSocket: ForbiddenSocket });
    const other = t.session({ userId: t.id("other") });
    t.is(await other.currentUser.get(), null, "a get without sockets");
  },
};
