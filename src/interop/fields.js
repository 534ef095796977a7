// The names of the fields that the SDK reads from the server's values, in the order of `Name` in fields.rs.
const NAMES = [
  "t",
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
];

/** Returns a field of a value. */
export const field = (value, index) => value[NAMES[index]];
