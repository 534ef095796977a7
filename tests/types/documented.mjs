// Every exported name of the package's typings, and every member of it, has a comment of its own.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = dirname(createRequire(import.meta.url).resolve("causerie/package.json"));
const bare = [];
let checked = 0;
for (const file of ["built/causerie.d.ts", "types/slim.d.ts"]) {
  // Of braces, and of brackets: a parameter on a line of its own is no member.
  let depth = 0;
  let within = 0;
  let commented = false;
  let inComment = false;
  for (const line of readFileSync(join(root, file), "utf8").split("\n")) {
    const text = line.trim();
    if (inComment || text.startsWith("/**")) {
      inComment = !text.endsWith("*/");
      commented = true;
      continue;
    }
    const exported = depth === 0 && /^export (declare |type |interface )/.test(text);
    // A setter is told of by its getter, a private constructor is nobody's to call.
    const named = /^(readonly |get |)(\w+|\[\w+\.\w+\])\??(\(|:)|^(readonly |get )/.test(text);
    const member = depth === 1 && within === 0 && named && !text.startsWith("private ");
    if (exported || member) {
      checked += 1;
      if (!commented) bare.push(`${file}: ${text}`);
    }
    if (text !== "") commented = false;
    const count = (pattern) => (line.match(pattern) ?? []).length;
    depth += count(/\{/g) - count(/\}/g);
    within += count(/\(/g) - count(/\)/g);
  }
}
if (checked < 350)
  throw new Error(`only ${checked} exports and members were found: the typings are written in another form`);
if (bare.length > 0) throw new Error(`without a comment:\n  ${bare.join("\n  ")}`);
console.log(`${checked} exports and members, each with a comment`);
