// The WebAssembly instance of this copy of the package, which all entries share, and its replacement after a
// failure.
//
// Before the first call nothing is compiled and no global is read: a server that renders pages can import the
// package without using it.

import { createGlue } from "../built/causerie_bg.js";
import { CauserieError } from "../built/error.js";
import { guard } from "./guard.js";
import { checkMethods, checked } from "./warnings.js";

let glue = createGlue();
export const { ConversationRef, MessageRef, ParticipantRef, ReactionsRef, TalkSession, UserRef } = glue;

const classes = { ConversationRef, MessageRef, ParticipantRef, ReactionsRef, TalkSession, UserRef };

const prepareClasses = () => {
  for (const name in classes) {
    const { prototype } = glue[name];
    // The name that consoles show. Bundlers change the names of classes, and leave those of properties.
    Object.defineProperty(glue[name], "name", { value: name });
    // The objects of a later instance are instances of the exported class too.
    if (glue[name] !== classes[name]) Object.setPrototypeOf(prototype, classes[name].prototype);
  }
};
prepareClasses();

const isLocalPage = () => {
  const { hostname = "", protocol } = globalThis.location ?? {};
  return protocol === "file:" || /^(.*\.)?localhost$|^127\.|^\[::1\]$/.test(hostname);
};

const enableWarnings = () => {
  checkMethods(Object.fromEntries(Object.keys(classes).map((name) => [name, glue[name]])));
  getTalkSession = checked("getTalkSession", glue.getTalkSession);
};

let module;
let getTalkSession;
let failed = false;

export const isReady = () => !!module;

const instantiate = (compiled) => {
  const { exports } = new WebAssembly.Instance(compiled, glue.imports);
  const ended = Object.keys(classes).map((name) => glue[name]);
  glue.__wbg_set_wasm(
    guard(exports, ended, () => {
      failed = true;
    }),
  );
  glue.begin();
  getTalkSession = glue.getTalkSession;
  // Bundlers replace `process.env.NODE_ENV`, so a production build contains no code of the warnings.
  try {
    if (process.env.NODE_ENV !== "production") enableWarnings();
  } catch {
    // A page without a bundler has no `process`.
    if (isLocalPage()) enableWarnings();
  }
  module = compiled;
};

/** Starts the instance from a compiled module. Further calls do nothing. */
export const start = (compiled) => {
  if (!module) instantiate(compiled);
};

/** Returns the session for these options. */
export const session = (options) => {
  if (failed) {
    glue = createGlue();
    prepareClasses();
    instantiate(module);
    failed = false;
  }
  return getTalkSession(options);
};

/** Compiles the module. If the page's policy forbids that, the error names the missing directive. */
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

/** Returns whether an error is one of the SDK's, in any realm and for any copy of the package on the page. */
export const isCauserieError = (error) =>
  error instanceof Error && error.name === "CauserieError" && "code" in error;

/**
 * Supplies a WebSocket class in environments that lack it: Node before version 22.
 *
 * @param {{ WebSocket?: typeof globalThis.WebSocket }} [polyfills]
 */
export const registerPolyfills = (polyfills = {}) => {
  const { WebSocket } = polyfills;
  // A class, or an object whose class has another name, would be ignored.
  const isEmpty = typeof polyfills === "object" && Object.keys(polyfills).length === 0;
  const isValid = "WebSocket" in polyfills ? !WebSocket || typeof WebSocket === "function" : isEmpty;
  if (!isValid) {
    throw new TypeError("polyfills: must be an object with the class, as in { WebSocket }");
  }
  if (WebSocket && !globalThis.WebSocket) globalThis.WebSocket = WebSocket;
};
