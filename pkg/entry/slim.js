// The slim entry: the program loads the module, `causerie/causerie.wasm`, with `init`, once and before the
// first session.

import { compile, isReady, session, start } from "./instance.js";

export * from "./public.js";

const load = async (source) => {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) return compile(given);
  const response = given instanceof Response ? given : await fetch(given);
  if (!response.ok) {
    throw new Error(`causerie.wasm could not be loaded: ${response.url} returned status ${response.status}`);
  }
  // Streaming fails without the right content type, and in some web views. Compiling the bytes always works.
  const again = response.clone();
  try {
    return await WebAssembly.compileStreaming(response);
  } catch {
    return compile(await again.arrayBuffer());
  }
};

let loading;

/** Loads the module. After a failure it can be called again. */
export const init = (source) => {
  if (isReady()) return Promise.resolve();
  loading ??= load(source)
    .then(start)
    .finally(() => {
      loading = undefined;
    });
  return loading;
};

export const getTalkSession = (options) => {
  if (!isReady()) throw new Error("await init(...) of causerie/slim before getTalkSession");
  return session(options);
};
