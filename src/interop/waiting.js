// Everything that waits for the module. If the module fails, pkg/entry/guard.js ends all of it, because
// the module can no longer do so.

import { report } from "./error.js";

/**
 * The objects that wait: each has a method `fail`, which ends it with an error. An object removes itself when
 * it no longer waits.
 * @type {Set<{ fail(error: Error): void }>}
 */
export const waiting = new Set();

/** Ends all objects that wait. */
export const failAll = (error) => {
  const all = [...waiting];
  waiting.clear();
  for (const one of all) one.fail(error);
};

/** A promise, which `settle`, `resolve` or `fail` settles. `isWaiting`: whether the module does so. */
export class Deferred {
  constructor(isWaiting) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.fail = reject;
    });
    if (isWaiting) waiting.add(this);
  }
  settle(value, failed) {
    waiting.delete(this);
    if (failed) this.fail(value);
    else this.resolve(value);
  }
}

/** The error handlers of a session. Each is called once, in a task of its own, when the session ends. */
export class ErrorHandlers {
  constructor() {
    this.all = new Set();
    waiting.add(this);
  }
  /** Adds a handler, which can be in the set several times. */
  add(handler) {
    const call = () => handler(this.error);
    if (this.error) this.call(call);
    else this.all.add(call);
    return { unsubscribe: () => void this.all.delete(call) };
  }
  call(call) {
    Promise.resolve()
      .then(() => void call())
      .catch(report);
  }
  fail(error) {
    waiting.delete(this);
    this.error = error;
    this.all.forEach(this.call);
    this.all.clear();
  }
}
