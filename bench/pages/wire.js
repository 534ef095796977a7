// A simulated WebSocket, for benches of the time between the arrival of a frame and the callback of the
// program, which is short compared with the network.

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
