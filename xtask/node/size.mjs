// Usage: node size.mjs <dist folder> <inline-wasm.js>
// Prints, as JSON, the sizes of all scripts and wasm modules of a built app together, and of the file with
// the inlined module alone: raw, gzip 9, brotli 11. Files are compressed one by one, as a server does.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [dist, bytes] = process.argv.slice(2);

function weigh(file) {
  const content = readFileSync(file);
  const brotli = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
  return {
    raw: content.length,
    gzip: gzipSync(content, { level: 9 }).length,
    brotli: brotli.length,
  };
}

const total = { raw: 0, gzip: 0, brotli: 0 };
const files = readdirSync(dist, { recursive: true })
  .map(String)
  .filter((name) => /\.(js|mjs|wasm)$/.test(name));
if (files.length === 0) throw new Error(`no script was built in ${dist}`);
for (const name of files) {
  const one = weigh(join(dist, name));
  for (const kind of Object.keys(total)) total[kind] += one[kind];
}
console.log(JSON.stringify({ files, total, module: weigh(bytes) }));
