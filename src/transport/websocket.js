/**
 * Keeps the texts of a socket's messages as the browser gave them, in the order in which gloo-net, which listens after
 * this, passes the same messages on: empty, because it would copy each text into the module, where nobody reads it.
 */
export class Texts {
  constructor(socket) {
    this.kept = [];
    // gloo-net never takes its listener for `close` back, and what it calls is gone when a socket that we closed says so.
    const add = socket.addEventListener;
    socket.addEventListener = (type, listener, options) => {
      const heard = type === "close" ? (event) => this.over || listener(event) : listener;
      add.call(socket, type, heard, options);
    };
    socket.addEventListener("message", (event) => {
      this.kept.push(event.data);
      if (typeof event.data === "string") Object.defineProperty(event, "data", { value: "" });
    });
  }
  next() {
    return this.kept.shift();
  }
  /** Nothing more is to be told. */
  end() {
    this.over = true;
  }
}
