import { createHmac } from "node:crypto";

const LIFETIME_SECONDS = 600;

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Signs claims as a JSON Web Token with HS256. */
export function signToken(secret, claims) {
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** Returns a token for one user of an app. It expires after ten minutes. */
export function userToken(secret, appId, userId) {
  const iat = Math.floor(Date.now() / 1000);
  return signToken(secret, { tokenType: "user", iss: appId, sub: userId, iat, exp: iat + LIFETIME_SECONDS });
}
