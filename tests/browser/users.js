// Users: every field of every call, and snapshots.

const KEYS = ["id", "name", "custom", "locale", "photoUrl", "role", "welcomeMessage"];

/** Every field of a user, with values that differ from the defaults. */
const FULL = {
  name: "Ada",
  custom: { color: "blue", size: "M" },
  email: ["ada@example.com", "a.lovelace@example.com"],
  locale: "pt-BR",
  phone: ["+31 20 123 4567"],
  photoUrl: "https://example.com/ada.png",
  pushTokens: { "fcm:one": true, "apns:two": true },
  role: "buyer",
  welcomeMessage: "Hello there",
};
const PUBLIC = {
  name: "Ada",
  custom: { color: "blue", size: "M" },
  locale: "pt-BR",
  photoUrl: "https://example.com/ada.png",
  role: "buyer",
  welcomeMessage: "Hello there",
};
const DEFAULTS = { custom: {}, locale: "en", photoUrl: null, role: "default", welcomeMessage: null };

const path = (ref) => `/users/${encodeURIComponent(ref.id)}`;
/** Returns the stored user as a backend sees it, with private fields. */
const storedUser = async (t, ref) => {
  const { createdAt, availabilityText, ...rest } = await t.rest("GET", path(ref));
  t.is(availabilityText, null, "availabilityText");
  return rest;
};
/** Returns the same data with sorted keys, recursively. */
const sorted = (data) =>
  data === null || typeof data !== "object" || Array.isArray(data)
    ? data
    : Object.fromEntries(
        Object.keys(data)
          .sort()
          .map((key) => [key, sorted(data[key])]),
      );

