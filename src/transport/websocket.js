/**
 * Keeps the texts of a socket's messages as the browser gave them, in the order in which gloo-net, which listens after
 * this, passes the same messages on.
 */
export class Texts {
  constructor(socket) {
    this.kept = [];
    socket.addEventListener("message", ({ data }) => this.kept.push(data));
  }
  next() {
    return this.kept.shift();
  }
}
