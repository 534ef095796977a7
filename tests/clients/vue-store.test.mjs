// The Vue store: what the SDK returns and takes works through deep proxies, and what it shows stays live.
import assert from "node:assert/strict";
import { test } from "node:test";

import { place, textsOf } from "./dom.mjs";

import { createApp, h, nextTick, watch } from "vue";
import { getTalkSession } from "causerie";

import { appId, createPair, eventually, origin, polyfill, until } from "./support.mjs";
import { createStore } from "./vue-store.mjs";

polyfill();

/** Mounts a page that shows the store: the subjects, and the messages with what they answer. */
const mount = ({ state }) => {
  const root = place();
  const line = ({ id, sender, plaintext, referencedMessage: to }) =>
    h("li", { key: id }, `${sender?.name}: ${plaintext}${to ? ` (to ${to.plaintext})` : ""}`);
  const render = () =>
    h("main", [
      h(
        "nav",
        state.conversations.map(({ subject, unreadMessageCount: unread }) => h("a", `${subject} ${unread}`)),
      ),
      h("ul", state.messages.map(line)),
    ]);
  const app = createApp({ render });
  app.mount(root);
  return { root, app };
};

test("a Vue store shows and sends messages through deep proxies", { timeout: 60_000 }, async () => {
  const { ada, bob, talk, send } = await createPair();
  for (let number = 1; number <= 40; number += 1) await send(`Message ${number}`);
  const store = createStore({ host: origin, appId, userId: ada });
  const { root, app } = mount(store);
  await eventually("the list", () => textsOf(root, "a").length === 1);
  assert.deepEqual(textsOf(root, "a"), ["Tea 40"]);
  store.open(talk);
  await eventually("the newest page", () => textsOf(root, "li").length === 30);
  await store.loadMore();
  await eventually("all messages", () => textsOf(root, "li").length === 40);
  assert.equal(store.state.loadedAll, true);

  await send("Live, to Ada");
  await eventually("a live message", () => textsOf(root, "li").at(-1) === "Bob: Live, to Ada");

  const other = getTalkSession({ host: origin, appId, userId: bob }).conversation(talk);
  const arrived = until(
    (on) => other.subscribeMessages(on),
    (messages) => messages?.[0]?.plaintext === "Live, to Bob",
  );
  store.reply(store.state.messages.at(-1).id);
  const ref = await store.send("Live, to Bob");
  const [answer] = await arrived;
  assert.deepEqual([answer.id, { ...answer.custom }], [ref.id, { from: "vue" }]);
  assert.equal(answer.referencedMessage.plaintext, "Live, to Ada");
  await eventually("the answer", () => textsOf(root, "li").at(-1) === "Ada: Live, to Bob (to Live, to Ada)");

  await store.invite(ada);
  app.unmount();
  store.close();
});

test(
  "watching everything deeply changes nothing, and a snapshot stays what it is",
  { timeout: 60_000 },
  async () => {
    const { ada, talk, send } = await createPair();
    const store = createStore({ host: origin, appId, userId: ada });
    let changes = 0;
    const stop = watch(store.state, () => (changes += 1), { deep: true });
    store.open(talk);
    await send("Hello *Ada*");
    await eventually("the message", () => store.state.messages.length === 1);
    await nextTick();
    assert.ok(changes > 0);
    const [message] = store.state.messages;
    assert.ok(Object.isFrozen(message));
    assert.equal(store.state.byId.get(message.id), message, "the same object from a map");
    assert.deepEqual(structuredClone(message.content), [
      { type: "text", children: ["Hello ", { type: "bold", children: ["Ada"] }] },
    ]);
    assert.equal(JSON.parse(JSON.stringify(store.state.messages))[0].sender.name, "Bob");
    stop();
    store.close();
  },
);
