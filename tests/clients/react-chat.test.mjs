// The quick start in React, in strict mode: a message in both directions, and what is rendered again.
import assert from "node:assert/strict";
import { test } from "node:test";

import { place, submit, textsOf, type } from "./dom.mjs";

import { StrictMode, createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { getTalkSession } from "causerie";

import { Chat } from "./react-chat.mjs";
import { appId, createPair, eventually, origin, polyfill, until } from "./support.mjs";

polyfill();

test("a React app shows and sends messages live", { timeout: 60_000 }, async () => {
  const { ada, bob, talk, send, list } = await createPair();
  await send("Hello Ada");
  const errors = [];
  const rendered = [];
  const root = place();
  const options = { host: origin, appId, userId: ada };
  const app = createRoot(root, { onUncaughtError: (error) => errors.push(error) });
  const chat = h(Chat, { options, id: talk, onRender: (text) => rendered.push(text) });
  app.render(h(StrictMode, null, chat));
  await eventually("the first message", () => textsOf(root, "li").length === 1);
  assert.deepEqual(textsOf(root, "li"), ["Bob: Hello Ada"]);

  rendered.length = 0;
  await send("Are you there?");
  await eventually("a live message", () => textsOf(root, "li").length === 2);
  assert.deepEqual([...new Set(rendered)], ["Are you there?"], "only the new message is rendered");

  const other = getTalkSession({ host: origin, appId, userId: bob }).conversation(talk);
  const isTyping = until(
    (on) => other.subscribeTyping(on),
    (typing) => typing?.users?.length === 1,
  );
  const arrived = until(
    (on) => other.subscribeMessages(on),
    (messages) => messages?.length === 3,
  );
  type(root.querySelector("input"), "I am, *Bob*");
  assert.equal((await isTyping).users[0].name, "Ada");
  submit(root.querySelector("form"));
  const [newest] = await arrived;
  assert.deepEqual([newest.sender.name, newest.plaintext], ["Ada", "I am, Bob"]);
  await eventually("the sent message", () => textsOf(root, "li").length === 3);
  assert.equal(root.querySelector("input").value, "");
  await other.markAsTyping();
  await eventually("Bob is typing", () => textsOf(root, ".typing")[0] === "Bob");

  app.render(h(StrictMode, null, h(Chat, { options, id: `${talk}-none`, onRender() {} })));
  await eventually("another conversation", () => /not in this/.test(root.textContent));
  app.unmount();
  assert.deepEqual(errors, []);
  assert.equal((await list()).length, 3);
});
