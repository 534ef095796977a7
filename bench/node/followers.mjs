// One of the clients of deliveries.mjs, in a process of its own: `sdk`, `bare` or `raw`. It is told what to
// do by messages, and answers each with one.
import { getTalkSession, registerPolyfills } from "causerie";
import { WebSocket } from "ws";

import { BareClient } from "./bare.mjs";

const mode = process.argv[2];
// The CPU time at the start of a round. With it, results are comparable on a machine that does other work
// too.
let cpuBefore;
const cpuMs = () => {
  const { user, system } = process.cpuUsage(cpuBefore);
  return (user + system) / 1_000;
};
const isLast = (text, last) => text.startsWith(last);

class SdkClients {
  async open({ host, appId, sessions }) {
    // The same class for both, also in a version of Node that has one of its own.
    delete globalThis.WebSocket;
    registerPolyfills({ WebSocket });
    this.sessions = Array.from({ length: sessions }, (_, index) =>
      getTalkSession({ appId, host, userId: `follower-${index}` }),
    );
  }

  async follow({ conversation, count, last }) {
    // Anew in each round, because the window of a subscription grows with each message.
    for (const subscription of this.subscriptions ?? []) subscription.unsubscribe();
    this.subscriptions = this.sessions.map((session) =>
      session.conversation(conversation).subscribeMessages((snapshot) => this.onSnapshot?.(snapshot)),
    );
    await Promise.all(this.subscriptions.map((subscription) => subscription.connected));
    this.all = new Promise((resolve, reject) => {
      let missing = this.sessions.length;
      let frames = 0;
      this.onSnapshot = (snapshot) => {
        frames += 1;
        if (!isLast(snapshot[0].plaintext, last)) return;
        if (snapshot.length < count)
          reject(new Error(`${snapshot.length} messages of ${count} were delivered`));
        missing -= 1;
        if (missing === 0) resolve({ at: performance.now(), cpuMs: cpuMs(), frames });
      };
    });
    this.all.catch(() => {});
    cpuBefore = process.cpuUsage();
  }

  received() {
    return this.all;
  }

  async history({ conversation, count }) {
    const since = performance.now();
    const subscription = this.sessions[0].conversation(conversation).subscribeMessages();
    await subscription.connected;
    while (!subscription.state.loadedAll) await subscription.loadMore(100);
    const ms = performance.now() - since;
    const { length } = subscription.state.latestSnapshot;
    if (length !== count) throw new Error(`${length} messages of ${count} were loaded`);
    subscription.unsubscribe();
    return { ms };
  }
}

class BareClients {
  async open({ host, appId, sessions }) {
    const opened = Array.from({ length: sessions }, (_, index) =>
      BareClient.open({ appId, host, userId: `follower-${index}` }),
    );
    this.clients = await Promise.all(opened);
  }

  async follow({ conversation, count, last }) {
    if (!this.following) {
      this.following = true;
      await Promise.all(
        this.clients.map((client) => client.subscribe({ kind: "messages", id: conversation })),
      );
    }
    this.all = new Promise((resolve, reject) => {
      let missing = this.clients.length;
      let frames = 0;
      const done = () => {
        missing -= 1;
        if (missing === 0) resolve({ at: performance.now(), cpuMs: cpuMs(), frames });
      };
      for (const client of this.clients) {
        if (mode === "raw") {
          client.onFrame = (text) => {
            frames += 1;
            if (text.includes(last)) done();
          };
          continue;
        }
        const received = [];
        client.onFrame = (text) => {
          frames += 1;
          const frame = JSON.parse(text);
          if (frame.t !== "events") return client.settle(frame);
          received.push(...frame.entities.messages);
          if (received.length < count) return;
          if (!received.some(({ plaintext }) => isLast(plaintext, last)))
            reject(new Error("other messages than the expected were delivered"));
          done();
        };
      }
    });
    this.all.catch(() => {});
    cpuBefore = process.cpuUsage();
  }

  received() {
    return this.all;
  }

  async history({ conversation, count }) {
    const [client] = this.clients;
    client.onFrame = (text) => client.settle(JSON.parse(text));
    const topic = { kind: "messages", id: conversation };
    const since = performance.now();
    const received = [];
    const keep = ({ value, entities }) => {
      received.push(...entities.messages);
      return value.more;
    };
    const first = await client.subscribe(topic);
    let more = keep(first);
    while (more) {
      const { createdAt, id } = received.at(-1);
      more = keep(await client.request("more", { topic, after: { at: createdAt, id }, limit: 100 }));
    }
    const ms = performance.now() - since;
    if (received.length !== count) throw new Error(`${received.length} messages of ${count} were loaded`);
    client.send({ t: "unsubscribe", id: first.id });
    return { ms };
  }
}

// The parent may be gone before it can say so.
process.on("disconnect", () => process.exit(1));
const clients = mode === "sdk" ? new SdkClients() : new BareClients();
process.on("message", async ({ command, ...given }) => {
  if (command === "end") process.exit(0);
  try {
    const result = await clients[command](given);
    process.send({ ...result, timeOrigin: performance.timeOrigin });
  } catch (error) {
    process.send({ error: error.stack });
  }
});
