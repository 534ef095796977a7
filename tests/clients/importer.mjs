// Brings the users, conversations and messages of another system over.
//
// Users are written 100 at a time, and messages 10 at a time with the ids of the other system as idempotency
// keys. So the import may be stopped at any time and started again: what was imported before stays as it is.

const USERS = 100;
const MESSAGES = 10;

const chunks = (list, size) => {
  const all = [];
  for (let at = 0; at < list.length; at += size) all.push(list.slice(at, at + size));
  return all;
};

/** The error of a call that the server refused. */
export class ImportError extends Error {
  constructor(call, status, body) {
    super(`${call}: ${status}: ${body?.error?.message}`);
    Object.assign(this, { call, status, code: body?.error?.code, field: body?.error?.field });
  }
}

/**
 * Returns a function that makes a call, and waits if the server asks for it.
 *
 * `beforeCall` is called before each call, and may throw to stop the import.
 */
export const client = ({ api, secret, beforeCall = () => {} }) => {
  const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
  return async function call(method, path, body) {
    beforeCall(method, path);
    const response = await fetch(api + path, { method, headers, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (response.status === 429) {
      await new Promise((done) => setTimeout(done, 1_000 * Number(response.headers.get("retry-after") ?? 1)));
      return call(method, path, body);
    }
    if (!response.ok) throw new ImportError(`${method} ${path}`, response.status, answer);
    return answer;
  };
};

/** Imports everything. */
export const importAll = async (call, { users, conversations }) => {
  for (const some of chunks(users, USERS)) {
    await call("PUT", "/users", Object.fromEntries(some.map(({ id, ...user }) => [id, user])));
  }
  for (const { id, messages, ...conversation } of conversations) {
    await call("PUT", `/conversations/${encodeURIComponent(id)}`, conversation);
    for (const some of chunks(messages, MESSAGES)) {
      const sent = some.map(({ oldId, from, text, sentAt }) => ({
        type: "UserMessage",
        sender: from,
        text,
        custom: { sentAt },
        idempotencyKey: oldId,
      }));
      await call("POST", `/conversations/${encodeURIComponent(id)}/messages`, sent);
    }
  }
};

/** Reads all pages of a list. */
export const readAll = async (call, path) => {
  const all = [];
  for (;;) {
    const last = all.at(-1)?.id;
    const page = last === undefined ? "" : `&startingAfter=${encodeURIComponent(last)}`;
    const { data } = await call("GET", `${path}?limit=100${page}`);
    if (data.length === 0) return all;
    all.push(...data);
  }
};
