// A server of one test, with settings of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { requiredEnv } from "./support.mjs";

/** Starts a server with a configuration file and an empty database. It ends with the test. */
export const startServer = async (t, config) => {
  const folder = mkdtempSync(join(tmpdir(), "causerie-clients-"));
  const file = join(folder, "causerie.toml");
  writeFileSync(file, config);
  // The server would read the variables of the test runner as settings.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("CAUSERIE_")),
  );
  const options = ["--config", file, "--listen", "127.0.0.1:0", "--data", join(folder, "data")];
  const child = spawn(requiredEnv("CAUSERIE_SERVER_BIN"), options, {
    stdio: ["ignore", "pipe", "inherit"],
    env,
  });
  t.after(async () => {
    const exited = once(child, "exit");
    child.kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  for await (const line of createInterface(child.stdout)) {
    const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (!origin) continue;
    child.stdout.resume();
    return origin;
  }
  throw new Error("the server ended without printing its address");
};
