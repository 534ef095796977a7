/** The one class of errors that the SDK's promises reject with. Its members are documented in its types. */
export class CauserieError extends Error {
  constructor(code, message, retryable, field, retryAfter, requestId) {
    super(message);
    this.name = "CauserieError";
    this.code = code;
    this.retryable = retryable;
    this.field = field;
    this.retryAfter = retryAfter;
    this.requestId = requestId;
  }
}

export const causerieError = (...parts) => new CauserieError(...parts);

/** A wrong argument that the documents say is thrown as a TypeError, with the same code as everywhere. */
export const asTypeError = ({ message, code, retryable, field }) =>
  Object.assign(new TypeError(message), { code, retryable, field });

/** Makes an error of the program's own callback visible. Where uncaught errors end the process (Node), it is printed. */
export const report = (error) => {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
};
