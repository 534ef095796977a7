// axe-core finds no violation in any state of the page, in both colour schemes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { eachState } from "./states.mjs";
import { browserName, pageTest, urlOf } from "./support.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Runs axe in the page. Returns the number of rules that apply, and each violation with its element. */
async function runAxe(page) {
  // Evaluated by the browser's driver, which the page's Content-Security-Policy does not concern.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations, passes } = await globalThis["axe"].run();
    const found = violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, target }) => `${id}: ${help}: ${target.join(" ")}: ${html.slice(0, 160)}`),
    );
    return { rules: passes.length, found };
  });
}

// Firefox has only its own colour scheme here.
const schemes = browserName === "firefox" ? ["light"] : ["light", "dark"];
for (const colorScheme of schemes) {
  for (const width of [390, 1280]) {
    // Without motion, because the colours are undefined during a transition.
    const options = { colorScheme, reducedMotion: "reduce", viewport: { width, height: 800 } };
    pageTest(`axe finds no violation at ${width} px, ${colorScheme}`, options, async (page) => {
      await eachState(page, async (state) => {
        const { rules, found } = await runAxe(page);
        assert.ok(rules > 10, `${state}: only ${rules} rules apply`);
        assert.deepEqual(found, [], state);
      });
    });
  }
}

pageTest("axe reports a button without a name", {}, async (page) => {
  await page.goto(urlOf({}));
  await page.getByLabel("User id").waitFor();
  await page.evaluate(() => document.querySelector("main").append(document.createElement("button")));
  assert.match((await runAxe(page)).found.join("\n"), /button-name/);
});
