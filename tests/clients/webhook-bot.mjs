// A bot without the SDK, as a backend runs it: a webhook says that a message was sent, and a REST call
// answers.
//
// It is written for the headers of the original, and expects what the documentation of webhooks says: an
// event can arrive twice, and anybody can call its URL.
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const MAX_AGE_MS = 5 * 60_000;
const MAX_BODY = 1_000_000;

/** Whether the app's secret signed this body, a short time ago. */
const isGenuine = (headers, body, secret) => {
  const timestamp = headers["x-talkjs-timestamp"] ?? "";
  const expected = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex").toUpperCase();
  const given = Buffer.from(headers["x-talkjs-signature"] ?? "");
  const isSigned = given.length === expected.length && timingSafeEqual(given, Buffer.from(expected));
  return isSigned && Math.abs(Date.now() - Number(timestamp)) < MAX_AGE_MS;
};

const read = async (request) => {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MAX_BODY) throw new Error("the body is too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
};

/** Starts the bot. `answer` returns the reply to a text. Returns its URL and a function that ends it. */
export const startBot = async ({ api, secret, bot, answer }) => {
  const reply = async ({ id, type, data }) => {
    // A bot that answers itself never stops; system messages have no sender.
    if (type !== "message.sent" || data.sender == null || data.sender.id === bot) return;
    const path = `/conversations/${encodeURIComponent(data.conversation.id)}/messages`;
    const text = answer(data.message.text, data.sender);
    // The same event twice is one answer: the server knows the key.
    const message = { type: "UserMessage", sender: bot, text, idempotencyKey: id };
    const response = await fetch(api() + path, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify([{ ...message, referencedMessageId: data.message.id }]),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  };
  const server = createServer(async (request, response) => {
    try {
      const body = await read(request);
      if (!isGenuine(request.headers, body, secret)) return response.writeHead(401).end();
      await reply(JSON.parse(body));
      response.writeHead(200).end();
    } catch (error) {
      // With this status, the event arrives again.
      response.writeHead(500).end(error.message);
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address();
  const close = () => (server.closeAllConnections(), server.close());
  return { url: `http://127.0.0.1:${port}/events`, close };
};
