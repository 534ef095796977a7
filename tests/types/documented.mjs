// Checks that every exported name of the package's typings, and every member of it, has a comment.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = dirname(createRequire(import.meta.url).resolve("causerie/package.json"));
const undocumented = [];
let checked = 0;
for (const file of ["built/causerie.d.ts", "types/slim.d.ts"]) {
  // The depth of braces, and of parentheses: a parameter on a line of its own is not a member.
  let depth = 0;
  let parentheses = 0;
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
    // The comment of a getter is also for its setter; a private constructor cannot be called.
    const named = /^(readonly |get |)(\w+|\[\w+\.\w+\])\??(\(|:)|^(readonly |get )/.test(text);
    const member = depth === 1 && parentheses === 0 && named && !text.startsWith("private ");
    if (exported || member) {
      checked += 1;
      if (!commented) undocumented.push(`${file}: ${text}`);
    }
    if (text !== "") commented = false;
    const count = (pattern) => (line.match(pattern) ?? []).length;
    depth += count(/\{/g) - count(/\}/g);
    parentheses += count(/\(/g) - count(/\)/g);
  }
}
if (checked < 350)
  throw new Error(
    `only ${checked} exports and members were found: this test does not recognise the form of the typings`,
  );
if (undocumented.length > 0) throw new Error(`without a comment:\n  ${undocumented.join("\n  ")}`);
console.log(`${checked} exports and members, each with a comment`);
