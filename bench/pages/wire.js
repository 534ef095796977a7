// Bodies and frames as a server sends them, and a WebSocket that plays them: for benches of what happens between a
// frame's arrival and the program's callback, where the network would drown what is measured.

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

const said = (index) =>
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
  plaintext: said(index),
  content: [
    {
      type: "text",
      children: index % 10 === 1 ? [{ type: "bold", children: ["Listen: "] }, said(index)] : [said(index)],
    },
  ],
  ...(index % 10 === 2 && { reactions: [{ emoji: "👍", count: 2, currentUserReacted: false }] }),
});

const channel = new MessageChannel();
const tasks = [];
channel.port1.onmessage = () => tasks.shift()();
/** Runs something as a task of its own, at once: timers that follow one another wait for 4 ms and more. */
export const soon = (run) => {
  tasks.push(run);
  channel.port2.postMessage(null);
};

/** Stands in for the browser's WebSocket. `answer(frame, socket)` is called with each frame that the client sends. */
export function playedWebSocket(answer) {
  return class Played extends EventTarget {
    static CONNECTING = 0;
    static OPEN = 1;
    static CLOSING = 2;
    static CLOSED = 3;
    readyState = 0;
    binaryType = "blob";
    constructor(url) {
      super();
      this.url = url;
      // Before any listener of the client's.
      this.addEventListener("message", () => {
        this.arrivedAt = performance.now();
      });
      soon(() => {
        this.readyState = 1;
        this.dispatchEvent(new Event("open"));
      });
    }
    send(text) {
      const frame = JSON.parse(text);
      soon(() => answer(frame, this));
    }
    /** A message arrives, as a task of the browser's would deliver it. */
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
