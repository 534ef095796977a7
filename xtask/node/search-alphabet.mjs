// Usage: node xtask/node/search-alphabet.mjs <module.wasm> [seconds] [alphabet to start from]
//
// Searches for the alphabet of xtask/src/inline_wasm.rs, which is written there by hand afterwards: 256
// characters, one for each byte value, `%` for a byte that is escaped. Any alphabet decodes correctly; a good
// one compresses better.
//
// Brotli predicts a character of a text from the classes of the two before it (space, punctuation of six
// kinds, digits, vowels, consonants; RFC 7932, 7.1, mode UTF8). So bytes that are followed by similar bytes
// should be characters of one class. The cost of an alphabet is the entropy of the text under that model,
// over the bytes that are not part of a longer repetition; simulated annealing lowers it.
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

const [file, seconds = "60", given] = process.argv.slice(2);
const wasm = readFileSync(file);

const PREFIXES = [37, 46];
const EXCLUDED = "\"'\\`<$";
const DIRECT = 87;
/** A repetition of so many bytes is one reference to brotli, not literals. */
const REPETITION = 9;

const characters = [];
for (let code = 32; code < 127; code += 1) {
  if (!EXCLUDED.includes(String.fromCharCode(code)) && !PREFIXES.includes(code)) characters.push(code);
}

// A linear congruential generator: the same arguments give the same alphabet.
let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

/** Brotli's context of a character: the class of the one before, and the coarser class of the one before that. */
const last = new Uint8Array(128).fill(12);
const beforeLast = new Uint8Array(128).fill(1);
/** @type {[members: string, ofLast: number, ofBeforeLast: number][]} */
const classes = [
  [" ", 8, 0],
  ["%", 20, 1],
  ["([{", 24, 1],
  [")]}>", 28, 1],
  [",:;", 32, 1],
  [".", 36, 1],
  ["=", 40, 1],
  ["0123456789", 44, 2],
  ["BCDFGHJKLMNPQRSTVWXYZ", 52, 2],
  ["AEIOU", 48, 2],
  ["bcdfghjklmnpqrstvwxyz", 60, 3],
  ["aeiou", 56, 3],
];
for (const [members, ofLast, ofBeforeLast] of classes) {
  for (const character of members) {
    last[character.charCodeAt(0)] = ofLast;
    beforeLast[character.charCodeAt(0)] = ofBeforeLast;
  }
}

/** Whether each byte is outside every repetition. */
const literal = new Uint8Array(wasm.length).fill(1);
const seen = new Map();
for (let at = 0; at < wasm.length;) {
  const key = (index) => wasm.toString("latin1", index, index + REPETITION);
  const from = seen.get(key(at));
  let length = 0;
  while (from !== undefined && at + length < wasm.length && wasm[from + length] === wasm[at + length]) {
    length += 1;
  }
  const step = Math.max(1, length);
  for (let index = at; index < at + step; index += 1) {
    if (length > 0) literal[index] = 0;
    seen.set(key(index), index);
  }
  at += step;
}

// alphabet[byte] is a character's code, or 0 for an escaped byte.
const alphabet = new Uint8Array(256);
const first = new Uint8Array(256);
const second = new Uint8Array(256);

function assignEscapes() {
  const direct = alphabet.filter((code) => code > 0);
  let escaped = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    first[byte] = alphabet[byte];
    second[byte] = 0;
    if (alphabet[byte] === 0) {
      first[byte] = PREFIXES[Math.floor(escaped / DIRECT)];
      second[byte] = direct[escaped % DIRECT];
      escaped += 1;
    }
  }
}

const encoded = () => Buffer.from([...wasm].flatMap((b) => (second[b] ? [first[b], second[b]] : [first[b]])));

const bits = Float64Array.from({ length: 2 * wasm.length + 1 }, (_, n) => (n ? n * Math.log2(n) : 0));
const counts = new Uint32Array(64 * 128);
const totals = new Uint32Array(64);

/** The estimated size in bytes. Every character that a context uses costs four bits of its code table. */
function cost() {
  assignEscapes();
  counts.fill(0);
  totals.fill(0);
  let one = 32;
  let two = 32;
  for (let at = 0; at < wasm.length; at += 1) {
    const byte = wasm[at];
    for (let code = first[byte], next = second[byte]; code > 0; code = next, next = 0) {
      if (literal[at]) {
        const context = last[one] | beforeLast[two];
        counts[context * 128 + code] += 1;
        totals[context] += 1;
      }
      two = one;
      one = code;
    }
  }
  let sum = 0;
  for (let context = 0; context < 64; context += 1) {
    sum += bits[totals[context]];
    for (let code = 32; code < 127; code += 1) {
      const count = counts[context * 128 + code];
      if (count > 0) sum += 4 - bits[count];
    }
  }
  return sum / 8;
}

const frequency = new Uint32Array(256);
for (const byte of wasm) frequency[byte] += 1;
const ranked = [...frequency.keys()].sort((a, b) => frequency[b] - frequency[a]);
if (given) {
  [...given].forEach((character, byte) => (alphabet[byte] = character === "%" ? 0 : character.charCodeAt(0)));
} else {
  const direct = ranked.slice(0, DIRECT).sort((a, b) => a - b);
  direct.forEach((byte, index) => (alphabet[byte] = characters[index]));
}

let current = cost();
let best = { cost: current, alphabet: alphabet.slice() };
const since = performance.now();
for (let spent = 0; spent < 1; spent = (performance.now() - since) / 1000 / Number(seconds)) {
  // From 40 bytes down to a fifth of one.
  const temperature = 40 * 0.005 ** spent;
  const one = ranked[Math.floor(random() * random() * 130)];
  const other = ranked[Math.floor(random() * 130)];
  [alphabet[one], alphabet[other]] = [alphabet[other], alphabet[one]];
  const tried = cost();
  if (tried <= current || random() < Math.exp((current - tried) / temperature)) {
    current = tried;
    if (current < best.cost) best = { cost: current, alphabet: alphabet.slice() };
  } else {
    [alphabet[one], alphabet[other]] = [alphabet[other], alphabet[one]];
  }
}

alphabet.set(best.alphabet);
assignEscapes();
const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
console.log([...alphabet].map((code) => (code ? String.fromCharCode(code) : "%")).join(""));
console.log(
  `${encoded().length} characters, ${brotliCompressSync(encoded(), options).length} bytes of brotli`,
);
