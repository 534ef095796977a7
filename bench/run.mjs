// Runs the bench pages in Chromium, prints a table, and writes the figures as JSON. `cargo xtask bench`
// builds everything, and passes the addresses and paths in environment variables.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";

import { chromium } from "playwright-core";

import { median, quantile } from "./pages/stats.js";

function requiredEnv(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this by \`cargo xtask bench\``);
  return value;
}

const quick = process.env.BENCH_QUICK === "1";
const only = process.env.BENCH_ONLY;
const pages = requiredEnv("BENCH_PAGES");
const server = requiredEnv("BENCH_SERVER");
const appId = requiredEnv("BENCH_APP_ID");
const session = { host: server, appId, userId: "bench" };

// Creates the user that the benches read: the server starts with an empty database.
async function createUser() {
  const response = await fetch(`${server}/v1/${appId}/users/${session.userId}`, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${requiredEnv("BENCH_SECRET")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ name: "Bench", custom: { plan: "team" }, role: "default" }),
  });
  if (!response.ok)
    throw new Error(
      `creating the bench user failed with status ${response.status}: ${await response.text()}`,
    );
}

// Runs the bench of a page in a new browser context, with empty caches.
async function runPage(browser, name, argument) {
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
      ascii: await runPage(browser, "decode", { ...size, names: "ascii" }),
      scripts: await runPage(browser, "decode", { ...size, names: "scripts" }),
    };
  },

  live: (browser) =>
    runPage(browser, "live", {
      rounds: quick ? 20 : 4_000,
      warmUp: quick ? 5 : 2_000,
      loads: quick ? 2 : 40,
    }),

  roundtrip: (browser) =>
    runPage(browser, "roundtrip", {
      ...session,
      echo: requiredEnv("BENCH_ECHO"),
      rounds: quick ? 50 : 4_000,
      warmUp: quick ? 5 : 400,
    }),

  "first-use": async (browser) => {
    const runs = [];
    const floors = [];
    for (let run = 0; run < (quick ? 2 : 31); run += 1) {
      runs.push(await runPage(browser, "first-use", session));
      floors.push(await runPage(browser, "first-raw", session));
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
      floorOpenMs: median(floors.map((one) => one.openMs)),
      ratio: median(column("totalMs")) / median(floors.map((one) => one.totalMs)),
    };
  },
};

const rows = {
  decode: (result) =>
    Object.entries({ ASCII: result.ascii, "several scripts": result.scripts }).flatMap(([names, one]) => [
      [`${one.users} users (${one.textBytes} bytes, ${names}) to snapshots`, one.sdkMs, "ms"],
      ["  JSON.parse + deep freeze of the same text", one.floorMs, "ms"],
      ["  ratio (goal: at most 1.5)", one.ratio, "×"],
    ]),
  live: (result) => [
    [`one message (${result.frameBytes} bytes) into a window of 30, 20 others live`, result.oneMs, "ms"],
    ["  3 × JSON.parse of the frame, and freezing the changed part", result.oneFloorMs, "ms"],
    ["  ratio (goal: at most 1)", result.oneRatio, "×"],
    ["1,000 messages in steps of 100 to snapshots", result.loadMs, "ms"],
    ["  JSON.parse + deep freeze of the same texts", result.loadFloorMs, "ms"],
    ["  ratio (goal: at most 1.5)", result.loadRatio, "×"],
  ],
  roundtrip: (result) => [
    [`userRef.get(), p50 of ${result.rounds}`, result.get.p50Ms, "ms"],
    ["  raw echo, p50", result.echo.p50Ms, "ms"],
    ["  ratio of p50 (goal: at most 1.5)", result.ratioP50, "×"],
    ["userRef.get(), p99", result.get.p99Ms, "ms"],
    ["  raw echo, p99", result.echo.p99Ms, "ms"],
    ["  ratio of p99", result.ratioP99, "×"],
  ],
  "first-use": (result) => [
    [`module evaluation to first get(), median of ${result.runs}`, result.totalMs, "ms"],
    ["  p90", result.totalP90Ms, "ms"],
    ["  of it evaluating the script", result.evaluateMs, "ms"],
    ["  of it the call of getTalkSession()", result.sessionMs, "ms"],
    ["    of that compiling", result.compileMs, "ms"],
    ["    of that instantiating", result.instantiateMs, "ms"],
    ["  a raw WebSocket, hello and one request, in a new page", result.floorMs, "ms"],
    ["    of it opening the WebSocket", result.floorOpenMs, "ms"],
    ["  ratio (goal: at most 1.5)", result.ratio, "×"],
  ],
};

const browser = await chromium.launch({
  executablePath: requiredEnv("CHROMIUM"),
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
  await createUser();
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
      if (!Number.isFinite(figure)) throw new Error(`${name}: "${label}" must be a number (got ${figure})`);
      console.log(`    ${label.padEnd(58)}${figure.toFixed(3).padStart(10)} ${unit}`);
    }
  }
  writeFileSync(requiredEnv("BENCH_OUT"), `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await browser.close();
}
