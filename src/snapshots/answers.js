// The answers of get(): one value with the bodies it needs, which nobody keeps.

import { Bodies } from "./bodies.js";

// Answers about a message, and the message it refers to, are of one conversation.
const reader = ({ entities }, kind) => {
  const bodies = Bodies();
  bodies.learn(entities);
  return (item, index) =>
    bodies.view(bodies.name(kind, item, entities?.messages?.[0]?.conversation, index, entities));
};

const one = (kind) => (answer) => (answer.value == null ? null : reader(answer, kind)(answer.value));

export const userSnapshot = one("user");
export const userSnapshots = (answer) => answer.value.map(reader(answer, "user"));
export const conversationSnapshot = one("conversation");
export const messageSnapshot = one("message");
export const participantSnapshot = one("participant");
export const reactionSnapshots = (answer) =>
  answer.value == null ? null : Object.freeze(answer.value.map(reader(answer, "reactions")));
