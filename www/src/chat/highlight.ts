// Shows why a text was found: the part around the first hit, with all hits marked. Like the server, it
// compares without case and accents; the server alone decides what is found.

import { h } from "../dom";

/** How many characters are shown before the first hit. */
const BEFORE = 30;
/** How many characters are shown in all. */
const LENGTH = 140;

/** A character of a text, and its form without case and accents. */
interface Character {
  shown: string;
  folded: string;
}

/** Returns the part of a text around the first word of the query, with the words marked. */
export function excerpt(text: string, query: string): (Node | string)[] {
  const characters = [...text.replace(/\s+/g, " ").trim()].map((shown) => ({ shown, folded: fold(shown) }));
  const words = query.split(/\s+/).map(fold).filter(Boolean);
  const marked = hits(characters, words);
  const first = marked.indexOf(true);
  const start = first <= BEFORE || characters.length <= LENGTH ? 0 : first - BEFORE;
  const end = Math.min(characters.length, start + LENGTH);
  const parts: (Node | string)[] = start > 0 ? ["…"] : [];
  for (let at = start; at < end;) {
    let next = at + 1;
    while (next < end && marked[next] === marked[at]) next += 1;
    const run = characters
      .slice(at, next)
      .map(({ shown }) => shown)
      .join("");
    parts.push(marked[at] === true ? h("mark", {}, run) : run);
    at = next;
  }
  if (end < characters.length) parts.push("…");
  return parts;
}

/** Returns for each character whether it is part of a hit: a word of the query at the beginning of a word. */
function hits(characters: readonly Character[], words: readonly string[]): boolean[] {
  const marked = characters.map(() => false);
  characters.forEach((_, at) => {
    const before = characters[at - 1]?.folded;
    if (before !== undefined && isLetter(before) && !isWithoutSpaces(before)) return;
    for (const word of words) {
      const end = endOf(characters, at, word);
      if (end !== null) marked.fill(true, at, end);
    }
  });
  return marked;
}

/** Returns the index after a word that begins at a character; `null` if it does not. */
function endOf(characters: readonly Character[], start: number, word: string): number | null {
  let rest = word;
  let at = start;
  while (rest !== "") {
    const folded = characters[at]?.folded;
    // An accent of its own has no folded form.
    if (folded === undefined || (folded === "" && at === start)) return null;
    if (!rest.startsWith(folded)) return null;
    rest = rest.slice(folded.length);
    at += 1;
  }
  return at;
}

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function isLetter(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/** Whether a script is written without spaces, so that a word can begin anywhere. */
function isWithoutSpaces(text: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u.test(
    text,
  );
}
