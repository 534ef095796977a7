// The operations on bodies and lists for which every property or entry is visited: one call from Rust for
// each body, instead of one for each property.

const { freeze, isFrozen, keys, values } = Object;

// In the order of `Kind` in causerie-client.
const user = (value) => value.user;
const IDS = [
  (body) => body.id,
  (body) => `${body.id}\n${body.lastMessage ?? ""}`,
  (body) => `${body.id}\n${body.conversation}\n${body.sender ?? ""}\n${body.referencedMessage ?? ""}`,
  user,
  user,
  user,
  ({ users = [] }) => users.join("\n"),
];

/** Returns the ids in a body or a value of this kind, each but the last followed by a line feed. */
export const ids = (kind, body) => IDS[kind](body);

/** Returns the latest time in a body or a value of this kind, or 0. */
export const time = (kind, { createdAt = 0, joinedAt = 0, lastMessageAt = 0 }) =>
  kind === 1 ? Math.max(joinedAt, lastMessageAt) : kind === 3 ? joinedAt : createdAt;

/** Returns the value of a topic of typing users without any. */
export const nobodyTypes = () => ({ users: [] });

// Returns the old value if the new one is deeply equal; else the new one, frozen, with every part that is
// equal to the old one's replaced by it.
const reuse = (old, value) => {
  if (typeof value !== "object" || old === value || value === null) return value;
  if (!old) {
    // A faster path for new values, which are most of them.
    if (!isFrozen(value)) for (const part of values(value)) reuse(0, part);
    return freeze(value);
  }
  const names = keys(value);
  let same = old.constructor === value.constructor && keys(old).length === names.length;
  for (const name of names) {
    const before = old[name];
    const part = reuse(before, value[name]);
    if (part !== before) same = false;
    if (part !== value[name]) {
      if (isFrozen(value)) value = Array.isArray(value) ? [...value] : { ...value };
      value[name] = part;
    }
  }
  return same ? old : freeze(value);
};

/**
 * Returns `undefined` if a body equals the old one apart from its revision; else the body to keep: frozen,
 * with every part that is equal to the old one's replaced by it.
 */
export const merge = (old, body) => {
  if (!isFrozen(body)) body.rev = 0;
  const merged = reuse(old, body);
  return merged === old ? undefined : merged;
};

/** Returns a frozen copy of a list, in which other entries replace `removed` ones from `start` on. */
export const splice = (old = [], start, removed, added) =>
  freeze([...old.slice(0, start), ...added, ...old.slice(start + removed)]);
