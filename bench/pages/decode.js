// Decoding: a result frame with many users' bodies, from its text to frozen snapshots, beside what the same
// text costs at the least: JSON.parse and a deep freeze. Both in turn, round by round, in the same page.
import * as glue from "bench-wasm/causerie_bg.js";
import moduleUrl from "bench-wasm/causerie.wasm?url";

import { median } from "./stats.js";

async function load() {
  const source = await WebAssembly.compileStreaming(fetch(moduleUrl));
  const { exports } = await WebAssembly.instantiate(source, glue.imports);
  glue.__wbg_set_wasm(exports);
  glue.begin();
}

// Names in ASCII alone, and of several scripts: a text with any character beyond Latin-1 is twice as wide in the
// engine, and far dearer to turn into UTF-8 and back.
const NAMES = {
  ascii: ["Ada Lovelace", "Emilie du Chatelet", "Sofja Kowalewskaja", "Wang Zhenyi", "Hypatia"],
  scripts: ["Ada Lovelace", "Émilie du Châtelet", "Софья Ковалевская", "王贞仪", "Ὑπατία"],
};

// Bodies as an app has them: some with a photo, some with custom data.
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

// A bench of something that does not do its work is worth nothing: every property of every snapshot is compared.
function check(text) {
  const expected = floor(text);
  const snapshots = glue.benchDecode(text);
  if (snapshots.length !== expected.length) {
    throw new Error(`${snapshots.length} snapshots came of ${expected.length} users`);
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
  const kept = run(text);
  const took = performance.now() - since;
  if (kept.length === 0) throw new Error("nothing was decoded");
  return took;
}

globalThis.bench = async ({ users, names, rounds, warmUp }) => {
  await load();
  const text = frame(users, NAMES[names]);
  check(text);
  const ours = [];
  const floors = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    // Each goes first in every other round, so that neither always pays for the other's garbage.
    const pair = {};
    const order = round % 2 === 0 ? ["ours", "floor"] : ["floor", "ours"];
    for (const which of order) {
      pair[which] = timed(which === "ours" ? glue.benchDecode : floor, text);
    }
    if (round >= 0) {
      ours.push(pair.ours);
      floors.push(pair.floor);
    }
    // Lets the engine collect and compile between rounds rather than within one.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return {
    users,
    rounds,
    textBytes: new TextEncoder().encode(text).length,
    oursMs: median(ours),
    floorMs: median(floors),
    ratio: median(ours) / median(floors),
  };
};
