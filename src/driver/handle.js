// The handles of subscriptions. They are JavaScript objects, because their methods work without `this`, as in
// `const { unsubscribe } = ref.subscribe()`, which the methods of an exported Rust type cannot.

import { causerieError, report } from "../interop/error.js";
import { Deferred, waiting } from "../interop/waiting.js";

const { freeze } = Object;
/**
 * The state of a handle. Active: `latestSnapshot`, and of a list `loadedAll`; in the error state: `error`.
 * @type {{ readonly type: string, latestSnapshot?: any, loadedAll?: boolean, error?: Error }}
 */
const PENDING = freeze({ type: "pending" });

const deferred = () => {
  const deferred = new Deferred();
  // A rejection that the program does not wait for is not an unhandled one.
  deferred.promise.catch(() => {});
  return deferred;
};

// The handles whose callbacks are due.
const due = [];

/**
 * Calls `flush`, which passes events to handles, in a microtask, and then the callbacks that are due. They
 * are called after the module has returned, so that nothing that they throw, and no trap, affects it.
 */
export const flushLater = async (flush) => {
  await undefined;
  flush();
  for (const handle of due.splice(0)) handle.call();
};

/** A handle, to which the driver passes the events of the client's handle. */
export class Handle {
  constructor(onSnapshot) {
    this.onSnapshot = onSnapshot;
    this.state = PENDING;
    this.connected = deferred();
    this.terminated = deferred();
    waiting.add(this);
  }

  /**
   * Returns the object that the program gets. `link.unsubscribe(id)` ends the handle; `link.loadMore(id, max,
   * count)` returns whether there is something to wait for, or throws if the count is invalid. `max` is the
   * highest count, or 0 if the handle shows no list.
   */
  expose(link, id, max) {
    const handle = this;
    const unsubscribe = () => {
      if (!waiting.has(handle)) return;
      handle.end({ type: "unsubscribed" });
      link.unsubscribe(id);
    };
    const subscription = {
      get state() {
        return handle.state;
      },
      connected: handle.connected.promise,
      terminated: handle.terminated.promise,
      unsubscribe,
    };
    if (Symbol.dispose) subscription[Symbol.dispose] = unsubscribe;
    if (max) {
      subscription.loadMore = async (count) => {
        // If the module fails, or has failed, the handle has ended.
        if (!link.loadMore(id, max, count) || !waiting.has(handle)) return;
        handle.loading ??= deferred();
        await handle.loading.promise;
      };
    }
    return subscription;
  }

  activate(latestSnapshot, loadedAll) {
    const state = { type: "active", latestSnapshot };
    if (loadedAll !== undefined) state.loadedAll = loadedAll;
    // Further calls have no effect on the promise.
    this.connected.resolve((this.state = freeze(state)));
  }

  notify() {
    if (this.onSnapshot) due.push(this);
  }

  /** Calls the callback, unless the handle has ended since. */
  call() {
    if (!waiting.has(this)) return;
    const { onSnapshot, state } = this;
    try {
      if ("loadedAll" in state) onSnapshot(state.latestSnapshot, state.loadedAll);
      else onSnapshot(state.latestSnapshot);
    } catch (error) {
      report(error);
    }
  }

  /** Ends the pending call of `loadMore`, with an error if there is one. */
  loaded(error) {
    if (error) this.loading?.fail(error);
    this.loading?.resolve();
    this.loading = undefined;
  }

  end(state) {
    waiting.delete(this);
    // If there was a snapshot, this has no effect.
    this.connected.fail(
      state.error ?? causerieError("unsubscribed", "ended before the first snapshot", false),
    );
    this.state = freeze(state);
    this.terminated.resolve(state);
    this.loaded();
  }

  fail(error) {
    this.end({ type: "error", error });
  }
}
