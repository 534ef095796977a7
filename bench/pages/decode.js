// Decoding: a result frame with the bodies of many users, from its text to frozen snapshots. The floor is
// JSON.parse and a deep freeze of the same text. Both run in turn, round by round, in one page.
import { createGlue } from "bench-wasm/causerie_bg.js";
import moduleUrl from "bench-wasm/causerie.wasm?url";

import { median } from "./stats.js";

const glue = createGlue();

async function load() {
  const source = await WebAssembly.compileStreaming(fetch(moduleUrl));
  const { exports } = await WebAssembly.instantiate(source, glue.imports);
  glue.__wbg_set_wasm(exports);
  glue.begin();
}

// Names in ASCII only, and in several scripts: a text with a character beyond Latin-1 takes two bytes a
// character in the engine, and converting it to UTF-8 and back is much slower.
const NAMES = {
  ascii: ["Ada Lovelace", "Emilie du Chatelet", "Sofja Kowalewskaja", "Wang Zhenyi", "Hypatia"],
  scripts: ["Ada Lovelace", "Émilie du Châtelet", "Софья Ковалевская", "王贞仪", "Ὑπατία"],
};

// Bodies like those of an app: some with a photo, some with custom data.
function frame(count, names) {
  const users = Array.from({ length: count }, (_, index) => ({
    id: `user-${index}`,
    name: `${names[index % names.length]} ${index}`,
    custom: index % 2 === 0 ? { department: `d${index % 17}`, plan: "team" } : {},
    locale: index % 3 === 0 ? "en-GB" : "fr-FR",
    photoUrl: index % 4 === 0 ? null : `https://example.org/photos/${index}.jpg`,
    role: index % 10 === 0 ? "admin" : "default",
    welcomeMessage: index % 5 === 0 ? "Hello! How can I help you?" : null,
  }));
  const value = users.map((user) => user.id);
  return JSON.stringify({ t: "result", id: 1, value, entities: { users } });
}

function deepFreeze(value) {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}

const floor = (text) => deepFreeze(JSON.parse(text)).entities.users;

// Compares every property of every snapshot, so that the bench measures a correct decoder.
function check(text) {
  const expected = floor(text);
  const snapshots = glue.benchDecode(text);
  if (snapshots.length !== expected.length) {
    throw new Error(`${snapshots.length} snapshots were decoded from ${expected.length} users`);
  }
  snapshots.forEach((snapshot, index) => {
    if (!Object.isFrozen(snapshot) || !Object.isFrozen(snapshot.custom)) {
      throw new Error(`snapshot ${index} is not frozen`);
    }
    for (const [name, value] of Object.entries(expected[index])) {
      if (JSON.stringify(snapshot[name]) !== JSON.stringify(value)) {
        throw new Error(`snapshot ${index} has a wrong ${name}`);
      }
    }
  });
}

function timed(run, text) {
  const since = performance.now();
  const decoded = run(text);
  const took = performance.now() - since;
  if (decoded.length === 0) throw new Error("nothing was decoded");
  return took;
}

globalThis.bench = async ({ users, names, rounds, warmUp }) => {
  await load();
  const text = frame(users, NAMES[names]);
  check(text);
  const sdkTimes = [];
  const floors = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    // Each goes first in every other round, so that neither always collects the garbage of the other.
    const pair = {};
    const order = round % 2 === 0 ? ["sdk", "floor"] : ["floor", "sdk"];
    for (const side of order) {
      pair[side] = timed(side === "sdk" ? glue.benchDecode : floor, text);
    }
    if (round >= 0) {
      sdkTimes.push(pair.sdk);
      floors.push(pair.floor);
    }
    // Lets the engine collect garbage and compile between rounds.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return {
    users,
    rounds,
    textBytes: new TextEncoder().encode(text).length,
    sdkMs: median(sdkTimes),
    floorMs: median(floors),
    ratio: median(sdkTimes) / median(floors),
  };
};
