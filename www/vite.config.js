import { defineConfig } from "vite";

// The policy of a page that compiles WebAssembly and needs nothing else from outside. The server sends its own as a
// header; this one keeps the page honest wherever else its files are put. Only in the build: Vite's development
// server puts styles inline.
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' https: http: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    // A polyfill would be a script for browsers that cannot run the SDK anyway.
    modulePreload: { polyfill: false },
    // Nothing becomes a data: URL; every file is a file.
    assetsInlineLimit: 0,
  },
  plugins: [
    {
      name: "content-security-policy",
      apply: "build",
      transformIndexHtml: () => [
        {
          tag: "meta",
          attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
          injectTo: "head-prepend",
        },
      ],
    },
  ],
});
