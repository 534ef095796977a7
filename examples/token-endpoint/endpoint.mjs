import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

import { userToken } from "./token.mjs";

/** The most sessions that are kept; a further login ends the oldest. */
const MAX_SESSIONS = 10_000;
/** The most bytes of a login. */
const MAX_BODY = 4_096;

/** Reads the JSON object in the body of a request, or returns `undefined` if there is none. */
async function readJson(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * Creates an HTTP server with `POST /login` and `GET /token`.
 *
 * `checkPassword(userId, password)` returns whether the login is correct. Sessions are kept in memory.
 */
export function createEndpoint({ appId, secret, checkPassword }) {
  const sessions = new Map();

  async function login(request, response) {
    const body = await readJson(request);
    if (body === undefined) return response.writeHead(400, { connection: "close" }).end("not a login\n");
    const { user, password } = body;
    if (typeof user !== "string" || !(await checkPassword(user, password))) {
      return response.writeHead(401).end("wrong user or password\n");
    }
    const id = randomUUID();
    if (sessions.size >= MAX_SESSIONS) sessions.delete(sessions.keys().next().value);
    sessions.set(id, user);
    // Add `Secure` behind HTTPS.
    response.writeHead(204, { "set-cookie": `session=${id}; HttpOnly; SameSite=Lax; Path=/` }).end();
  }

  function token(request, response) {
    const id = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
    const user = sessions.get(id);
    if (user === undefined) return response.writeHead(401).end("not logged in\n");
    const headers = { "content-type": "text/plain", "cache-control": "no-store" };
    response.writeHead(200, headers).end(userToken(secret, appId, user));
  }

  return createServer(async (request, response) => {
    try {
      if (request.method === "POST" && request.url === "/login") await login(request, response);
      else if (request.method === "GET" && request.url === "/token") token(request, response);
      else response.writeHead(404).end();
    } catch (error) {
      console.error(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  });
}
