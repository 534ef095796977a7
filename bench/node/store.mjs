// The client's store in Node, from the arrival of a frame to the callback of the program. The server is
// simulated (wire.mjs); everything else is the published package. Three figures, each with a floor that is
// measured in turn with it:
//
// - `load`: 1,000 messages, loaded in steps of 100: JSON.parse and a deep freeze of the same texts;
// - `one`: one message into a window of 30, with 20 other subscriptions: three times JSON.parse of the frame,
//   and freezing what changed;
// - `many`: one message for any of the conversations of 2, 20, 100 and 500 subscriptions (500 is the limit of
//   a session), each on the messages of a conversation, or half of them on the conversations themselves: how
//   the cost grows with the number of subscriptions.
//
//     node bench/node/store.mjs [--quick] [--only=load|one|many] [--out=FILE]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { getTalkSession, registerPolyfills } from "causerie";

import { deepFreeze, message } from "../pages/bodies.js";
import { median, trimmedMean } from "../pages/stats.js";
import { print } from "./print.mjs";
import { SENDERS, SimulatedServer, ids, page } from "./wire.mjs";

const { values: args } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, out: { type: "string" } },
});
const HISTORY = 1_000;
const now = () => performance.now();
const nextTask = () => new Promise((resolve) => setImmediate(resolve));

let server;
// The SDK takes the class when it opens a socket: each session gets the server that was made last.
delete globalThis.WebSocket;
registerPolyfills({
  WebSocket: new Proxy(class {}, { construct: () => new server.WebSocket() }),
});

let sessions = 0;
function openSession() {
  server = new SimulatedServer(HISTORY);
  sessions += 1;
  const session = getTalkSession({
    appId: "bench",
    userId: `reader-${sessions}`,
    host: "http://simulated.invalid",
  });
  return { server, session };
}

async function load({ loads, warmUp }) {
  const { server, session } = openSession();
  const times = [];
  const floors = [];
  for (let round = -warmUp; round < loads; round += 1) {
    const name = `long-${String(round + warmUp).padStart(6, "0")}`;
    const subscription = session.conversation(name).subscribeMessages(() => {});
    await subscription.connected;
    let spent = 0;
    let floor = 0;
    for (let loadedAll = false; !loadedAll; loadedAll = subscription.state.loadedAll) {
      const requested = new Promise((resolve) => (server.onPage = resolve));
      const loaded = subscription.loadMore(100);
      await requested;
      const text = server.pageTexts.pop();
      // Other bytes of the same form: a text that was parsed before is parsed faster.
      const other = text.replaceAll("long-", "else-");
      const measureFloor = () => {
        const since = now();
        deepFreeze(JSON.parse(other));
        floor += now() - since;
      };
      if (round % 2 === 0) measureFloor();
      const since = now();
      server.arrive(text);
      await loaded;
      spent += now() - since;
      if (round % 2 !== 0) measureFloor();
    }
    const { latestSnapshot } = subscription.state;
    if (latestSnapshot.length !== HISTORY)
      throw new Error(`${latestSnapshot.length} messages of ${HISTORY} were loaded`);
    if (latestSnapshot.at(-1).id !== message(0, name, SENDERS).id)
      throw new Error("the snapshot ends with another message");
    if (!Object.isFrozen(latestSnapshot[500].content[0])) throw new Error("a message is not frozen");
    if (round >= 0) {
      times.push(spent);
      floors.push(floor);
    }
    subscription.unsubscribe();
    await nextTask();
  }
  return { ms: median(times), floorMs: median(floors), ratio: median(times) / median(floors) };
}

// Delivers texts in one task; returns the milliseconds until `count` callbacks were called.
let notified = () => {};
async function deliver(server, texts, count = 1) {
  let missing = count;
  const called = new Promise((resolve) => {
    notified = () => {
      missing -= 1;
      if (missing === 0) resolve(now());
    };
  });
  const since = now();
  for (const text of texts) server.arrive(text);
  return (await called) - since;
}

/** Measures parsing and freezing what the texts contain. The texts must not have been parsed before. */
function floorOf(texts, kept) {
  const since = now();
  const parsed = texts.map((text) => JSON.parse(text));
  const parsing = now() - since;
  const before = now();
  for (const { entities } of parsed) {
    for (const one of entities.messages) deepFreeze(one);
    for (const one of entities.conversations ?? []) deepFreeze(one);
  }
  Object.freeze([parsed.at(-1).entities.messages[0], ...kept.slice(0, 29)]);
  const freezing = now() - before;
  return { parsing, goal: 3 * parsing + freezing };
}

