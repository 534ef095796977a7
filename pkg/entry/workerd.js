// The entry for Cloudflare Workers, which forbid compiling bytes at run time: a .wasm import is a compiled
// module.

import module from "../built/causerie.wasm";
import { isReady, session, start } from "./instance.js";

export * from "./public.js";

export const getTalkSession = (options) => {
  if (!isReady()) start(module);
  return session(options);
};
