export * from "../built/causerie.js";

/**
 * Loads the WebAssembly module, once. Await it before the first `getTalkSession`. After a rejection it can be
 * called again.
 *
 * @param source the value of `import url from "causerie/causerie.wasm?url"` (or any other URL of that file),
 * a `Response`, the bytes, or a compiled module, or a promise of one of them
 */
export declare function init(
  source:
    | string
    | URL
    | Response
    | BufferSource
    | WebAssembly.Module
    | Promise<string | URL | Response | BufferSource | WebAssembly.Module>,
): Promise<void>;
