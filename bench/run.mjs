// Drives Chromium through the bench pages, prints a table, writes the figures as JSON. Started by
// `cargo xtask bench`, which builds everything and says in the environment where it is.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";

import { chromium } from "playwright-core";

import { median, quantile } from "./pages/stats.js";

function wanted(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this by \`cargo xtask bench\``);
  return value;
}

const quick = process.env.BENCH_QUICK === "1";
const only = process.env.BENCH_ONLY;
const pages = wanted("BENCH_PAGES");
const server = wanted("BENCH_SERVER");
const appId = wanted("BENCH_APP_ID");
const session = { host: server, appId, userId: "bench" };

// Somebody to be read. The server under test starts with an empty database.
async function makeUser() {
  const answer = await fetch(`${server}/v1/${appId}/users/${session.userId}`, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${wanted("BENCH_SECRET")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ name: "Bench", custom: { plan: "team" }, role: "default" }),
  });
  if (!answer.ok)
    throw new Error(`the server refused the bench user: ${answer.status} ${await answer.text()}`);
}

// Runs a page's bench in a browser context of its own: nothing cached, nothing warm.
async function inPage(browser, name, argument) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${pages}/${name}.html#${encodeURIComponent(JSON.stringify(argument))}`);
    try {
      await page.waitForFunction(() => typeof globalThis.bench === "function", null, { timeout: 15_000 });
    } catch (cause) {
      throw new Error(`the page ${name} did not start: ${errors.join("; ") || cause.message}`, { cause });
    }
    return await page.evaluate((given) => globalThis.bench(given), argument);
  } finally {
    await context.close();
  }
}

const benches = {
  decode: async (browser) => {
    const size = { users: 1_000, rounds: quick ? 3 : 60, warmUp: quick ? 1 : 20 };
    return {
      ascii: await inPage(browser, "decode", { ...size, names: "ascii" }),
      scripts: await inPage(browser, "decode", { ...size, names: "scripts" }),
    };
  },

  live: (browser) =>
    inPage(browser, "live", { rounds: quick ? 20 : 4_000, warmUp: quick ? 5 : 2_000, loads: quick ? 2 : 40 }),

  roundtrip: (browser) =>
    inPage(browser, "roundtrip", {
      ...session,
      echo: wanted("BENCH_ECHO"),
      rounds: quick ? 50 : 4_000,
      warmUp: quick ? 5 : 400,
    }),

  "first-use": async (browser) => {
    const runs = [];
    const floors = [];
    for (let run = 0; run < (quick ? 2 : 31); run += 1) {
      runs.push(await inPage(browser, "first-use", session));
      floors.push(await inPage(browser, "first-echo", { echo: wanted("BENCH_ECHO") }));
    }
    const column = (field) => runs.map((one) => one[field]);
    return {
      runs: runs.length,
      totalMs: median(column("totalMs")),
      totalP90Ms: quantile(column("totalMs"), 0.9),
      evaluateMs: median(column("evaluateMs")),
      sessionMs: median(column("sessionMs")),
      compileMs: median(column("compileMs")),
      instantiateMs: median(column("instantiateMs")),
      floorMs: median(floors.map((one) => one.totalMs)),
    };
  },
};

const rows = {
  decode: (of) =>
    Object.entries({ ASCII: of.ascii, "several scripts": of.scripts }).flatMap(([names, one]) => [
      [`${one.users} users (${one.textBytes} bytes, ${names}) to snapshots`, one.oursMs, "ms"],
      ["  JSON.parse + deep freeze of the same text", one.floorMs, "ms"],
      ["  ratio (at most 1.5 wanted)", one.ratio, "×"],
    ]),
  live: (of) => [
    [`one message (${of.frameBytes} bytes) into a window of 30, 20 others live`, of.oneMs, "ms"],
    ["  3 × JSON.parse of the frame, and freezing what changed", of.oneFloorMs, "ms"],
    ["  ratio (at most 1 wanted)", of.oneRatio, "×"],
    ["1,000 messages in steps of 100 to snapshots", of.loadMs, "ms"],
    ["  JSON.parse + deep freeze of the same texts", of.loadFloorMs, "ms"],
    ["  ratio (at most 1.5 wanted)", of.loadRatio, "×"],
  ],
  roundtrip: (of) => [
    [`userRef.get(), p50 of ${of.rounds}`, of.get.p50Ms, "ms"],
    ["  raw echo, p50", of.echo.p50Ms, "ms"],
    ["  ratio of p50 (at most 1.5 wanted)", of.ratioP50, "×"],
    ["userRef.get(), p99", of.get.p99Ms, "ms"],
    ["  raw echo, p99", of.echo.p99Ms, "ms"],
    ["  ratio of p99", of.ratioP99, "×"],
  ],
  "first-use": (of) => [
    [`module evaluation to first get(), median of ${of.runs}`, of.totalMs, "ms"],
    ["  p90", of.totalP90Ms, "ms"],
    ["  of it evaluating the script", of.evaluateMs, "ms"],
    ["  of it the call of getTalkSession()", of.sessionMs, "ms"],
    ["    of that compiling", of.compileMs, "ms"],
    ["    of that instantiating", of.instantiateMs, "ms"],
    ["  a raw WebSocket, opened and echoed once, in a new page", of.floorMs, "ms"],
  ],
};

const browser = await chromium.launch({
  executablePath: wanted("CHROMIUM"),
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  await makeUser();
  const figures = {
    quick,
    chromium: browser.version(),
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
  };
  for (const [name, bench] of Object.entries(benches)) {
    if (only && only !== name) continue;
    figures[name] = await bench(browser);
    console.log(`\n  ${name}${quick ? " (quick: the figures mean nothing)" : ""}`);
    for (const [label, figure, unit] of rows[name](figures[name])) {
      if (!Number.isFinite(figure)) throw new Error(`${name}: "${label}" is no figure (${figure})`);
      console.log(`    ${label.padEnd(58)}${figure.toFixed(3).padStart(10)} ${unit}`);
    }
  }
  writeFileSync(wanted("BENCH_OUT"), `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await browser.close();
}
