// A simulated server for the SDK in Node: a class in place of WebSocket whose events are plain calls, so that
// a measured time has nothing in it but the SDK.
import { conversation, message, user } from "../pages/bodies.js";

export const SENDERS = 12;
export const USERS = Array.from({ length: SENDERS }, (_, index) => user(index));

export const page = (id, from, count) =>
  Array.from({ length: count }, (_, at) => message(from - at, id, SENDERS));
export const ids = (messages) => messages.map((one) => one.id);

/** The frames of one server, which the harness delivers, and the subscriptions that it got. */
export class SimulatedServer {
  /** @param {number} history how many messages each conversation has at first */
  constructor(history) {
    this.history = history;
    /** The id of a subscription by kind and conversation, as in "messages/c-1". */
    this.subscribed = new Map();
    /** The newest `seq` by the id of a subscription. */
    this.positions = new Map();
    this.pageTexts = [];
    /** @type {(value?: unknown) => void} */
    this.onPage = () => {};
    this.socket = undefined;
    const server = this;
    this.WebSocket = class {
      static CONNECTING = 0;
      static OPEN = 1;
      static CLOSING = 2;
      static CLOSED = 3;
      readyState = 0;
      binaryType = "arraybuffer";
      listeners = { open: [], message: [], error: [], close: [] };
      constructor() {
        server.socket = this;
        setImmediate(() => {
          this.readyState = 1;
          this.emit("open", { type: "open" });
        });
      }
      addEventListener(type, listener) {
        this.listeners[type].push(listener);
      }
      removeEventListener(type, listener) {
        this.listeners[type] = this.listeners[type].filter((other) => other !== listener);
      }
      emit(type, event) {
        for (const listener of this.listeners[type]) {
          if (typeof listener === "function") listener.call(this, event);
          else listener.handleEvent(event);
        }
      }
      send(text) {
        const frame = JSON.parse(text);
        setImmediate(() => server.respond(frame));
      }
      close() {
        this.readyState = 3;
      }
    };
  }

  /** Delivers a text to the client, as a task of the environment does. */
  arrive(text) {
    this.socket.emit("message", { type: "message", data: text });
  }

  send(frame) {
    this.arrive(JSON.stringify(frame));
  }

  respond(frame) {
    if (frame.t === "hello")
      this.send({ t: "welcome", protocol: 1, epoch: "e", time: 1, pingInterval: 25_000 });
    if (frame.t === "subscribe") {
      const { kind, id } = frame.topic;
      this.subscribed.set(`${kind}/${id}`, frame.id);
      if (kind === "messages") this.arrive(this.messagesReset(id, this.history - 1));
      else this.arrive(this.conversationReset(id, this.history - 1));
    }
    // Pages are delivered by the harness, so that it can make the texts before it measures.
    if (frame.op === "more") {
      const from = Number(frame.params.after.id.slice(4)) - 1;
      const messages = page(frame.params.topic.id, from, Math.min(frame.params.limit, from + 1));
      const value = { items: ids(messages), more: from >= messages.length };
      this.pageTexts.push(
        JSON.stringify({ t: "result", id: frame.id, value, entities: { users: USERS, messages } }),
      );
      this.onPage();
    }
  }

  /** A window of 30 messages, of which the newest has this number. */
  messagesReset(id, newest) {
    const subscription = this.subscribed.get(`messages/${id}`);
    const messages = page(id, newest, 30);
    this.positions.set(subscription, 1);
    const value = { items: ids(messages), more: true };
    return JSON.stringify({
      t: "reset",
      id: subscription,
      seq: 1,
      value,
      entities: { users: USERS, messages },
    });
  }

  /** The conversation after a message. */
  conversationReset(id, newest) {
    const last = message(newest, id, SENDERS);
    const entities = {
      users: [USERS[newest % SENDERS]],
      messages: [last],
      conversations: [conversation(id, last.id)],
    };
    return JSON.stringify({
      t: "reset",
      id: this.subscribed.get(`conversation/${id}`),
      value: id,
      entities,
    });
  }

  /** One new message, with the body of its sender, as version 1 of the protocol sends it. */
  messageEvent(id, number) {
    const one = message(number, id, SENDERS);
    const entities = { users: [USERS[number % SENDERS]], messages: [one] };
    return this.events(id, [{ put: one.id }], entities);
  }

  /** The messages with these ids are deleted. */
  deletionEvent(id, messages) {
    return this.events(
      id,
      messages.map((drop) => ({ drop })),
      {},
    );
  }

  events(id, changes, entities) {
    const subscription = this.subscribed.get(`messages/${id}`);
    const since = this.positions.get(subscription);
    this.positions.set(subscription, since + 1);
    return JSON.stringify({ t: "events", id: subscription, since, seq: since + 1, changes, entities });
  }
}
