// ESLint for every JavaScript file of the repository. TypeScript is checked by tsc alone: typescript-eslint
// does not support the version of TypeScript that the typings are tested with.
import { createRequire } from "node:module";

// The packages lie with the other build tools, so they are looked up from there.
const require = createRequire(new URL("xtask/npm/package.json", import.meta.url));
const js = require("@eslint/js");
const globals = require("globals");

export default [
  {
    ignores: ["**/node_modules/", "**/dist/", "target/", "pkg/built/", "**/*.ts", "**/*.tsx"],
  },
  js.configs.recommended,
  {
    languageOptions: {
      ecmaVersion: "latest",
      sourceType: "module",
      parserOptions: { ecmaFeatures: { jsx: true } },
    },
    linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-unused-vars": ["error", { varsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "no-implicit-coercion": ["error", { boolean: false }],
    },
  },
  {
    files: ["src/**", "pkg/entry/**"],
    languageOptions: { globals: { ...globals["shared-node-browser"], reportError: false, process: false } },
  },
  // Only a browser reports the progress of an upload.
  { files: ["src/transport/upload.js"], languageOptions: { globals: { XMLHttpRequest: false } } },
  {
    files: ["bench/pages/**", "tests/browser/**", "tests/packaging/templates/**", "www/**", "examples/**"],
    languageOptions: { globals: globals.browser },
  },
  { files: ["**/*.mjs", "**/*.config.js", "examples/**"], languageOptions: { globals: globals.node } },
  {
    files: ["**/*.svelte.js"],
    languageOptions: { globals: { $state: false, $derived: false, $effect: false } },
  },
  // Functions that run inside a page are written in the tests that open it.
  {
    files: ["tests/e2e/**", "tests/packaging/**", "bench/run.mjs"],
    languageOptions: { globals: globals.browser },
  },
  // Tests pass what no program should, assign what a setter sees, and drop a reference to let it be
  // collected.
  {
    files: ["tests/browser/**"],
    rules: { "no-self-assign": "off", "no-sparse-arrays": "off", "no-useless-assignment": "off" },
  },
];
