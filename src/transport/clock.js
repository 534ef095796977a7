/** One timer. In Node it keeps the process alive only while something is awaited. */
export const setTimer = (call, milliseconds, keepAlive) => {
  const timer = setTimeout(call, milliseconds);
  if (!keepAlive) timer.unref?.();
  return timer;
};

export const clearTimer = (timer) => clearTimeout(timer);

/** 128 random bits, as text. */
export const randomId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );

export const random = () => Math.random();

/** Whether there is a WebSocket class: Node has none of its own before version 22. */
export const hasWebSocket = () => typeof globalThis.WebSocket === "function";

/** The origin of the page, where there is a page. */
export const pageOrigin = () => globalThis.location?.origin;

/**
 * Tells when the page may have slept or lost its network, and when it is put away. Returns a function that ends it.
 * Outside a page (Node, workers without these events) nothing is ever told.
 */
export const watchPage = (wake, suspend) => {
  const listen = globalThis.addEventListener;
  if (typeof listen !== "function") return () => {};
  const page = globalThis.document;
  const visible = () => page.visibilityState === "visible" && wake();
  const shown = (event) => event.persisted && wake();
  const pairs = [
    [globalThis, "online", wake],
    [globalThis, "pageshow", shown],
    [globalThis, "pagehide", suspend],
    ...(page ? [[page, "visibilitychange", visible]] : []),
  ];
  for (const [target, name, call] of pairs) target.addEventListener(name, call);
  return () => {
    for (const [target, name, call] of pairs) target.removeEventListener(name, call);
  };
};
