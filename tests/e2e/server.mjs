// A server of a test's own, which it may kill; a proxy that lets no WebSocket through; and a line that can be cut.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { connect, createServer as createLine } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { wanted } from "./world.mjs";

const WWW = join(import.meta.dirname, "../../www/dist");

/** The environment without what the runner tells the tests: the server has settings of the same names. */
function plainEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CAUSERIE_")));
}

/** Starts a server on an empty database; it can be killed and started again on the same port and database. */
export async function ownServer() {
  const data = mkdtempSync(join(tmpdir(), "causerie-e2e-"));
  let child;
  let port = 0;

  async function start() {
    const options = ["--demo", "--listen", `127.0.0.1:${port}`, "--data", data, "--www", WWW];
    child = spawn(wanted("CAUSERIE_SERVER_BIN"), options, {
      stdio: ["ignore", "pipe", "inherit"],
      env: plainEnvironment(),
    });
    for await (const line of createInterface(child.stdout)) {
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      if (found) {
        port = Number(found[1]);
        child.stdout.resume();
        return;
      }
    }
    throw new Error("the server ended without printing its address");
  }

  /** Ends it with a signal, and waits until it is gone. */
  async function end(signal) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }

  await start();
  return {
    origin: `http://127.0.0.1:${port}`,
    start,
    end,
    async done() {
      await end("SIGKILL");
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** A proxy as some companies have: HTTP passes, and whoever asks for a WebSocket is turned away. */
export async function proxyWithoutWebSockets(target) {
  const counts = { refused: 0, batches: 0 };
  const { hostname, port } = new URL(target);
  const proxy = createServer((incoming, outgoing) => {
    if (incoming.method === "POST") counts.batches += 1;
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  proxy.on("upgrade", (_incoming, socket) => {
    counts.refused += 1;
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    origin: `http://127.0.0.1:${proxy.address().port}`,
    counts,
    done() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

/** The network between a page and a server: it can be cut, and mended. */
export async function line(target) {
  const { hostname, port } = new URL(target);
  const open = new Set();
  let isCut = false;
  const between = createLine((near) => {
    if (isCut) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      open.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  between.listen(0, "127.0.0.1");
  await once(between, "listening");
  const cut = () => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    origin: `http://127.0.0.1:${between.address().port}`,
    cut,
    mend: () => (isCut = false),
    done() {
      cut();
      between.close();
    },
  };
}
