// What happens if the module fails: a trap ends everything that waits for the instance, and no call enters it
// again, because its memory can be in any state.

import { CauserieError, report } from "../built/error.js";
import { failAll } from "../built/waiting.js";

/**
 * Returns the exports of an instance, whose functions watch for traps. After the first one, `onFailure` is
 * called, and all functions of `classes` throw an error, or return a promise that rejects with it.
 */
export const guard = (exports, classes, onFailure) => {
  const guarded = {};
  let depth = 0;
  let failure;

  const fail = (cause) => {
    const message =
      `the SDK failed (${cause.message}) and its session has ended; call getTalkSession to start a new one, ` +
      "and please report this with the stack of its cause: https://github.com/causerie/causerie/issues";
    const error = Object.assign(new CauserieError("internal_error", message, false), { cause });
    const rethrow = () => {
      throw error;
    };
    // Methods that return a promise return this one. Those that return another object read it from the table.
    // Calls from timers, events and the garbage collector ignore the result.
    failure = Promise.reject(error);
    failure.catch(() => {});
    for (const name in exports)
      if (exports[name] instanceof WebAssembly.Table) guarded[name] = { get: rethrow };
    for (const { prototype } of classes) {
      for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
        if (get) Object.defineProperty(prototype, name, { get: rethrow });
      }
    }
    onFailure();
    failAll(error);
    report(error);
  };

  for (const name in exports) {
    const call = exports[name];
    guarded[name] =
      typeof call !== "function"
        ? call
        : (...args) => {
            if (failure) return failure;
            depth++;
            try {
              return call(...args);
            } catch (error) {
              if (error instanceof WebAssembly.RuntimeError && !failure) fail(error);
              // If JavaScript that the module called has called it again, the outer call must not continue.
              if (!failure || depth > 1) throw error;
              return failure;
            } finally {
              depth--;
            }
          };
  }
  return guarded;
};
