// Live data, from the arrival of a frame to the callback of the program, compared with parsing and freezing
// alone:
// - one message into a window of 30, with 20 other subscriptions live, and
// - 1,000 messages, loaded in steps of 100.
// The socket is simulated (wire.js); everything behind it is the published package.
import { getTalkSession } from "causerie";

import { conversation, deepFreeze, message, user } from "./bodies.js";
import { median, trimmedMean } from "./stats.js";
import { runTask, simulatedWebSocket } from "./wire.js";

const SENDERS = 12;
const HISTORY = 1_000;
const USERS = Array.from({ length: SENDERS }, (_, index) => user(index));

const page = (id, from, count) => Array.from({ length: count }, (_, at) => message(from - at, id, SENDERS));
const ids = (messages) => messages.map((one) => one.id);

let socket;
let pageTexts = [];
const subscribed = new Map();

function respond(frame, from) {
  socket = from;
  const send = (reply) => from.arrive(JSON.stringify(reply));
  if (frame.t === "hello") send({ t: "welcome", protocol: 1, epoch: "e", time: 1, pingInterval: 25_000 });
  if (frame.t === "subscribe") {
    const { kind, id } = frame.topic;
    subscribed.set(`${kind}/${id}`, frame.id);
    if (kind === "messages") {
      const messages = page(id, HISTORY - 1, 30);
      const value = { items: ids(messages), more: true };
      send({ t: "reset", id: frame.id, seq: 1, value, entities: { users: USERS, messages } });
    } else {
      const last = message(HISTORY - 1, id, SENDERS);
      const entities = { users: USERS, messages: [last], conversations: [conversation(id, last.id)] };
      send({ t: "reset", id: frame.id, value: id, entities });
    }
  }
  if (frame.op === "more") {
    const from = Number(frame.params.after.id.slice(4)) - 1;
    const messages = page(frame.params.topic.id, from, Math.min(frame.params.limit, from + 1));
    const value = { items: ids(messages), more: from >= messages.length };
    pageTexts.push(
      JSON.stringify({ t: "result", id: frame.id, value, entities: { users: USERS, messages } }),
    );
    // The frame is made before the measured part.
    runTask(() => deliverPage());
  }
}

/** @type {(value?: unknown) => void} */
let deliverPage = () => {};

globalThis.bench = async ({ rounds, warmUp, loads }) => {
  globalThis.WebSocket = /** @type {any} */ (simulatedWebSocket(respond));
  const session = getTalkSession({ appId: "bench", userId: "user-0", host: "http://simulated.invalid" });

  // Twenty others: ten conversations and their messages.
  const others = [];
  for (let index = 0; index < 10; index += 1) {
    const ref = session.conversation(`other-${index}`);
    others.push(
      ref.subscribe(() => {}),
      ref.subscribeMessages(() => {}),
    );
  }
  /** @type {(value?: unknown) => void} */
  let notified = () => {};
  let latest;
  const main = session.conversation("main").subscribeMessages((snapshot) => {
    latest = snapshot;
    notified();
  });
  await Promise.all([...others, main].map((subscription) => subscription.connected));

  // One message. Each arrives in a task of its own, in which its callback is called too.
  const id = subscribed.get("messages/main");
  let seq = 1;
  const events = (changes, entities) =>
    JSON.stringify({ t: "events", id, since: seq, seq: seq + 1, changes, entities });
  const event = (number) => {
    const one = message(HISTORY + number, "main", SENDERS);
    const users = [USERS[(HISTORY + number) % SENDERS]];
    return events([{ put: one.id }], { users, messages: [one] });
  };
  const sdkTimes = [];
  const floors = [];
  /** @type {readonly object[]} */
  let kept = [];
  for (let round = 0; round < warmUp + rounds; round += 1) {
    if (latest.length >= 35) {
      // A list grows with each message; deleting the oldest makes it one of 30 again. A reset would not: an
      // open list does not become shorter.
      const deleted = ids(latest.slice(30)).map((drop) => ({ drop }));
      const shrunk = new Promise((resolve) => {
        notified = resolve;
      });
      socket.arrive(events(deleted, {}));
      seq += 1;
      await shrunk;
    }
    const text = event(round);
    const called = new Promise((resolve) => {
      notified = () => resolve(performance.now());
    });
    socket.arrive(text);
    seq += 1;
    const took = (await called) - socket.arrivedAt;
    if (latest[0].id !== message(HISTORY + round, "main", SENDERS).id)
      throw new Error("the snapshot begins with another message");
    if (!Object.isFrozen(latest) || !Object.isFrozen(latest[0].content)) throw new Error("it is not frozen");
    // The floor parses other texts, because a text that was parsed before is parsed faster.
    const texts = [event(rounds + warmUp + 2 * round), event(rounds + warmUp + 2 * round + 1)];
    const before = performance.now();
    const parsed = JSON.parse(texts[0]);
    deepFreeze(parsed.entities.messages[0]);
    kept = Object.freeze([parsed.entities.messages[0], ...kept.slice(0, 29)]);
    const floor = performance.now() - before;
    const parsing = performance.now();
    JSON.parse(texts[1]);
    const alone = performance.now() - parsing;
    if (round >= warmUp) {
      sdkTimes.push(took);
      floors.push(3 * alone + Math.max(0, floor - alone));
    }
    // Lets the garbage collector work between messages.
    if (round % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  // A thousand messages, in steps.
  const loading = [];
  const loadingFloors = [];
  for (let load = 0; load < loads; load += 1) {
    const subscription = session.conversation(`long-${load}`).subscribeMessages(() => {});
    await subscription.connected;
    let spent = 0;
    let floor = 0;
    let loadedAll = false;
    while (!loadedAll) {
      const arrived = new Promise((resolve) => {
        deliverPage = resolve;
      });
      pageTexts = [];
      const loaded = subscription.loadMore(100);
      await arrived;
      const [text] = pageTexts;
      socket.arrive(text);
      await loaded;
      spent += performance.now() - socket.arrivedAt;
      // Other bytes of the same form: the ids of another conversation.
      const other = text.replaceAll(`long-${load}`, `else-${load}`);
      const before = performance.now();
      deepFreeze(JSON.parse(other));
      floor += performance.now() - before;
      loadedAll = subscription.state.loadedAll;
    }
    const snapshot = subscription.state.latestSnapshot;
    if (snapshot.length !== HISTORY) throw new Error(`${snapshot.length} messages of ${HISTORY} were loaded`);
    if (load >= loads / 4) {
      loading.push(spent);
      loadingFloors.push(floor);
    }
    subscription.unsubscribe();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return {
    rounds,
    frameBytes: event(0).length,
    preciseClock: globalThis.crossOriginIsolated,
    // The clock has a resolution of 5 µs or worse: means of many.
    oneMs: trimmedMean(sdkTimes),
    oneFloorMs: trimmedMean(floors),
    oneRatio: trimmedMean(sdkTimes) / trimmedMean(floors),
    loadMs: median(loading),
    loadFloorMs: median(loadingFloors),
    loadRatio: median(loading) / median(loadingFloors),
  };
};
