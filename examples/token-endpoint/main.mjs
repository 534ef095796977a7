import { createEndpoint } from "./endpoint.mjs";

const { CAUSERIE_APP_ID: appId, CAUSERIE_SECRET: secret, PORT = "8788" } = process.env;
if (!appId || !secret) throw new Error("set CAUSERIE_APP_ID and CAUSERIE_SECRET");

// Replace this by the login of your application, which stores password hashes.
const PASSWORDS = { ada: "lovelace", grace: "hopper" };

createEndpoint({
  appId,
  secret,
  checkPassword: (user, password) => Object.hasOwn(PASSWORDS, user) && PASSWORDS[user] === password,
}).listen(Number(PORT), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${PORT}`));
