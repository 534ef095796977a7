// Modules that JavaScript of this repository imports and that only exist once something is built or packed.
// The declarations let tsc check the files that import them; what the package itself declares is tested in
// tests/types.

declare module "*/built/inline-wasm.js" {
  const bytes: () => Uint8Array<ArrayBuffer>;
  export default bytes;
}

declare module "*/built/causerie.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*/built/causerie_bg.js" {
  export const createGlue: () => {
    ConversationRef: any;
    MessageRef: any;
    ParticipantRef: any;
    ReactionsRef: any;
    TalkSession: any;
    UserRef: any;
    __wbg_set_wasm: (exports: object) => void;
    begin: () => void;
    getTalkSession: (options: object) => any;
    imports: WebAssembly.Imports;
  };
}

declare module "*/built/error.js" {
  export const CauserieError: any;
  export const report: (error: Error) => void;
}

declare module "*/built/waiting.js" {
  export const failAll: (error: Error) => void;
}

declare module "*/built/snapshots.js" {
  export const ConversationSnapshot: any;
  export const MessageSnapshot: any;
  export const ParticipantSnapshot: any;
  export const ReferencedMessageSnapshot: any;
  export const UserSnapshot: any;
}

declare module "causerie" {
  export const ConversationSnapshot: any;
  export const MessageSnapshot: any;
  export const ParticipantSnapshot: any;
  export const ReferencedMessageSnapshot: any;
  export const UserSnapshot: any;
  export const getTalkSession: (options: object) => any;
  export const registerPolyfills: (polyfills: { WebSocket?: unknown }) => void;
}

declare module "causerie/slim" {
  export const getTalkSession: (options: object) => any;
  export const init: (source: unknown) => Promise<void>;
}

declare module "bench-wasm/causerie_bg.js";

declare module "*?url" {
  const url: string;
  export default url;
}

interface Window {
  /** What a page of the packaging tests found. */
  result?: any;
}
