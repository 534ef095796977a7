/**
 * Keeps the texts of a socket's messages as the browser gave them, in the order in which gloo-net, which listens after
 * this, passes the same messages on: empty, because it would copy each text into the module, where nobody reads it.
 */
export class Texts {
  constructor(socket) {
    this.kept = [];
    socket.addEventListener("message", (event) => {
      this.kept.push(event.data);
      if (typeof event.data === "string") Object.defineProperty(event, "data", { value: "" });
    });
  }
  next() {
    return this.kept.shift();
  }
}
