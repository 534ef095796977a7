// The names of the fields that the SDK reads from the server's values, in the order of `Name` in fields.rs.
const NAMES = [
  "id",
  "seq",
  "since",
  "epoch",
  "protocol",
  "time",
  "pingInterval",
  "results",
  "error",
  "code",
  "message",
  "field",
  "retryAfter",
  "tokenExpiresIn",
  "value",
  "changes",
  "entities",
  "users",
  "conversations",
  "messages",
  "items",
  "more",
  "many",
  "put",
  "next",
  "at",
];

/** Returns a field of a value. */
export const field = (value, index) => value[NAMES[index]];

/** Returns a field of a value that is a number, or else NaN. */
export const number = (value, index) => {
  const number = value[NAMES[index]];
  return typeof number === "number" ? number : NaN;
};

// The types of frames, in the order of `FrameType` in fields.rs.
const TYPES = [
  "result",
  "events",
  "reset",
  "update",
  "ended",
  "welcome",
  "authenticated",
  "error",
  "ping",
  "pong",
];

/** Returns the index of a frame's type, or -1. */
export const frameType = ({ t }) => TYPES.indexOf(t);
