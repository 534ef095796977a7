// Snapshots of the results of get(): one value with the bodies that it names, of which nothing is kept.

import { Bodies } from "./bodies.js";

// A message of a result and the message that it references are in the same conversation.
const reader = ({ entities }, kind) => {
  const bodies = Bodies();
  bodies.ingest(entities);
  return (item, index) =>
    bodies.view(bodies.resolve(kind, item, entities?.messages?.[0]?.conversation, index, entities));
};

const one = (kind) => (result) => (result.value == null ? null : reader(result, kind)(result.value));

export const userSnapshot = one("user");
export const userSnapshots = (result) => result.value.map(reader(result, "user"));
export const conversationSnapshot = one("conversation");
export const messageSnapshot = one("message");
export const participantSnapshot = one("participant");
export const reactionSnapshots = (result) =>
  result.value == null ? null : Object.freeze(result.value.map(reader(result, "reactions")));
