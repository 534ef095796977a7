// The one WebAssembly instance of this copy of the package, and what all entries share.
//
// Nothing is compiled, and no global is touched, before the first call: a server that renders pages may import the
// package and never use it.

import {
  ConversationRef,
  MessageRef,
  ParticipantRef,
  ReactionsRef,
  TalkSession,
  UserRef,
  __wbg_set_wasm,
  begin,
  getTalkSession,
  imports,
} from "../built/causerie_bg.js";
import { CauserieError } from "../built/error.js";

export { ConversationRef, MessageRef, ParticipantRef, ReactionsRef, TalkSession, UserRef };

// wasm-bindgen gives its classes a `free` that would leave a dead object behind for everyone else who holds the same
// ref. Memory is given back when the garbage collector finds a ref unused.
for (const { prototype } of [
  TalkSession,
  UserRef,
  ConversationRef,
  ParticipantRef,
  MessageRef,
  ReactionsRef,
]) {
  delete prototype.free;
  if (Symbol.dispose) delete prototype[Symbol.dispose];
}

let ready = false;

export const isReady = () => ready;

/** Starts the instance from a compiled module. Starting twice is starting once. */
export const start = (module) => {
  if (ready) return;
  const { exports } = new WebAssembly.Instance(module, imports);
  __wbg_set_wasm(exports);
  begin();
  ready = true;
};

/** Turns the browser's bare refusal to compile into an error that says which directive is missing. */
export const compile = (bytes) => {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    if (
      cause instanceof WebAssembly.CompileError &&
      /unsafe-eval|Content Security Policy|disallowed/i.test(cause.message)
    ) {
      const message =
        "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to script-src";
      throw Object.assign(new CauserieError("unsupported", message, false), { cause });
    }
    throw cause;
  }
};

export const session = getTalkSession;

/** Whether an error is one of the SDK's, in any realm and however many copies of the package a page has. */
export const isCauserieError = (error) =>
  error instanceof Error && error.name === "CauserieError" && "code" in error;

/** Gives the SDK what the environment lacks: a WebSocket class, in Node before version 22. */
export const registerPolyfills = ({ WebSocket } = {}) => {
  if (WebSocket && !globalThis.WebSocket) globalThis.WebSocket = WebSocket;
};
