// Bodies and frames as a server sends them, and a simulated WebSocket: for benches of the time between the
// arrival of a frame and the callback of the program, which is short compared with the network.

const NAMES = ["Ada Lovelace", "Emilie du Chatelet", "Sofja Kowalewskaja", "Wang Zhenyi", "Hypatia"];
const WORDS = "the order left this morning and should be with you before noon if the bridge is open".split(
  " ",
);

export const user = (index) => ({
  id: `user-${index}`,
  name: `${NAMES[index % NAMES.length]} ${index}`,
  custom: index % 2 === 0 ? { department: `d${index % 17}`, plan: "team" } : {},
  locale: "en",
  photoUrl: index % 4 === 0 ? null : `https://example.org/photos/${index}.jpg`,
  role: "default",
  welcomeMessage: null,
});

const sentence = (index) =>
  Array.from({ length: 6 + (index % 18) }, (_, at) => WORDS[(index * 7 + at) % WORDS.length]).join(" ");

// A fifth has custom data, a tenth a reaction, a tenth bold words.
export const message = (index, conversation, senders) => ({
  id: `msg_${String(index).padStart(12, "0")}`,
  conversation,
  type: "UserMessage",
  sender: `user-${index % senders}`,
  ...(index % 5 === 0 && { custom: { tone: "kind" } }),
  createdAt: 1_767_225_600_000 + index * 1_000,
  origin: "web",
  plaintext: sentence(index),
  content: [
    {
      type: "text",
      children:
        index % 10 === 1 ? [{ type: "bold", children: ["Listen: "] }, sentence(index)] : [sentence(index)],
    },
  ],
  ...(index % 10 === 2 && { reactions: [{ emoji: "👍", count: 2, currentUserReacted: false }] }),
});

const channel = new MessageChannel();
const tasks = [];
channel.port1.onmessage = () => tasks.shift()();
/** Runs a function in the next task. Nested timers would wait for 4 ms or more. */
export const runTask = (run) => {
  tasks.push(run);
  channel.port2.postMessage(null);
};

/** Returns a class in place of WebSocket. It calls `respond(frame, socket)` for each frame of the client. */
export function simulatedWebSocket(respond) {
  return class SimulatedWebSocket extends EventTarget {
    static CONNECTING = 0;
    static OPEN = 1;
    static CLOSING = 2;
    static CLOSED = 3;
    readyState = 0;
    binaryType = "blob";
    constructor(url) {
      super();
      this.url = url;
      // Added before the listeners of the client.
      this.addEventListener("message", () => {
        this.arrivedAt = performance.now();
      });
      runTask(() => {
        this.readyState = 1;
        this.dispatchEvent(new Event("open"));
      });
    }
    send(text) {
      const frame = JSON.parse(text);
      runTask(() => respond(frame, this));
    }
    /** Delivers a message to the client, as a task of the browser does. */
    arrive(text) {
      this.dispatchEvent(new MessageEvent("message", { data: text }));
    }
    close() {
      this.readyState = 3;
    }
  };
}

export function deepFreeze(value) {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
