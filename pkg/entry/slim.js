// The slim entry: the program says where the module is (`causerie/causerie.wasm`), and waits for it once.

import { compile, isReady, session, start } from "./instance.js";

export * from "./public.js";

const load = async (source) => {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) return compile(given);
  const response = given instanceof Response ? given : await fetch(given);
  if (!response.ok) {
    throw new Error(
      `causerie.wasm could not be loaded: ${response.url} answered with status ${response.status}`,
    );
  }
  // Streaming wants the right content type, and some web views refuse it altogether; the bytes always do.
  const again = response.clone();
  try {
    return await WebAssembly.compileStreaming(response);
  } catch {
    return compile(await again.arrayBuffer());
  }
};

let loading;

/** Loads the module. A load that failed can be tried again. */
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
  if (!isReady()) throw new Error("await init(…) of causerie/slim before getTalkSession");
  return session(options);
};
