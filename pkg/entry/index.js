// The default entry: the module's bytes travel inside this JavaScript and are compiled at the first call, so that
// `getTalkSession` is synchronous and no bundler has to find a file.

import bytes from "../built/inline-wasm.js";
import { compile, isReady, session, start } from "./instance.js";

export * from "./public.js";

export const getTalkSession = (options) => {
  if (!isReady()) start(compile(bytes()));
  return session(options);
};
