// A client of the protocol without an SDK: the package `ws`, JSON.parse, and nothing else.
import { randomBytes } from "node:crypto";
import { once } from "node:events";

import { WebSocket } from "ws";

export class BareClient {
  pending = new Map();
  next = 1;
  /** What is done with the text of a frame. */
  onFrame = (text) => this.settle(JSON.parse(text));

  constructor(socket) {
    this.socket = socket;
    socket.addEventListener("message", (event) => this.onFrame(event.data));
  }

  static async open({ host, appId, userId }) {
    const socket = new WebSocket(`ws${host.slice(4)}/v1/${appId}/realtime`, "causerie.v1");
    const client = new BareClient(socket);
    await once(socket, "open");
    client.send({ t: "hello", user: userId, client: randomBytes(16).toString("hex") });
    return client;
  }

  send(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  /** Resolves with the result of a request. */
  request(op, params) {
    const id = this.next++;
    this.send({ t: "request", id, key: String(id), op, params });
    return new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
  }

  /** Resolves with the first value of a subscription. */
  subscribe(topic) {
    const id = this.next++;
    this.send({ t: "subscribe", id, topic });
    return new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
  }

  /** Settles the request or subscription that a parsed frame answers. */
  settle(frame) {
    const waiting = this.pending.get(frame.id);
    if (frame.error) {
      const error = new Error(`${frame.error.code}: ${frame.error.message}`);
      if (!waiting) throw error;
      waiting.reject(error);
    } else waiting?.resolve(frame);
    if (waiting) this.pending.delete(frame.id);
  }

  close() {
    this.socket.close();
  }
}
