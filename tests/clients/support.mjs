// What the tests of all programs share.
import { randomUUID } from "node:crypto";

const requiredEnv = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by \`cargo xtask test --only clients\``);
  return value;
};

export const origin = requiredEnv("CAUSERIE_ORIGIN");
export const appId = requiredEnv("CAUSERIE_APP_ID");
export const secret = requiredEnv("CAUSERIE_SECRET");
/** The program of the server, for tests that start one with other settings. */
export const serverProgram = requiredEnv("CAUSERIE_SERVER_BIN");
/** The address of the REST API. */
export const api = `${origin}/v1/${appId}`;

/** Returns a prefix for the ids of a test, so that the tests do not see each other's data. */
export const prefix = () => `clients-${randomUUID().slice(0, 8)}-`;