async function one({ rounds, warmUp }) {
  const { server, session } = openSession();
  const others = [];
  for (let index = 0; index < 10; index += 1) {
    const ref = session.conversation(`other-${index}`);
    others.push(
      ref.subscribe(() => {}),
      ref.subscribeMessages(() => {}),
    );
  }
  let latest;
  const main = session.conversation("main").subscribeMessages((snapshot) => {
    latest = snapshot;
    notified();
  });
  await Promise.all([...others, main].map((subscription) => subscription.connected));
  const times = [];
  const floors = [];
  const parsings = [];
  for (let round = 0; round < warmUp + rounds; round += 1) {
    // A list grows with each message; deleting the oldest makes it one of 30 again.
    if (latest.length >= 35) await deliver(server, [server.deletionEvent("main", ids(latest.slice(30)))]);
    const number = HISTORY + round;
    const text = server.messageEvent("main", number);
    const other = text.replaceAll('"main"', '"lain"');
    let floor;
    if (round % 2 === 0) floor = floorOf([other], latest);
    const took = await deliver(server, [text]);
    floor ??= floorOf([other], latest);
    if (latest[0].id !== message(number, "main", SENDERS).id || !Object.isFrozen(latest[0].content))
      throw new Error("the snapshot begins with another message, or it is not frozen");
    if (round >= warmUp) {
      times.push(took);
      floors.push(floor.goal);
      parsings.push(floor.parsing);
    }
    if (round % 20 === 0) await nextTask();
  }
  return {
    frameBytes: server.messageEvent("main", HISTORY).length,
    us: 1_000 * median(times),
    floorUs: 1_000 * median(floors),
    parseUs: 1_000 * median(parsings),
    ratio: median(times) / median(floors),
    // With the garbage collector's share, which a median leaves out.
    meanRatio: trimmedMean(times) / trimmedMean(floors),
  };
}

/**
 * A session with a number of subscriptions on the messages of conversations, or on `both` the messages and
 * the conversations.
 */
async function follow(subscriptions, both) {
  const opened = openSession();
  const conversations = both ? subscriptions / 2 : subscriptions;
  const connected = [];
  for (let index = 0; index < conversations; index += 1) {
    const ref = opened.session.conversation(`c-${index}`);
    connected.push(ref.subscribeMessages(() => notified()).connected);
    if (both) connected.push(ref.subscribe(() => notified()).connected);
  }
  await Promise.all(connected);
  const lists = new Map();
  return { ...opened, subscriptions, conversations, both, next: HISTORY, lists, times: [], floors: [] };
}

async function many({ rounds, warmUp, counts }) {
  const all = [];
  for (const count of counts) all.push(await follow(count, false), await follow(count, true));
  // The sessions take turns, so that each has the same share of the machine's noise.
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (const one of all) {
      const id = `c-${(round * 7) % one.conversations}`;
      const number = one.next++;
      const texts = [one.server.messageEvent(id, number)];
      if (one.both) texts.unshift(one.server.conversationReset(id, number));
      const others = texts.map((text) => text.replaceAll(`"${id}"`, `"d${id.slice(1)}"`));
      let floor;
      if (round % 2 === 0) floor = floorOf(others, []);
      const took = await deliver(one.server, texts, texts.length);
      floor ??= floorOf(others, []);
      if (round >= warmUp) {
        one.times.push(took);
        one.floors.push(floor.goal);
      }
      // A list grows with each message; deleting the oldest makes it one of 30 again.
      const list = one.lists.get(id) ?? ids(page(id, HISTORY - 1, 30));
      one.lists.set(id, list);
      list.unshift(message(number, id, SENDERS).id);
      if (list.length === 35) await deliver(one.server, [one.server.deletionEvent(id, list.splice(30))]);
    }
    if (round % 10 === 0) await nextTask();
  }
  return all.map(({ subscriptions, both, times, floors }) => {
    const first = all.find((other) => other.both === both);
    return {
      subscriptions,
      both,
      us: 1_000 * median(times),
      floorUs: 1_000 * median(floors),
      ratio: median(times) / median(floors),
      growth: median(times) / median(first.times),
    };
  });
}

const { quick, only } = args;
const benches = {
  load: {
    run: () => load(quick ? { loads: 2, warmUp: 1 } : { loads: 60, warmUp: 20 }),
    rows: (result) => [
      ["1,000 messages in steps of 100 to snapshots", result.ms, "ms"],
      ["  JSON.parse + deep freeze of the same texts", result.floorMs, "ms"],
      ["  ratio (goal: at most 1.5)", result.ratio, "×"],
    ],
  },
  one: {
    run: () => one(quick ? { rounds: 40, warmUp: 10 } : { rounds: 6_000, warmUp: 3_000 }),
    rows: (result) => [
      [`one message (${result.frameBytes} bytes) into a window of 30, 20 others live`, result.us, "µs"],
      ["  3 × JSON.parse of the frame, and freezing what changed", result.floorUs, "µs"],
      ["  JSON.parse of the frame alone", result.parseUs, "µs"],
      ["  ratio (goal: at most 1)", result.ratio, "×"],
      ["  ratio of the means without the worst hundredth", result.meanRatio, "×"],
    ],
  },
  many: {
    run: () =>
      many(
        quick
          ? { rounds: 10, warmUp: 3, counts: [2, 20] }
          : { rounds: 2_000, warmUp: 1_000, counts: [2, 20, 100, 500] },
      ),
    rows: (result) =>
      result.flatMap(({ subscriptions, both, us, floorUs, ratio, growth }) => [
        [
          `one message, ${subscriptions} on ${both ? "conversations and their messages" : "messages"}`,
          us,
          "µs",
        ],
        ["  3 × JSON.parse of its frames, and freezing what changed", floorUs, "µs"],
        ["  ratio", ratio, "×"],
        ["  compared with the fewest (goal: 1)", growth, "×"],
      ]),
  },
};

const figures = { quick: Boolean(quick), node: process.version };
for (const [name, bench] of Object.entries(benches)) {
  if (only && only !== name) continue;
  figures[name] = await bench.run();
  print(`store, ${name}`, bench.rows(figures[name]), quick);
}
if (args.out) writeFileSync(args.out, `${JSON.stringify(figures, null, 2)}\n`);
process.exit(0);
