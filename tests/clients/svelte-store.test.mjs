// Svelte, with stores and with runes: a message in both directions, and subscriptions that end.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import "./dom.mjs";

import { getTalkSession } from "causerie";
import { compileModule } from "svelte/compiler";
import { get } from "svelte/store";
import * as svelte from "svelte/internal/client";

import { appId, createPair, eventually, origin, polyfill, until } from "./support.mjs";
import { chatStores } from "./svelte-store.mjs";

polyfill();

test("Svelte stores show and send messages live", { timeout: 60_000 }, async () => {
  const { ada, bob, talk, send } = await createPair();
  const session = getTalkSession({ host: origin, appId, userId: ada });
  const chat = chatStores(session, talk);
  let lines = [];
  let unread = 0;
  const stops = [
    chat.lines.subscribe((value) => (lines = value)),
    chat.unread.subscribe((value) => (unread = value)),
    chat.participants.subscribe(() => {}),
  ];
  await send("Hello Ada");
  await eventually("a live message", () => lines.length === 1 && unread === 1);
  assert.deepEqual(lines, ["Bob: Hello Ada"]);
  await chat.markAsRead();
  await eventually("it is read", () => unread === 0);

  const other = getTalkSession({ host: origin, appId, userId: bob }).conversation(talk);
  const arrived = until(
    (on) => other.subscribeMessages(on),
    (messages) => messages?.length === 2,
  );
  chat.draft.set("Hello _Bob_");
  await chat.send();
  assert.equal((await arrived)[0].plaintext, "Hello Bob");
  await eventually("the sent message", () => lines.length === 2);
  assert.equal(get(chat.draft), "");
  assert.equal(get(chat.participants).length, 2);

  for (const stop of stops) stop();
  await send("Nobody listens");
  await until(
    (on) => other.subscribeMessages(on),
    (messages) => messages?.length === 3,
  );
  assert.equal(lines.length, 2, "the stores have ended");
  // A component that comes back sees everything.
  const stop = chat.lines.subscribe((value) => (lines = value));
  await eventually("the stores start again", () => lines.length === 3);
  stop();
});

test("snapshots in Svelte's deep state show messages live", { timeout: 60_000 }, async (t) => {
  const source = new URL("svelte-state.svelte.js", import.meta.url);
  const compiled = new URL("node_modules/.svelte-state.mjs", import.meta.url);
  const { js } = compileModule(readFileSync(source, "utf8"), {
    generate: "client",
    filename: source.pathname,
  });
  writeFileSync(compiled, js.code);
  t.after(() => rmSync(compiled));
  const { chatState } = await import(compiled.href);

  const { ada, talk, send } = await createPair();
  const conversation = getTalkSession({ host: origin, appId, userId: ada }).conversation(talk);
  const shown = [];
  let chat;
  const stop = svelte.effect_root(() => {
    chat = chatState(conversation);
    svelte.user_effect(() => shown.push([chat.isLoading, ...chat.lines]));
  });
  await eventually("the first snapshot", () => shown.at(-1)?.[0] === false);
  await send("Hello Ada");
  await eventually("a live message", () => shown.at(-1).length === 2);
  await conversation.send("Hello Bob");
  await eventually("the answer", () => shown.at(-1).length === 3);
  assert.deepEqual(shown.at(-1), [false, "Bob: Hello Ada", "Ada: Hello Bob"]);
  assert.deepEqual(shown[0], [true]);
  const [newest] = chat.messages;
  assert.ok(Object.isFrozen(newest), "a message is not copied into the state");
  stop();
});
