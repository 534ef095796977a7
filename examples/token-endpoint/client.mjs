import { getTalkSession } from "causerie";

/**
 * Returns a session whose tokens come from the endpoint.
 *
 * In a browser, `fetch("/token")` sends the cookie itself; other programs pass it.
 */
export function connect({ endpoint, cookie, ...options }) {
  return getTalkSession({
    ...options,
    tokenFetcher: async () => {
      const response = await fetch(`${endpoint}/token`, { headers: cookie ? { cookie } : {} });
      if (!response.ok) throw new Error(`GET /token: ${response.status} ${await response.text()}`);
      return response.text();
    },
  });
}
