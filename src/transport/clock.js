import { waiting } from "../interop/waiting.js";

/** Sets a timer. In Node it keeps the process alive only if `keepAlive` is true. */
export const setTimer = (call, milliseconds, keepAlive) => {
  const timer = setTimeout(call, milliseconds);
  if (!keepAlive) timer.unref?.();
  return timer;
};

/** Returns 128 random bits as hexadecimal digits. */
export const randomId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );

/** Returns whether there is a WebSocket class: Node has none before version 22. */
export const hasWebSocket = () => !!globalThis.WebSocket;

/**
 * Returns the origin of the page, or `undefined` outside a page. The location of an `srcdoc` or `about:blank`
 * frame has the origin "null", although the frame has its parent's. Otherwise the location is preferred,
 * because a page's script can replace the global `origin`.
 */
const pageOrigin = () => {
  const { location, origin } = globalThis;
  return location && location.origin !== "null" ? location.origin : origin;
};

/** A host that is this machine, with or without a port: its connections need no TLS. */
const LOOPBACK = /^((.+\.)?localhost|127(\.\d+){3}|\[::1])(:\d+)?\/*$/i;

/** Returns a host with the scheme `https:`, or `http:` if it is this machine. A URL stays as it is. */
const withScheme = (host) =>
  /^(https?:|[/\\])/i.test(host) ? host : (LOOPBACK.test(host) ? "http://" : "https://") + host;

/**
 * Returns the origin that a host or a URL consists of, or that of the page if it is `undefined`. Returns
 * `undefined` if there is none, or the URL has more parts than an origin and slashes.
 */
export const serverOrigin = (host) => {
  try {
    const { origin, href } = new URL(host === undefined ? pageOrigin() : withScheme(host));
    if (/^https?:/.test(origin) && href.replace(/\/+$/, "") === origin) return origin;
  } catch {
    // Not a URL.
  }
  return undefined;
};

/**
 * Calls `wake` when the page may have slept or lost its network, and `suspend` when it is hidden for the
 * back/forward cache. Returns a function that stops this. Without these events (Node, some workers) nothing
 * is called.
 */
export const watchPage = (wake, suspend) => {
  if (!globalThis.addEventListener) return () => {};
  const page = globalThis.document;
  const onVisible = () => page.visibilityState === "visible" && wake();
  const onShow = (event) => event.persisted && wake();
  const listeners = [
    [globalThis, "online", wake],
    [globalThis, "pageshow", onShow],
    [globalThis, "pagehide", suspend],
    ...(page ? [[page, "visibilitychange", onVisible]] : []),
  ];
  for (const [target, name, listener] of listeners) target.addEventListener(name, listener);
  const watch = {
    fail() {
      waiting.delete(watch);
      for (const [target, name, listener] of listeners) target.removeEventListener(name, listener);
    },
  };
  waiting.add(watch);
  return watch.fail;
};
