import { resolve } from "node:path";
import { defineConfig } from "vite";

const here = import.meta.dirname;
const page = (name) => resolve(here, "pages", `${name}.html`);

export default defineConfig({
  root: resolve(here, "pages"),
  resolve: {
    alias: {
      // The module built with the cargo feature `bench`; the published package has no such hook.
      "bench-wasm": resolve(here, "../target/bench/wasm"),
    },
  },
  build: {
    outDir: resolve(here, "dist"),
    emptyOutDir: true,
    target: "esnext",
    rollupOptions: { input: ["decode", "live", "roundtrip", "first-use", "first-raw"].map(page) },
  },
});
