// The bot with webhooks: a user's page sees its answers live, each once, and nobody else can make it speak.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import { getTalkSession } from "causerie";

import { startServer } from "./server.mjs";
import { polyfill, restCall, until } from "./support.mjs";
import { startBot } from "./webhook-bot.mjs";

polyfill();
const SECRET = "webhook-bot-0123456789abcdef0123456789";

/** Starts a bot, and a server that sends it all events, with a conversation of Ada and the bot. */
const start = async (t) => {
  let api = "";
  const bot = await startBot({
    api: () => api,
    secret: SECRET,
    bot: "bot",
    answer: (text, sender) => `${sender.name} wrote: ${text}`,
  });
  t.after(bot.close);
  const origin = await startServer(
    t,
    `[[apps]]
    id = "shop"
    secrets = ["${SECRET}"]
    authentication = false
    [[apps.webhooks]]
    url = "${bot.url}"
    allow_private = true`,
  );
  api = `${origin}/v1/shop`;
  const call = restCall(api, SECRET);
  await call("PUT", "/users/ada", { name: "Ada" });
  await call("PUT", "/users/bot", { name: "Bot" });
  await call("PUT", "/conversations/help", { participants: ["ada", "bot"] });
  const conversation = getTalkSession({ host: origin, appId: "shop", userId: "ada" }).conversation("help");
  return { bot, call, conversation };
};

const texts = (messages) => (messages ?? []).map(({ plaintext }) => plaintext).reverse();

test("a page sees the answers of a bot with webhooks live", { timeout: 60_000 }, async (t) => {
  const { conversation } = await start(t);
  const answered = (count) =>
    until(
      (on) => conversation.subscribeMessages(on),
      (messages) => messages?.length === 2 * count,
    );
  const first = answered(1);
  await conversation.send("Where is *my* parcel?");
  const [answer, question] = await first;
  assert.deepEqual([answer.sender.name, answer.origin], ["Bot", "rest"]);
  assert.equal(answer.plaintext, "Ada wrote: Where is my parcel?");
  assert.equal(answer.referencedMessage.id, question.id);
  const second = answered(2);
  await conversation.send("Thanks 🎉");
  assert.deepEqual(texts(await second), [
    "Where is my parcel?",
    "Ada wrote: Where is my parcel?",
    "Thanks 🎉",
    "Ada wrote: Thanks 🎉",
  ]);
});

test("an event that is forged, old, or delivered twice adds no answer", { timeout: 60_000 }, async (t) => {
  const { bot, call, conversation } = await start(t);
  const answered = until(
    (on) => conversation.subscribeMessages(on),
    (messages) => messages?.length === 2,
  );
  await conversation.send("Hello");
  const [, hello] = await answered;
  const event = (id) =>
    JSON.stringify({
      id,
      createdAt: Date.now(),
      type: "message.sent",
      data: {
        sender: { id: "ada", name: "Ada" },
        conversation: { id: "help" },
        message: { id: hello.id, text: "!" },
      },
    });
  const deliver = async (body, timestamp, secret) => {
    const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex").toUpperCase();
    const headers = { "x-talkjs-timestamp": `${timestamp}`, "x-talkjs-signature": signature };
    return (await fetch(bot.url, { method: "POST", headers, body })).status;
  };
  assert.equal(await deliver(event("evt_1"), Date.now(), "another-secret"), 401);
  assert.equal(await deliver(event("evt_1"), Date.now() - 3_600_000, SECRET), 401);
  assert.equal((await fetch(bot.url, { method: "POST", body: event("evt_1") })).status, 401);
  assert.equal((await call("GET", "/conversations/help/messages")).data.length, 2);
  for (let time = 0; time < 2; time += 1)
    assert.equal(await deliver(event("evt_2"), Date.now(), SECRET), 200);
  assert.equal((await call("GET", "/conversations/help/messages")).data.length, 3);
});
