// The operations on bodies and lists for which every property or entry is visited: one call from Rust for
// each body, instead of one for each property.

const { freeze, isFrozen } = Object;
const isObject = (value) => typeof value === "object" && value !== null;

// In the order of `Kind` in causerie-client.
const id = (entry) => (isObject(entry) ? "" : entry);
// A result of a search is a conversation, or a message in one.
const found = (one) => (one.message ? `${one.message}\t${one.conversation}` : (one.conversation ?? id(one)));
const user = (value) => value.user;
const IDS = [
  (body) => body.id,
  (body) => `${body.id}\t${body.lastMessage ?? ""}`,
  (body) => `${body.id}\t${body.conversation}\t${body.sender ?? ""}\t${body.referencedMessage ?? ""}`,
  user,
  user,
  user,
  ({ users = [] }) => users.join("\t"),
  ({ put = "", drop = "" }) => `${id(put)}\t${drop}`,
  found,
];

/** Returns the ids in bodies or values of this kind: a line for each, in which tabs separate them. */
export const ids = (kind, bodies) => bodies.map((body) => IDS[kind](body)).join("\n");

/** Returns the latest time in a body or a value of this kind, or 0. */
export const time = (kind, { createdAt = 0, joinedAt = 0, lastMessageAt = 0 }) =>
  kind === 1 ? Math.max(joinedAt, lastMessageAt) : kind === 3 ? joinedAt : createdAt;

// Freezes a new value with all its parts. These two loops are the fastest ones: together they take half the
// time of a loop over `Object.values`.
const freezeAll = (value) => {
  if (Array.isArray(value)) {
    for (const part of value) if (isObject(part)) freezeAll(part);
  } else {
    for (const name in value) if (isObject(value[name])) freezeAll(value[name]);
  }
  return freeze(value);
};

// Returns the old value if the new one is deeply equal; else the new one, frozen, with every part that is
// equal to the old one's replaced by it.
const reuse = (old, value) => {
  if (!isObject(value) || old === value) return value;
  if (!isObject(old)) return freezeAll(value);
  let merged = value;
  let same = old.constructor === value.constructor;
  let more = 0;
  for (const name in value) {
    more += 1;
    const part = reuse(old[name], value[name]);
    if (part !== old[name]) same = false;
    if (part !== value[name]) {
      if (isFrozen(merged)) merged = Array.isArray(value) ? [...value] : { ...value };
      merged[name] = part;
    }
  }
  for (const _ in old) more -= 1;
  return same && more === 0 ? old : freeze(merged);
};

/**
 * Returns `undefined` if a body equals the old one apart from its revision; else the body to keep: frozen,
 * with every part that is equal to the old one's replaced by it.
 */
export const merge = (old, body) => {
  // Revisions would make equal bodies different. Only a body that was merged before is frozen.
  if (!old || !isFrozen(body)) body.rev = 0;
  const merged = reuse(old, body);
  return merged === old ? undefined : merged;
};

/** Returns a frozen copy of a list, in which other entries replace `removed` ones from `start` on. */
export const splice = (old = [], start, removed, added) => {
  // This copies a frozen array in a tenth of the time of `slice`.
  const list = [...old];
  list.splice(start, removed, ...added);
  return freeze(list);
};
