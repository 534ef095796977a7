import { getTalkSession } from "causerie";

const query = new URLSearchParams(location.search);
const host = query.get("host") ?? "http://127.0.0.1:8787";
const appId = query.get("app") ?? "demo";
const userId = query.get("user") ?? "alice";
const conversationId = query.get("conversation") ?? "welcome";

const status = document.getElementById("status");
const list = document.getElementById("messages");
const composer = /** @type {HTMLFormElement} */ (document.getElementById("composer"));

const session = getTalkSession({ appId, userId, host });
session.onError((error) => (status.textContent = error.message));

const conversation = session.conversation(conversationId);

/** Shows the messages, oldest first. The snapshot is null if the user does not take part in the conversation. */
function show(messages) {
  const items = [...(messages ?? [])].reverse().map((message) => {
    const item = document.createElement("li");
    // `textContent`, so that text from other users cannot become HTML.
    item.textContent = `${message.sender?.name ?? "System"}: ${message.plaintext}`;
    return item;
  });
  list.replaceChildren(...items);
}

composer.addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (composer.elements.namedItem("text"));
  try {
    await conversation.send(input.value);
    composer.reset();
  } catch (error) {
    status.textContent = error.message;
  }
});

try {
  await session.currentUser.createIfNotExists({ name: userId });
  await conversation.createIfNotExists();
  await conversation.subscribeMessages(show).connected;
  status.textContent = `Connected as ${userId}.`;
} catch (error) {
  status.textContent = error.message;
}
