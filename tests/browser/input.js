// Invalid input. The SDK rejects values that are not plain data; the server validates everything else and
// names the field.

const long = (length) => "x".repeat(length);
const keys = (count, value) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, value]));
const tokens = (count) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`fcm:${n}`, true]));

/** Invalid for `set` and for `createIfNotExists`: the params, the field, and a part of the message. */
const INVALID = [
  [{ name: 5 }, "name", "a string, not a number"],
  [{ name: ["Ada"] }, "name", "a string, not an array"],
  [{ name: "" }, "name", "empty"],
  [{ name: " \t" }, "name", "empty"],
  [{ name: long(257) }, "name", "256"],
  [{ locale: 5 }, "locale", "a string"],
  [{ locale: "english please" }, "locale", "BCP 47"],
  [{ photoUrl: 5 }, "photoUrl", "a string"],
  [{ photoUrl: `https://example.com/${long(4096)}` }, "photoUrl", "4096"],
  [{ role: {} }, "role", "a string, not an object"],
  [{ role: " " }, "role", "empty"],
  [{ role: long(129) }, "role", "128"],
  [{ welcomeMessage: true }, "welcomeMessage", "a string, not a boolean"],
  [{ welcomeMessage: " " }, "welcomeMessage", "empty"],
  [{ welcomeMessage: long(4097) }, "welcomeMessage", "4096"],
  [{ email: 5 }, "email", "strings, not a number"],
  [{ email: {} }, "email", "strings, not an object"],
  [{ email: "ada" }, "email[0]", "e-mail address"],
  [{ email: ["a@example.com", "b"] }, "email[1]", "e-mail address"],
  [{ email: ["a@example.com", 5] }, "email[1]", "a string, not a number"],
  [{ email: ["a@example.com", , "b@example.com"] }, "email[1]", "a string, not null"],
  [{ email: Array(21).fill("a@example.com") }, "email", "20"],
  [{ phone: 5550100 }, "phone", "strings, not a number"],
  [{ phone: "call me" }, "phone[0]", "phone number"],
  [{ phone: ["555-0100", null] }, "phone[1]", "a string, not null"],
  [{ custom: "blue" }, "custom", "an object, not a string"],
  [{ custom: ["blue"] }, "custom", "an object, not an array"],
  [{ custom: { size: 5 } }, "custom.size", "a string, not a number"],
  [{ custom: { size: {} } }, "custom.size", "a string, not an object"],
  [{ custom: { "": "x" } }, "custom.", "empty"],
  [{ custom: { [long(129)]: "x" } }, `custom.${long(129)}`, "128"],
  [{ custom: keys(65, "x") }, "custom", "64"],
  [{ custom: keys(4, long(5000)) }, "custom", "16384"],
  [{ pushTokens: "fcm:1" }, "pushTokens", "an object, not a string"],
  [{ pushTokens: ["fcm:1"] }, "pushTokens", "an object, not an array"],
  [{ pushTokens: { "sms:1": true } }, "pushTokens.sms:1", "fcm"],
  [{ pushTokens: { fcm: true } }, "pushTokens.fcm", "token id"],
  [{ pushTokens: { "fcm:": true } }, "pushTokens.fcm:", "token id"],
  [{ pushTokens: { "FCM:1": true } }, "pushTokens.FCM:1", "fcm"],
  [{ pushTokens: { "fcm:1": false } }, "pushTokens.fcm:1", "true"],
  [{ pushTokens: { "fcm:1": "true" } }, "pushTokens.fcm:1", "a boolean, not a string"],
  [{ pushTokens: { "fcm:1": 1 } }, "pushTokens.fcm:1", "a boolean, not a number"],
  [{ pushTokens: tokens(51) }, "pushTokens", "50"],
];

/** Invalid only when creating, because there is no key to delete. */
const INVALID_TO_CREATE = [
  [{ custom: { color: null } }, "custom.color"],
  [{ pushTokens: { "fcm:1": null } }, "pushTokens.fcm:1"],
];

const withName = (params) =>
  params && typeof params === "object" && !Array.isArray(params) && !("name" in params)
    ? { name: "Ada", ...params }
    : params;

const expectInvalid = async (t, promise, field, messagePart) => {
  const label = `${field} (${messagePart})`;
  const error = await t.rejectsWith(promise, "invalid_argument", label);
  t.is(error.field, field, `field of "${error.message}"`);
  t.is(error.retryable, false, "retryable");
  t.ok(/^[0-9a-f]{32}\/\d+$/.test(error.requestId), `"${error.requestId}" names the request`);
  t.ok(error.message.includes(messagePart ?? ""), `"${error.message}" contains "${messagePart}"`);
  t.ok(error.message.startsWith(field), `"${error.message}" starts with the field`);
};

