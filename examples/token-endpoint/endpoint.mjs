import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

import { userToken } from "./token.mjs";

/**
 * Creates an HTTP server with `POST /login` and `GET /token`.
 *
 * `checkPassword(userId, password)` returns whether the login is correct. Sessions are kept in memory.
 */
export function createEndpoint({ appId, secret, checkPassword }) {
  const sessions = new Map();

  async function login(request, response) {
    const { user, password } = JSON.parse(await text(request));
    if (typeof user !== "string" || !(await checkPassword(user, password))) {
      return response.writeHead(401).end("wrong user or password\n");
    }
    const id = randomUUID();
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
    } catch {
      response.writeHead(400).end();
    }
  });
}