export const cases = {
  async missing_user_is_null(t) {
    t.is(await t.session().user(t.id("nobody")).get(), null, "get()");
  },

  async set_with_a_name_creates_a_user(t) {
    const ref = t.session().user(t.id("ada"));
    t.is(await ref.set({ name: "Ada" }), undefined, "the result of set()");
    t.same(await ref.get(), { id: ref.id, name: "Ada", ...DEFAULTS });
    await ref.set({ role: "buyer" });
    t.is((await ref.get()).role, "buyer", "a set without a name after the creation");
  },

  async set_without_a_name_requires_an_existing_user(t) {
    const ref = t.session().user(t.id("ada"));
    for (const params of [{}, { role: "buyer" }, { name: undefined }]) {
      const error = await t.rejectsWith(ref.set(params), "name_required");
      t.is(error.field, "name", "field");
      t.is(error.retryable, false, "retryable");
    }
    t.is(await ref.get(), null, "no user was created");
  },

  async create_if_not_exists_creates_a_user_with_every_field(t) {
    const ref = t.session().user(t.id("ada"));
    t.is(await ref.createIfNotExists(FULL), undefined, "the result");
    t.same(await ref.get(), sortedLike({ id: ref.id, ...PUBLIC }));
    t.same(sorted(await storedUser(t, ref)), sorted({ id: ref.id, ...FULL }), "the stored user");
  },

  async create_if_not_exists_does_not_change_an_existing_user(t) {
    const ref = t.session().user(t.id("ada"));
    await ref.createIfNotExists(FULL);
    await ref.createIfNotExists({ name: "Bob", role: "seller", custom: { color: "red", more: "1" } });
    t.same(sorted(await storedUser(t, ref)), sorted({ id: ref.id, ...FULL }), "the stored user");
  },

  async undefined_and_absent_fields_are_kept(t) {
    const ref = t.session().user(t.id("ada"));
    await ref.createIfNotExists(FULL);
    await ref.set({});
    await ref.set(Object.fromEntries(Object.keys(FULL).map((field) => [field, undefined])));
    await ref.set({ custom: {}, pushTokens: {} });
    await ref.set({ custom: { color: undefined }, pushTokens: { "fcm:one": undefined } });
    t.same(sorted(await storedUser(t, ref)), sorted({ id: ref.id, ...FULL }), "the stored user");
  },

  async null_resets_a_field(t) {
    const ref = t.session().user(t.id("ada"));
    const reset = { ...DEFAULTS, email: [], phone: [], pushTokens: {} };
    for (const field of Object.keys(reset)) {
      await ref.set(FULL);
      await ref.set({ [field]: null });
      const expected = { ...FULL, id: ref.id };
      const actual = await storedUser(t, ref);
      t.same(without(actual, field), without(expected, field), `all but ${field}`);
      // A backend sees the stored value, which may be null or empty after a reset.
      const empty = [undefined, null, reset[field]].some(
        (none) => JSON.stringify(none) === JSON.stringify(actual[field]),
      );
      t.ok(empty, `${field} is reset (got ${JSON.stringify(actual[field])})`);
      if (field in DEFAULTS) t.same((await ref.get())[field], DEFAULTS[field], field);
    }
    const error = await t.rejectsWith(ref.set({ name: null }), "invalid_argument");
    t.is(error.field, "name", "field");
    t.is((await ref.get()).name, "Ada", "name");
  },

  async setting_a_field_changes_only_that_field(t) {
    const ref = t.session().user(t.id("ada"));
    await ref.createIfNotExists(FULL);
    const expected = { ...FULL, id: ref.id };
    const changes = {
      name: "Bob",
      email: ["bob@example.com"],
      locale: "zh-Hant-TW",
      phone: ["555-0100", "555-0101"],
      photoUrl: "http://example.com/b.png",
      role: "seller",
      welcomeMessage: "Hi",
    };
    for (const [field, value] of Object.entries(changes)) {
      await ref.set({ [field]: value });
      expected[field] = value;
      t.same(sorted(await storedUser(t, ref)), sorted(expected), `after ${field}`);
    }
    const { email, phone, ...shown } = changes;
    const snapshot = await ref.get();
    for (const [field, value] of Object.entries(shown)) t.is(snapshot[field], value, field);
  },

  async defaults_come_from_the_app(t) {
    const id = t.id("ada");
    await t.rest("PUT", `/users/${id}`, { name: "Ada" }, "nosync");
    const snapshot = await t.session({ appId: "nosync" }).user(id).get();
    t.same([snapshot.locale, snapshot.role], ["nl-BE", "guest"], "locale and role");
  },

  async custom_is_merged_key_by_key(t) {
    const ref = t.session().user(t.id("ada"));
    await ref.set({ name: "Ada", custom: { a: "1", b: "2" } });
    await ref.set({ custom: { b: null, c: "3" } });
    t.same(sorted((await ref.get()).custom), { a: "1", c: "3" });
    await ref.set({ custom: { a: "", missing: null } });
    t.same(sorted((await ref.get()).custom), { a: "", c: "3" });
    await ref.set({ custom: null });
    t.same((await ref.get()).custom, {}, "after null");
    // Names of JavaScript properties are ordinary keys.
    await ref.set({ custom: JSON.parse('{"__proto__":"p","constructor":"c","toString":"t"}') });
    const { custom } = await ref.get();
    t.same(Object.keys(custom).sort(), ["__proto__", "constructor", "toString"]);
    t.is(Object.getOwnPropertyDescriptor(custom, "__proto__").value, "p", "__proto__");
    await ref.set({ custom: JSON.parse('{"__proto__":null,"constructor":null}') });
    t.same(Object.keys((await ref.get()).custom), ["toString"]);
    // Only own keys are sent.
    await ref.set({
      custom: Object.create({ inherited: "no" }, { own: { value: "yes", enumerable: true } }),
    });
    t.same(sorted((await ref.get()).custom), { own: "yes", toString: "t" });
  },

  async push_tokens_are_merged_key_by_key(t) {
    const ref = t.session().user(t.id("ada"));
    await ref.set({ name: "Ada", pushTokens: { "fcm:a": true, "apns:b:c": true } });
    await ref.set({ pushTokens: { "fcm:a": null, "fcm:d": true, "fcm:never": null } });
    t.same(sorted((await storedUser(t, ref)).pushTokens), { "apns:b:c": true, "fcm:d": true });
    await ref.set({ pushTokens: null });
    t.same((await storedUser(t, ref)).pushTokens ?? {}, {});
  },

  async email_and_phone_accept_one_or_several(t) {
    const ref = t.session().user(t.id("ada"));
    await ref.createIfNotExists({ name: "Ada", email: "ada@example.com", phone: "+31201234567" });
    let now = await storedUser(t, ref);
    t.same([now.email, now.phone], [["ada@example.com"], ["+31201234567"]], "one, when creating");
    await ref.set({ email: ["a@example.com", "b@example.com"], phone: [] });
    now = await storedUser(t, ref);
    t.same([now.email, now.phone ?? []], [["a@example.com", "b@example.com"], []], "several, and none");
    await ref.set({ email: "c@example.com" });
    t.same((await storedUser(t, ref)).email, ["c@example.com"], "one, set");
  },

  async private_fields_are_never_sent_to_browsers(t) {
    const session = t.session();
    const ref = session.user(t.id("ada"));
    const traffic = t.record();
    await ref.createIfNotExists(FULL);
    const snapshot = await ref.get();
    await session.currentUser.set(FULL);
    const own = await session.currentUser.get();
    for (const one of [snapshot, own]) t.same(Object.keys(one), KEYS, "the keys");
    await t.until(
      () => traffic.received.filter((text) => text.includes("Hello there")).length >= 2,
      "the results were received",
    );
    const all = traffic.received.join("\n");
    for (const secret of ["ada@example.com", "lovelace", "123 4567", "fcm:one", "apns:two"]) {
      t.ok(!all.includes(secret), `"${secret}" is in no result`);
    }
  },

  async snapshot_has_the_documented_keys_in_order(t) {
    const ref = t.session().user(t.id("ada"));
    await ref.set({ name: "Ada" });
    const snapshot = await ref.get();
    t.same(Object.keys(snapshot), KEYS, "own enumerable keys");
    t.same(Reflect.ownKeys(snapshot), KEYS, "all own keys");
    for (const key in snapshot) t.ok(KEYS.includes(key), `${key} is documented`);
    const descriptor = Object.getOwnPropertyDescriptor(snapshot, "name");
    t.same(descriptor, { value: "Ada", writable: false, enumerable: true, configurable: false });
  },

  async snapshot_is_frozen_plain_data(t) {
    const session = t.session();
    const ref = session.user(t.id("ada"));
    await ref.createIfNotExists(FULL);
    const snapshot = await ref.get();
    t.ok(Object.isFrozen(snapshot) && Object.isFrozen(snapshot.custom), "frozen deeply");
    t.throws(() => {
      "use strict";
      snapshot.name = "Bob";
    });
    t.throws(() => {
      "use strict";
      snapshot.custom.color = "red";
    });
    const plain = sortedLike({ id: ref.id, ...PUBLIC });
    t.same({ ...snapshot }, plain, "spread");
    t.same(JSON.parse(JSON.stringify(snapshot)), plain, "JSON");
    t.same(structuredClone(snapshot), plain, "structuredClone");
    t.is(snapshot.constructor.name, "UserSnapshot", "its class");
    t.ok(snapshot instanceof snapshot.constructor, "instanceof");
    for (const make of [() => new snapshot.constructor(), () => new snapshot.constructor({}, plain)]) {
      t.ok(t.throws(make) instanceof TypeError, "no constructor for programs");
    }
  },

  async snapshot_does_not_change_with_the_user(t) {
    const ref = t.session().user(t.id("ada"));
    await ref.set({ name: "Ada", custom: { a: "1" } });
    const before = await ref.get();
    await ref.set({ name: "Bob", custom: { a: "2" } });
    t.same([before.name, before.custom.a], ["Ada", "1"], "the old snapshot");
    t.same((await ref.get()).name, "Bob", "the new snapshot");
  },

  async params_can_be_mutated_after_the_call(t) {
    const ref = t.session().user(t.id("ada"));
    const params = { name: "Ada", custom: { a: "1" }, email: ["a@example.com"] };
    const done = ref.set(params);
    params.name = "Bob";
    params.custom.a = "2";
    params.email.push("not an address");
    await done;
    const now = await storedUser(t, ref);
    t.same([now.name, now.custom, now.email], ["Ada", { a: "1" }, ["a@example.com"]]);
  },

  async text_in_any_script_is_preserved(t) {
    const ref = t.session().user(t.id("ada"));
    const name =
      '\u0410\u0434\u0430 \u{1F469}\u200D\u{1F680} \u05D0\u05D1 "quoted" \\ </script> \u2028 e\u0301';
    await ref.set({ name, custom: { [name]: name }, welcomeMessage: "a\nb\tc" });
    const snapshot = await ref.get();
    t.is(snapshot.name, name, "name");
    t.same(snapshot.custom, { [name]: name }, "custom");
    t.is(snapshot.welcomeMessage, "a\nb\tc", "welcomeMessage");
  },

  async lone_surrogates_become_replacement_characters(t) {
    // Half of a surrogate pair is not valid Unicode; the SDK sends U+FFFD instead, as browsers do.
    const session = t.session();
    const surrogate = "\u{1F419}".substring(0, 1);
    const ref = session.user(t.id("ada"));
    await ref.set({
      name: `Ada ${surrogate}`,
      custom: { [`k${surrogate}`]: `v${surrogate}` },
      email: `a${surrogate}@example.com`,
      pushTokens: { [`fcm:${surrogate}`]: true },
    });
    const snapshot = await ref.get();
    t.is(snapshot.name, "Ada \uFFFD", "name");
    t.same(snapshot.custom, { "k\uFFFD": "v\uFFFD" }, "custom");
    t.same((await storedUser(t, ref)).email, ["a\uFFFD@example.com"], "email");
  },

  async any_user_can_read_any_user(t) {
    const ref = t.session().user(t.id("ada"));
    await ref.set({ name: "Ada" });
    const stranger = t.session({ userId: t.id("stranger") });
    t.is((await stranger.user(ref.id).get()).name, "Ada", "name");
  },

  async calls_without_await_are_executed_in_order(t) {
    const ref = t.session().user(t.id("ada"));
    const results = await Promise.all([
      ref.get(),
      ref.createIfNotExists({ name: "Ada" }),
      ref.createIfNotExists({ name: "Nobody" }),
      ref.get(),
      ref.set({ name: "Bob" }),
      ref.get(),
      ...Array.from({ length: 50 }, (_, n) => ref.set({ custom: { n: String(n) } })),
      ref.get(),
    ]);
    const names = results.map((result) => result && result.name);
    t.same([names[0], names[3], names[5]], [null, "Ada", "Bob"]);
    t.is(results.at(-1).custom.n, "49", "the last write");
  },

  async five_hundred_concurrent_gets_resolve_in_order(t) {
    const session = t.session();
    await session.currentUser.set({ name: "Me" });
    const refs = Array.from({ length: 500 }, (_, n) =>
      n % 2 ? session.currentUser : session.user(t.id(`u${n}`)),
    );
    const settled = [];
    const results = await Promise.all(refs.map((ref, n) => ref.get().finally(() => settled.push(n))));
    for (const [n, result] of results.entries())
      t.is(result && result.name, n % 2 ? "Me" : null, `result ${n}`);
    t.same(
      settled,
      settled.slice().sort((a, b) => a - b),
      "settled in the order of the calls",
    );
  },

  async excess_concurrent_calls_are_rate_limited(t) {
    const session = t.session();
    const results = await Promise.allSettled(Array.from({ length: 1005 }, () => session.currentUser.get()));
    t.same(
      [...new Set(results.slice(0, 1000).map((result) => result.status))],
      ["fulfilled"],
      "the first thousand",
    );
    for (const { reason } of /** @type {PromiseRejectedResult[]} */ (results.slice(1000))) {
      t.same([reason.code, reason.retryable], ["rate_limited", true], "excess calls");
    }
    t.is(await session.currentUser.get(), null, "a later call");
  },

  async without_user_sync_only_calls_without_effect_succeed(t) {
    const session = t.session({ appId: "nosync" });
    const id = t.id("ada");
    await t.rest("PUT", `/users/${id}`, { name: "Ada" }, "nosync");
    const ref = session.user(id);
    for (const promise of [ref.set({ name: "Bob" }), session.currentUser.createIfNotExists({ name: "Me" })]) {
      const error = await t.rejectsWith(promise, "user_sync_disabled");
      t.is(error.retryable, false, "retryable");
      t.ok(error.message.length > 20, `"${error.message}" explains what to do`);
    }
    await ref.createIfNotExists({ name: "Bob" });
    t.is((await ref.get()).name, "Ada", "name");
    t.is(await session.currentUser.get(), null, "no user was created");
  },
};

const without = (object, field) => {
  const { [field]: _, ...rest } = object;
  return sorted(rest);
};
const sortedLike = (object) => Object.fromEntries(KEYS.map((key) => [key, object[key]]));
