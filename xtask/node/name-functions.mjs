// Usage: node xtask/node/name-functions.mjs <module.wasm> <named.wasm>
//
// Copies a module and names its functions so that wasm-opt's pass --reorder-functions-by-name puts similar
// ones beside each other. Brotli then describes a function by a shorter reference to the one before it, and
// the statistics that it learns from one fit the next. The order has no other effect: calls are renumbered.
//
// The order is greedy: it begins with the longest function, and the next one is the one that has the most
// byte sequences in common with the last, as a share of the sequences of both.
import { readFileSync, writeFileSync } from "node:fs";

/** The length of the compared byte sequences. */
const SEQUENCE = 5;
/** A sequence in this many functions says nothing about which of them are similar. */
const COMMON = 60;

const [from, to] = process.argv.slice(2);
const wasm = readFileSync(from);

let at = 8;
function integer() {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return value;
  }
}
function text() {
  const length = integer();
  at += length;
  return wasm.toString("utf8", at - length, at);
}
function limits() {
  const flags = integer();
  integer();
  if (flags & 1) integer();
}

/** How many functions the module imports: they have the first indices. */
let imported = 0;
const IMPORTS = [
  () => {
    integer();
    imported += 1;
  },
  () => {
    integer();
    limits();
  },
  limits,
  () => {
    at += 2;
  },
];
/** The functions of the module, as latin1 strings. */
const functions = [];
while (at < wasm.length) {
  const id = wasm[at++];
  const length = integer();
  const end = at + length;
  if (id === 0 && text() === "name") throw new Error(`${from}: must have no names of functions`);
  if (id === 2) {
    for (let left = integer(); left > 0; left -= 1) {
      text();
      text();
      const kind = wasm[at++];
      if (!IMPORTS[kind]) throw new Error(`${from}: an import of the unknown kind ${kind}`);
      IMPORTS[kind]();
    }
  }
  if (id === 10) {
    for (let left = integer(); left > 0; left -= 1) {
      const size = integer();
      functions.push(wasm.toString("latin1", at, at + size));
      at += size;
    }
  }
  at = end;
}

const sequences = functions.map((body) => {
  const all = new Set();
  for (let index = 0; index + SEQUENCE <= body.length; index += 1)
    all.add(body.slice(index, index + SEQUENCE));
  return all;
});
/** The functions that have a sequence. */
const having = new Map();
sequences.forEach((all, index) => {
  for (const sequence of all) {
    const list = having.get(sequence);
    if (list) list.push(index);
    else having.set(sequence, [index]);
  }
});

const byLength = functions.map((_, index) => index);
byLength.sort((one, other) => functions[other].length - functions[one].length || one - other);
const left = new Set(byLength);

/** Returns the function that is most similar to this one, and otherwise the longest that is left. */
function next(last) {
  const common = new Map();
  for (const sequence of sequences[last]) {
    const list = having.get(sequence);
    if (list.length >= COMMON) continue;
    for (const index of list) if (left.has(index)) common.set(index, (common.get(index) ?? 0) + 1);
  }
  let best;
  let share = 0;
  for (const [index, count] of common) {
    const of = count / (sequences[last].size + sequences[index].size - count);
    if (of > share || (of === share && index < best)) [best, share] = [index, of];
  }
  return best ?? left.values().next().value;
}

const order = [];
for (let current = byLength[0]; current !== undefined; current = next(current)) {
  order.push(current);
  left.delete(current);
}

function encoded(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}
const names = [];
order.forEach((index, position) => {
  const name = String(position).padStart(6, "0");
  names.push([index, [...encoded(index + imported), ...encoded(name.length), ...Buffer.from(name)]]);
});
names.sort(([one], [other]) => one - other);
const list = [...encoded(names.length), ...names.flatMap(([, bytes]) => bytes)];
// A custom section "name" with the subsection 1, the names of functions.
const content = [...encoded(4), ...Buffer.from("name"), 1, ...encoded(list.length), ...list];
const section = Buffer.from([0, ...encoded(content.length), ...content]);
writeFileSync(to, Buffer.concat([wasm, section]));
