// The default entry: this JavaScript contains the module's bytes and compiles them at the first call. So
// `getTalkSession` is synchronous, and no bundler has to find a file.

import bytes from "../built/inline-wasm.js";
import { compile, isReady, session, start } from "./instance.js";

export * from "./public.js";

export const getTalkSession = (options) => {
  if (!isReady()) start(compile(bytes()));
  return session(options);
};
