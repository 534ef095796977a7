// Cloudflare Workers forbid compiling bytes at run time; there a .wasm file is imported as a compiled module.

import module from "../built/causerie.wasm";
import { isReady, session, start } from "./instance.js";

export * from "./public.js";

export const getTalkSession = (options) => {
  if (!isReady()) start(module);
  return session(options);
};
