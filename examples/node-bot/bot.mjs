import { getTalkSession, registerPolyfills } from "causerie";
import { WebSocket } from "ws";

// Node has a WebSocket class from version 22 on; this call does nothing there.
registerPolyfills({ WebSocket });

/**
 * Starts a bot that replies to messages with `@<name>`.
 *
 * `options` are those of `getTalkSession`, and `answer` returns the reply to a message snapshot.
 * Only messages that were sent after the start are answered. The result has `stop()`, which ends
 * all subscriptions.
 */
export async function startBot({ name, answer, ...options }) {
  const session = getTalkSession(options);
  await session.currentUser.createIfNotExists({ name });
  const startedAt = Date.now();
  const subscriptions = new Map();

  function watchMessages(id) {
    const conversation = session.conversation(id);
    const answered = new Set();
    const subscription = conversation.subscribeMessages((messages) => {
      for (const message of messages ?? []) {
        const isMention = message.plaintext.includes(`@${name}`) && message.sender?.id !== options.userId;
        if (!isMention || message.createdAt < startedAt || answered.has(message.id)) continue;
        answered.add(message.id);
        conversation
          .send({ text: answer(message), referencedMessage: message.id })
          .catch((error) => console.error(`no reply to ${message.id}: ${error.code}: ${error.message}`));
      }
    });
    subscriptions.set(id, subscription);
  }

  // The list has the conversations with the latest activity; a new message moves its conversation to the top.
  const list = session.subscribeConversations((conversations) => {
    for (const { id } of conversations) if (!subscriptions.has(id)) watchMessages(id);
  });
  await list.connected;

  return {
    stop() {
      list.unsubscribe();
      for (const subscription of subscriptions.values()) subscription.unsubscribe();
    },
  };
}
