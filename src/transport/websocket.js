import { waiting } from "../interop/waiting.js";

/**
 * Keeps the texts of a socket's messages as the browser's strings, in the order in which gloo-net, which
 * listens after this, passes on the same messages. gloo-net receives empty texts, because it would copy each
 * text into the module.
 */
export class MessageTexts {
  constructor(socket) {
    this.texts = [];
    this.socket = socket;
    waiting.add(this);
    // gloo-net never removes its listener for `close`, which calls freed code if the event follows a close of
    // ours.
    const add = socket.addEventListener;
    socket.addEventListener = (type, listener, options) => {
      const guarded = type === "close" ? (event) => this.ended || listener(event) : listener;
      add.call(socket, type, guarded, options);
    };
    // gloo-net removes its listener for `error` when it closes the socket. If that socket is still
    // connecting, the `ws` package emits an error afterwards, which ends the process if nothing listens.
    add.call(socket, "error", () => {});
    socket.addEventListener("message", (event) => {
      this.texts.push(event.data);
      if (typeof event.data === "string") Object.defineProperty(event, "data", { value: "" });
    });
  }
  /** Returns the next text, and removes it. */
  next() {
    return this.texts.shift();
  }
  /** Stops passing on the socket's `close` event. */
  end() {
    waiting.delete(this);
    this.ended = true;
  }
  /** Closes the socket, because the module can no longer do so. */
  fail() {
    this.end();
    this.socket.close();
  }
}
