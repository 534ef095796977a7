// The importer: everything arrives once and in order, also if it is stopped and started again.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ImportError, client, importAll, readAll } from "./importer.mjs";
import { api, prefix, secret } from "./support.mjs";

/** The data of another system, with names and texts that need care. */
const oldData = () => {
  const ids = prefix();
  const names = ["Zoë", "李雷", 'Quote " Backslash \\', "Line\nbreak", "🏳️‍🌈", "<b>bold</b>"];
  const users = Array.from({ length: 230 }, (_, number) => ({
    id: `${ids}${String(number).padStart(3, "0")}`,
    name: names[number % names.length],
    email: [`user${number}@example.com`],
    custom: { oldId: String(number) },
  }));
  const participants = users.slice(0, 5).map(({ id }) => id);
  const messages = Array.from({ length: 125 }, (_, number) => ({
    oldId: `old-${number}`,
    from: participants[number % participants.length],
    text: `${number}: ${names[number % names.length]}`,
    sentAt: new Date(1_500_000_000_000 + number * 60_000).toISOString(),
  }));
  const conversations = [
    { id: `${ids}team/room 1?é`, subject: "Team", participants, messages },
    { id: `${ids}empty`, subject: "Empty", participants: participants.slice(0, 1), messages: [] },
  ];
  return { ids, users, conversations };
};

const assertImported = async (call, { ids, users, conversations }) => {
  const found = (await readAll(call, "/users")).filter(({ id }) => id.startsWith(ids));
  assert.deepEqual(
    found.map(({ id, name, custom }) => ({ id, name, custom })),
    users.map(({ id, name, custom }) => ({ id, name, custom })),
  );
  for (const { id, messages, participants } of conversations) {
    const path = `/conversations/${encodeURIComponent(id)}`;
    const conversation = await call("GET", path);
    assert.deepEqual(Object.keys(conversation.participants).sort(), participants);
    const all = await readAll(call, `${path}/messages`);
    assert.deepEqual(
      all.reverse().map(({ senderId, custom }) => [senderId, custom.sentAt]),
      messages.map(({ from, sentAt }) => [from, sentAt]),
    );
    assert.ok(all.every((message, number) => message.text === messages[number].text.trim()));
  }
};

test("an import arrives once and in order", { timeout: 60_000 }, async () => {
  const data = oldData();
  const call = client({ api, secret });
  await importAll(call, data);
  await assertImported(call, data);
});

test(
  "an import that is stopped at any call and started again imports nothing twice",
  { timeout: 120_000 },
  async () => {
    const data = oldData();
    for (const stopAt of [2, 4, 9, 16]) {
      let calls = 0;
      const beforeCall = () => {
        calls += 1;
        if (calls === stopAt) throw new Error("stopped");
      };
      await assert.rejects(importAll(client({ api, secret, beforeCall }), data), /stopped/);
    }
    const call = client({ api, secret });
    await importAll(call, data);
    await assertImported(call, data);
  },
);

test("a batch with one invalid user is refused with its field, and nothing of it is imported", async () => {
  const ids = prefix();
  const call = client({ api, secret });
  const users = [
    { id: `${ids}good`, name: "Good" },
    { id: `${ids}bad`, name: "" },
  ];
  const error = await importAll(call, { users, conversations: [] }).catch((error) => error);
  assert.ok(error instanceof ImportError, `${error}`);
  assert.deepEqual([error.status, error.code], [400, "invalid_argument"]);
  assert.match(error.field, /bad.*name/);
  await assert.rejects(call("GET", `/users/${ids}good`), { status: 404 });
});
