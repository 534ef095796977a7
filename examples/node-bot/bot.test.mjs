import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { getTalkSession } from "causerie";

import { startBot } from "./bot.mjs";

function requiredEnv(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see examples/README.md`);
  return value;
}

/** Resolves with the first snapshot of a conversation's messages that meets a condition. */
function messagesWith(conversation, condition) {
  return new Promise((resolve) => {
    const subscription = conversation.subscribeMessages((messages) => {
      if (!condition(messages ?? [])) return;
      subscription.unsubscribe();
      resolve(messages);
    });
  });
}

test("the bot replies to each mention once, and to nothing else", { timeout: 60_000 }, async () => {
  const server = { host: requiredEnv("CAUSERIE_ORIGIN"), appId: requiredEnv("CAUSERIE_APP_ID") };
  const run = randomUUID().slice(0, 8);
  const bot = await startBot({
    ...server,
    userId: `bot-${run}`,
    name: "Bot",
    answer: (message) => `You wrote: ${message.plaintext.replace("@Bot ", "")}`,
  });
  try {
    const session = getTalkSession({ ...server, userId: `ada-${run}` });
    await session.currentUser.createIfNotExists({ name: "Ada" });
    const conversation = session.conversation(`bot-${run}`);
    await conversation.createIfNotExists();
    await conversation.participant(`bot-${run}`).createIfNotExists();
    await conversation.send("Nobody is mentioned here");
    await conversation.send("@Bot first");
    await messagesWith(conversation, (messages) => messages.length === 3);
    await conversation.send("@Bot second");
    const messages = await messagesWith(conversation, (all) => all.length === 5);
    assert.deepEqual(
      messages.map(({ sender, plaintext }) => `${sender?.name}: ${plaintext}`),
      [
        "Bot: You wrote: second",
        "Ada: @Bot second",
        "Bot: You wrote: first",
        "Ada: @Bot first",
        "Ada: Nobody is mentioned here",
      ],
    );
    assert.equal(messages[0].referencedMessage?.plaintext, "@Bot second");
  } finally {
    bot.stop();
  }
});
