/**
 * The class of all errors that the SDK's promises reject with. Its members are documented in
 * src/types/errors.d.ts.
 */
export class CauserieError extends Error {
  constructor(code, message, retryable, field, retryAfter, requestId) {
    super(message);
    Object.assign(this, { name: "CauserieError", code, retryable, field, retryAfter, requestId });
  }
}

export const causerieError = (...parts) => new CauserieError(...parts);

/**
 * Returns an error as the `TypeError` that synchronous methods throw for an invalid argument, with the same
 * code.
 */
export const asTypeError = ({ message, code, retryable, field }) =>
  Object.assign(new TypeError(message), { code, retryable, field });

/**
 * Reports an error that a callback of the program threw. It is printed if there is no `reportError`, as in
 * Node, where an uncaught error would end the process.
 */
export const report = (error) => {
  try {
    if (typeof reportError === "function") reportError(error);
    else console.error(error);
  } catch {
    // A test can make `console.error` throw.
  }
};
