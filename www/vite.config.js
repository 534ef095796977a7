import { defineConfig } from "vite";

// The policy of a page that compiles WebAssembly and loads nothing else from other origins. The server sends
// its own as a header; this one applies if the files are served from elsewhere. Only in the build, because
// Vite's development server inserts inline styles.
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' https: http: data:",
  "media-src 'self' https: http:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    // The polyfill is only for browsers that cannot run the SDK anyway.
    modulePreload: { polyfill: false },
    // No asset becomes a `data:` URL.
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
