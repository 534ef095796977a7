// A server that a test can kill and restart, a proxy that refuses WebSockets, and a connection that can be
// cut.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { requiredEnv } from "./support.mjs";

const WWW = join(import.meta.dirname, "../../www/dist");

/**
 * Returns the environment without the variables of the test runner, which the server would read as settings.
 */
function plainEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CAUSERIE_")));
}

/** Returns the TCP port on which a server listens. */
function portOf(server) {
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return address.port;
}

/**
 * Starts a server with an empty database; it can be killed and started again with the same port and database.
 */
export async function startServer() {
  const data = mkdtempSync(join(tmpdir(), "causerie-e2e-"));
  let child;
  let port = 0;

  async function start() {
    const options = [
      "--demo",
      "--limits",
      "internal",
      "--listen",
      `127.0.0.1:${port}`,
      "--data",
      data,
      "--www",
      WWW,
    ];
    child = spawn(requiredEnv("CAUSERIE_SERVER_BIN"), options, {
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

  /** Sends a signal and waits for the process to end. */
  async function end(signal) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  await start();
  return {
    origin: `http://127.0.0.1:${port}`,
    start,
    end,
    async close() {
      await end("SIGKILL");
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Starts a proxy like those of some companies: it forwards HTTP and answers WebSocket upgrades with 403. */
export async function proxyWithoutWebSockets(target) {
  const counts = { refused: 0, batches: 0 };
  const { hostname, port } = new URL(target);
  const proxy = createServer((incoming, outgoing) => {
    if (incoming.method === "POST") counts.batches += 1;
    const { method, url: path, headers } = incoming;
    const forwarded = request({ hostname, port, method, path, headers }, (response) => {
      outgoing.writeHead(response.statusCode, response.headers);
      response.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  proxy.on("upgrade", (_incoming, socket) => {
    counts.refused += 1;
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    origin: `http://127.0.0.1:${portOf(proxy)}`,
    counts,
    close() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

/** Starts a TCP relay to a server that can be cut and restored. */
export async function cuttableConnection(target) {
  const { hostname, port } = new URL(target);
  const open = new Set();
  let isCut = false;
  const relay = createTcpServer((client) => {
    if (isCut) return client.destroy();
    const upstream = connect(Number(port), hostname);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
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
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const cut = () => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    origin: `http://127.0.0.1:${portOf(relay)}`,
    cut,
    restore: () => (isCut = false),
    close() {
      cut();
      relay.close();
    },
  };
}
