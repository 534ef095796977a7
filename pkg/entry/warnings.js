// Warnings about arguments that have no effect: unknown keys of objects, and objects or functions beyond the
// last parameter. They help to find mistakes during development, so `instance.js` leaves them out of
// production builds. The SDK ignores unknown keys (the server rejects those of a filter), because programs
// pass whole records, whose other keys are their own.

import { KNOWN, RECORDS } from "./known-keys.js";

const MAX_WARNINGS = 100;
/** The bounds of one check: how deep, and how many objects. A program can pass a cycle. */
const MAX_DEPTH = 20;
const MAX_OBJECTS = 500;

/**
 * A kind of object: its keys, those that it may have besides, and the kinds of the objects under its keys.
 * @typedef {{ keys: readonly string[], also?: readonly string[], inside?: Record<string, Kind> }} Kind
 */

/** @type {Kind} */
const node = { keys: KNOWN.node };
node.inside = { children: node };
/** @type {Kind} */
const block = { keys: KNOWN.block, inside: { children: node } };
const content = { content: block };
/** @type {Record<string, Kind>} */
const KINDS = {
  session: { keys: KNOWN.session },
  user: { keys: KNOWN.user, also: RECORDS.user },
  conversation: { keys: KNOWN.conversation, also: RECORDS.conversation },
  participant: { keys: KNOWN.participant, also: RECORDS.participant },
  sentMessage: { keys: KNOWN.sentMessage, also: RECORDS.message, inside: content },
  editedMessage: { keys: KNOWN.editedMessage, also: RECORDS.message, inside: content },
  list: { keys: KNOWN.list, inside: { filter: { keys: KNOWN.filter } } },
};

/** The kind of the first argument of each call that takes an object. */
const CALLS = {
  getTalkSession: KINDS.session,
  "TalkSession.subscribeConversations": KINDS.list,
  "UserRef.set": KINDS.user,
  "UserRef.createIfNotExists": KINDS.user,
  "ConversationRef.set": KINDS.conversation,
  "ConversationRef.createIfNotExists": KINDS.conversation,
  "ConversationRef.send": KINDS.sentMessage,
  "ParticipantRef.set": KINDS.participant,
  "ParticipantRef.edit": KINDS.participant,
  "ParticipantRef.createIfNotExists": KINDS.participant,
  "MessageRef.edit": KINDS.editedMessage,
};

const reported = new Set();

/** Prints a warning once, and none after the first 100. */
const warn = (subject, problem) => {
  if (reported.has(subject) || reported.size >= MAX_WARNINGS) return;
  reported.add(subject);
  console.warn(`causerie: ${subject}: ${problem}`);
};

/** Returns how many characters to insert, delete, replace or swap with their neighbour to get from a to b. */
const distance = (a, b) => {
  let beforeLast = [];
  let last = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length];
};

const simplified = (key) => key.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Returns the known key that was probably meant: one that differs in few characters, or a nested one. */
const suggestion = (key, { keys, inside = {} }) => {
  const given = simplified(key);
  // A longer key, which has more mistakes than it may, is not compared.
  if (given.length < 3 || given.length > 40) return undefined;
  const allowed = Math.max(1, Math.floor(given.length / 3));
  let best;
  for (const name of keys) {
    const difference = distance(given, simplified(name));
    if (difference <= (best?.difference ?? allowed)) best = { name, difference };
  }
  const parent = Object.keys(inside).find((name) => inside[name].keys.includes(key));
  return best?.name ?? (parent && `${parent}.${key}`);
};

/** Returns a property without calling a getter, whose side effects would happen twice. */
const data = (object, key) => Object.getOwnPropertyDescriptor(object, key)?.value;

const checkObject = (call, value, kind) => {
  let objects = 0;
  const visit = (value, kind, path, depth) => {
    if (typeof value !== "object" || value === null || depth > MAX_DEPTH || (objects += 1) > MAX_OBJECTS)
      return;
    if (Array.isArray(value)) {
      for (const one of value) visit(one, kind, path, depth + 1);
      return;
    }
    // What is sent is the result of that method.
    if (typeof value.toJSON === "function") return;
    for (const key of Object.keys(value)) {
      const field = path === "" ? key : `${path}.${key}`;
      if (kind.keys.includes(key)) {
        const inner = kind.inside?.[key];
        if (inner) visit(data(value, key), inner, field, depth + 1);
      } else if (!kind.also?.includes(key) && data(value, key) !== undefined) {
        const meant = suggestion(key, kind);
        const shown = field.length > 80 ? `${field.slice(0, 80)}...` : field;
        warn(
          `${call}: ${shown}`,
          meant === undefined ? "unknown key" : `unknown key; did you mean \`${meant}\`?`,
        );
      }
    }
  };
  visit(value, kind, "", 0);
};

/** Whether an argument carries an intent. Callers such as `forEach` pass numbers and arrays as well. */
const isMeant = (value) =>
  typeof value === "function" || (typeof value === "object" && value !== null && !Array.isArray(value));

/** Warns about arguments of a call that have no effect. `arity` is the number of its parameters. */
const checkArguments = (call, args, arity) => {
  try {
    if (CALLS[call]) checkObject(call, args[0], CALLS[call]);
    if (args.slice(arity).some(isMeant))
      warn(call, `takes ${arity} argument${arity === 1 ? "" : "s"}; further ones have no effect`);
  } catch {
    // A proxy may throw. Then the call itself fails, or the object is none of ours to judge.
  }
};

/** Returns a function that checks its arguments before each call of another one. */
export const checked = (call, original) => {
  const replacement = function (...args) {
    checkArguments(call, args, original.length);
    return original.apply(this, args);
  };
  return Object.defineProperties(replacement, {
    name: { value: original.name, configurable: true },
    length: { value: original.length, configurable: true },
  });
};

/** Replaces the methods of these classes by ones that check their arguments. */
export const checkMethods = (classes) => {
  for (const [name, { prototype }] of Object.entries(classes)) {
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value !== "function" || key === "constructor" || key.startsWith("__")) continue;
      prototype[key] = checked(`${name}.${key}`, value);
    }
  }
};
