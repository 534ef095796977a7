// Live messages and history in Node, against a real server: through the SDK, through a bare client of the
// package `ws` that parses each frame, and (for live messages) through one that only receives.
//
// - `deliveries`: 100 sessions follow one conversation, into which 200 messages are sent at once, all of them
//   durable: deliveries a second, from the sending to the last session's last message;
// - `history`: 1,000 messages of a conversation, loaded in the same steps.
//
// Each client is a process of its own (followers.mjs) with a conversation of its own, and they take turns.
// This process sends.
//
//     cargo xtask bench --only node            starts a server and runs this
//     node bench/node/deliveries.mjs [--quick] [--profile=FOLDER] [--out=FILE]
//                                              with BENCH_SERVER, and BENCH_APP_ID if it is not `demo`
//
// With --profile, the clients write CPU profiles into the folder.
import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { median } from "../pages/stats.js";
import { BareClient } from "./bare.mjs";
import { print } from "./print.mjs";

const { values: args } = parseArgs({
  options: { quick: { type: "boolean" }, profile: { type: "string" }, out: { type: "string" } },
});
const host = process.env.BENCH_SERVER;
if (!host) throw new Error("BENCH_SERVER is not set: run this by `cargo xtask bench --only node`");
const appId = process.env.BENCH_APP_ID ?? "demo";
const size = args.quick
  ? { sessions: 5, messages: 10, rounds: 2, warmUp: 1, history: 150 }
  : { sessions: 100, messages: 200, rounds: 21, warmUp: 5, history: 1_000 };
const TIMEOUT_MS = 30_000;
const MODES = ["sdk", "bare", "raw"];
const TEXT = "the order left this morning and should be with you before noon if the bridge is open";

async function seed() {
  const sender = await BareClient.open({ host, appId, userId: "sender" });
  const user = (name) => ({ name: `User ${name}`, photoUrl: `https://example.com/${name}.jpg` });
  const users = Array.from({ length: size.sessions }, (_, index) => `follower-${index}`);
  const conversations = [...MODES, "history"].map((mode) => `talk-${mode}`);
  await Promise.all([
    ...["sender", ...users].map((id) =>
      sender.request("user.createIfNotExists", { user: id, data: user(id) }),
    ),
    ...conversations.map((conversation) =>
      sender.request("conversation.createIfNotExists", { conversation }),
    ),
    ...conversations.flatMap((conversation) =>
      users.map((id) => sender.request("participant.set", { conversation, user: id, data: {} })),
    ),
  ]);
  for (let first = 0; first < size.history; first += 50) await send(sender, "history", "h", first, 50);
  return sender;
}

/** Sends messages at once, and waits until all are stored. */
function send(sender, mode, name, first, count) {
  const requests = Array.from({ length: count }, (_, index) =>
    sender.request("message.send", {
      conversation: `talk-${mode}`,
      data: { text: `${name}-${first + index}. ${TEXT}` },
    }),
  );
  return Promise.all(requests);
}

function startClient(mode) {
  const execArgv = args.profile
    ? ["--cpu-prof", `--cpu-prof-dir=${args.profile}`, `--cpu-prof-name=${mode}.cpuprofile`]
    : [];
  const child = fork(new URL("followers.mjs", import.meta.url), [mode], { execArgv });
  const exited = once(child, "exit").then(([code]) => {
    throw new Error(`the client "${mode}" ended with code ${code}`);
  });
  exited.catch(() => {});
  return {
    mode,
    child,
    call: async (command, given) => {
      child.send({ command, ...given });
      const late = sleep(TIMEOUT_MS, undefined, { ref: false }).then(() => {
        throw new Error(`${mode}, ${command}: no result within ${TIMEOUT_MS} ms`);
      });
      const [result] = await Promise.race([once(child, "message"), exited, late]);
      if (result.error) throw new Error(`${mode}, ${command}: ${result.error}`);
      return result;
    },
  };
}

const clients = MODES.map(startClient);
// An error ends this process; the clients must not outlive it.
process.on("exit", () => clients.forEach(({ child }) => child.kill()));
const sender = await seed();
for (const client of clients) await client.call("open", { host, appId, sessions: size.sessions });

const rates = { sdk: [], bare: [], raw: [] };
const cpu = { sdk: [], bare: [], raw: [] };
const frames = { sdk: [], bare: [], raw: [] };
for (let round = -size.warmUp; round < size.rounds; round += 1) {
  for (const client of clients) {
    const name = `r${round + size.warmUp}`;
    // The client must listen before the first message is sent.
    await client.call("follow", {
      conversation: `talk-${client.mode}`,
      count: size.messages,
      last: `${name}-${size.messages - 1}.`,
    });
    const received = client.call("received");
    const since = performance.now();
    const [result] = await Promise.all([received, send(sender, client.mode, name, 0, size.messages)]);
    if (round < 0) continue;
    rates[client.mode].push((1_000 * size.sessions * size.messages) / (result.at - since - offset(result)));
    cpu[client.mode].push((1_000 * result.cpuMs) / (size.sessions * size.messages));
    frames[client.mode].push(result.frames);
  }
}

/** The difference of the clocks of two processes: `performance.now()` begins at each one's start. */
function offset({ timeOrigin }) {
  return performance.timeOrigin - timeOrigin;
}

const histories = { sdk: [], bare: [] };
for (let round = -size.warmUp; round < 3 * size.rounds; round += 1) {
  for (const client of clients) {
    if (client.mode === "raw") continue;
    const { ms } = await client.call("history", { conversation: "talk-history", count: size.history });
    if (round >= 0) histories[client.mode].push(ms);
  }
}
for (const { child } of clients) {
  child.send({ command: "end" });
  await once(child, "exit");
}
sender.close();

const deliveries = {
  sdk: median(rates.sdk),
  bare: median(rates.bare),
  raw: median(rates.raw),
  ratio: median(rates.sdk) / median(rates.bare),
  cpuUs: { sdk: median(cpu.sdk), bare: median(cpu.bare), raw: median(cpu.raw) },
  frames: median(frames.bare),
};
const history = {
  sdkMs: median(histories.sdk),
  bareMs: median(histories.bare),
  ratio: median(histories.sdk) / median(histories.bare),
};
print(
  "node, deliveries",
  [
    [`${size.sessions} sessions, ${size.messages} durable messages: SDK`, deliveries.sdk, "/s"],
    ["  a bare client that parses the frames", deliveries.bare, "/s"],
    ["  a bare client that only receives them", deliveries.raw, "/s"],
    ["  ratio to the bare client that parses (goal: at least 0.7)", deliveries.ratio, "×"],
    ["  CPU time of a delivery: SDK", deliveries.cpuUs.sdk, "µs"],
    ["    the bare client that parses", deliveries.cpuUs.bare, "µs"],
    ["    the bare client that only receives", deliveries.cpuUs.raw, "µs"],
    ["  messages in a frame", (size.sessions * size.messages) / deliveries.frames, ""],
  ],
  args.quick,
);
print(
  "node, history",
  [
    [`${size.history} messages of history in steps of 100: SDK`, history.sdkMs, "ms"],
    ["  a bare client that parses the frames", history.bareMs, "ms"],
    ["  ratio (goal: at most 1.2)", history.ratio, "×"],
  ],
  args.quick,
);
if (args.out) writeFileSync(args.out, `${JSON.stringify({ deliveries, history }, null, 2)}\n`);
process.exit(0);