export const cases = {
  async invalid_value_reports_its_field(t) {
    const ref = t.session().user(t.id("ada"));
    for (const [params, field, messagePart] of INVALID) {
      await expectInvalid(t, ref.set(params), field, messagePart);
      await expectInvalid(t, ref.createIfNotExists(withName(params)), field, messagePart);
    }
    await expectInvalid(t, ref.set({ name: null }), "name", "null");
    t.is(await ref.get(), null, "no user was created");
  },

  async null_keys_are_rejected_when_creating(t) {
    const ref = t.session().user(t.id("ada"));
    for (const [params, field] of INVALID_TO_CREATE) {
      await expectInvalid(t, ref.createIfNotExists(withName(params)), field, "null");
    }
    t.is(await ref.get(), null, "no user was created");
  },

  async null_means_the_default_when_creating(t) {
    const ref = t.session().user(t.id("ada"));
    const fields = ["custom", "email", "locale", "phone", "photoUrl", "pushTokens", "role", "welcomeMessage"];
    await ref.createIfNotExists({ name: "Ada", ...Object.fromEntries(fields.map((field) => [field, null])) });
    const { id, ...rest } = await ref.get();
    t.same(rest, {
      name: "Ada",
      custom: {},
      locale: "en",
      photoUrl: null,
      role: "default",
      welcomeMessage: null,
    });
  },

  async missing_name_is_name_required(t) {
    const ref = t.session().user(t.id("ada"));
    for (const params of [{}, { name: undefined }, { name: null }, { role: "buyer" }]) {
      const error = await t.rejectsWith(ref.createIfNotExists(params), "name_required");
      t.is(error.field, "name", "field");
    }
  },

  async non_plain_data_is_rejected_without_sending(t) {
    const traffic = t.record();
    const session = t.session();
    const conversation = session.conversation(t.id("talk"));
    const calls = [
      (data) => session.currentUser.set(data),
      (data) => session.currentUser.createIfNotExists(data),
      (data) => conversation.set(data),
      (data) => conversation.send(data),
      (data) => conversation.participant("ada").set(data),
      (data) => conversation.participant("ada").edit(data),
      (data) => conversation.message("m1").edit(data),
    ];
    const cycle = { name: "Ada" };
    cycle.custom = { cycle };
    const check = async (call, data) => {
      const error = await t.rejectsWith(
        call(data),
        "invalid_argument",
        `${call} with ${Object.prototype.toString.call(data)}`,
      );
      t.same(
        [error.field, error.retryable, error.requestId],
        ["params", false, undefined],
        "field, retryable, requestId",
      );
      t.ok(error.message.startsWith("params: must be "), error.message);
    };
    for (const call of calls) {
      for (const data of [null, 5, true, [], () => {}, Symbol("a")]) await check(call, data);
      for (const custom of [() => {}, Symbol("a"), NaN, Infinity, -Infinity, { deep: [NaN] }])
        await check(call, { custom });
      await check(call, cycle);
      await check(call, { custom: 5n });
      await check(call, {
        get custom() {
          throw new Error("from the getter");
        },
      });
    }
    // Some params are optional, and `send` accepts a string; the others are required.
    await t.rejectsWith(conversation.createIfNotExists(5), "invalid_argument");
    await t.rejectsWith(conversation.createIfNotExists(null), "invalid_argument");
    await t.rejectsWith(conversation.participant("ada").createIfNotExists("Read"), "invalid_argument");
    for (const call of calls) await check(call, undefined);
    await t.rejectsWith(session.currentUser.set("Ada"), "invalid_argument");
    for (const options of [
      null,
      5,
      "unread",
      [],
      { filter: () => {} },
      { filter: { createdAt: [">", NaN] } },
      { filter: cycle },
    ]) {
      /** @type {import("./context.js").SdkError} */
      const error = t.throws(() => session.subscribeConversations(options));
      t.ok(error instanceof TypeError && error.field === "options", `${error}`);
    }
    await t.pause(20);
    t.same([traffic.socketUrls, traffic.requestUrls, traffic.sent], [[], [], []], "the traffic");
  },

  async arguments_in_the_wrong_order_or_too_many_are_rejected(t) {
    const traffic = t.record();
    const session = t.session();
    const conversation = session.conversation(t.id("talk"));
    const filter = { isUnread: true };
    for (const second of [{ filter }, [{ filter }], () => {}]) {
      /** @type {import("./context.js").SdkError} */
      const error = t.throws(() => session.subscribeConversations(() => {}, second));
      t.ok(error instanceof TypeError, `${error}`);
      t.same([error.code, error.field], ["invalid_argument", "options"], "code and field");
      t.is(
        error.message,
        "options: must come before the callback, as in ({ filter }, onSnapshot)",
        "the message",
      );
    }
    const custom = { from: "ada" };
    for (const promise of [
      conversation.send("Hi", { custom }),
      conversation.send({ text: "Hi" }, { referencedMessage: "m1" }),
      conversation.message("m1").edit("Hi", { custom }),
    ]) {
      const error = await t.rejectsWith(promise, "invalid_argument");
      t.is(error.field, "params", "field");
      t.ok(error.message.includes("{ text, custom }"), error.message);
    }
    await t.pause(20);
    t.same([traffic.socketUrls, traffic.requestUrls, traffic.sent], [[], [], []], "the traffic");
    // What callers such as `map` and event handlers pass beyond the parameters carries no intent.
    await session.currentUser.set({ name: "Ada" });
    await conversation.createIfNotExists();
    const texts = ["one", "two"];
    const sent = await Promise.all(texts.map(conversation.send, conversation));
    t.is((await sent[1].get()).plaintext, "two", "the second message");
  },

  async callback_with_nothing_after_it_subscribes_to_all_conversations(t) {
    const session = t.session();
    for (const args of [[], [undefined], [null], [0]]) {
      const { latest } = await t.subscribe((on) => session.subscribeConversations(on, ...args));
      t.same(latest, [], `with ${args.length} more arguments`);
    }
  },

  async errors_are_causerie_errors(t) {
    const error = await t.rejects(t.session().currentUser.set({ name: 5 }));
    t.ok(error instanceof Error, "an Error");
    t.is(error.name, "CauserieError", "name");
    t.is(error.constructor.name, "CauserieError", "class");
    t.is(String(error), `CauserieError: ${error.message}`, "as text");
    t.ok(typeof error.stack === "string" && error.stack.length > 0, "a stack");
    for (const [key, value] of Object.entries({
      code: "invalid_argument",
      retryable: false,
      field: "name",
      retryAfter: undefined,
    })) {
      t.is(error[key], value, key);
    }
  },

  async server_errors_carry_a_request_id(t) {
    const session = t.session();
    const first = await t.rejectsWith(session.user(t.id("ada")).set({ role: "buyer" }), "name_required");
    const second = await t.rejectsWith(session.user(t.id("ada")).set({ role: "buyer" }), "name_required");
    t.ok(/^[0-9a-f]{32}\/\d+$/.test(first.requestId), `"${first.requestId}" is a client id and a number`);
    t.ok(first.requestId !== second.requestId, "each request has its own id");
  },

  async call_over_the_frame_limit_is_too_large_and_affects_no_other(t) {
    const session = t.session();
    const ref = session.user(t.id("ada"));
    const before = ref.set({ name: "Ada" });
    // Each field is within its limit, but together they exceed the limit of a frame.
    const id = (n) => `fcm:${n}${"\u20AC".repeat(330)}`;
    const pushTokens = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [id(n), true]));
    const large = ref.set({ pushTokens, custom: keys(4, long(4000)), welcomeMessage: "\u20AC".repeat(4096) });
    const after = ref.get();
    const error = await t.rejectsWith(large, "too_large");
    t.is(error.retryable, false, "retryable");
    t.ok(error.message.includes("64 KiB"), error.message);
    await before;
    t.is((await after).name, "Ada", "the call after it");
    // A frame just below the limit is accepted.
    await ref.set({ custom: keys(4, long(4000)), welcomeMessage: "\u20AC".repeat(4096) });
    t.is((await ref.get()).welcomeMessage.length, 4096, "the large welcome message");
  },

  async server_validates_requests_sent_without_the_sdk(t) {
    const invalid = [
      [{ name: 5 }, "name"],
      [{ name: null }, "name"],
      [{ name: "Ada", email: ["ada"] }, "email[0]"],
      [{ name: "Ada", custom: { size: 5 } }, "custom.size"],
      [{ name: "Ada", pushTokens: { "sms:1": true } }, "pushTokens.sms:1"],
    ];
    const requests = invalid.map(([data], n) => ({
      t: "request",
      id: n + 1,
      key: `k${n}`,
      op: "user.set",
      params: { user: t.id("ada"), data },
    }));
    const response = await fetch(`${t.host}/v1/demo/realtime`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ v: 1, user: t.id("me"), client: t.id("raw-client"), requests }),
    });
    const { results } = await response.json();
    t.same(
      results.map(({ error }) => [error.code, error.field]),
      invalid.map(([, field]) => ["invalid_argument", field]),
    );
  },
};
