// Tells whether the server can be reached. The SDK holds a request for 30 s before it gives up, and resumes what is live
// without a word, which is right for a program; a person wants to know. So when an answer is slow, and every few seconds while
// somebody looks at the page, it asks the server's health for itself, and says what is going on until the server is back.

import { byId, fill, h } from "./dom";

const SLOW_MS = 1_200;
const PROBE_TIMEOUT_MS = 4_000;
const BETWEEN_PROBES_MS = 2_000;
const GOOD_NEWS_MS = 4_000;
const BEAT_MS = 5_000;

const listeners = new Set<() => void>();
let away = false;
let waiting = 0;
let probing = false;

/** Watches a call: if its answer is slow, finds out whether the server is there. */
export function watch(pending: Promise<unknown>): void {
  const timer = setTimeout(probe, SLOW_MS);
  waiting += 1;
  const done = () => {
    clearTimeout(timer);
    waiting -= 1;
  };
  pending.then(done, done);
}

/** Calls this each time the server can be reached again. */
export function onBack(listener: () => void): void {
  listeners.add(listener);
}

/** Asks the server whether it is there, and goes on asking until it is. */
export async function probe(): Promise<void> {
  if (probing) return;
  probing = true;
  while (!(await isThere())) {
    if (!away) {
      away = true;
      showAway();
    }
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_PROBES_MS));
  }
  probing = false;
  if (away) {
    away = false;
    for (const listener of listeners) listener();
    showBack();
  }
}

async function isThere(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    return (await fetch("/health", { cache: "no-store", signal })).ok;
  } catch {
    return false;
  }
}

function showAway(): void {
  fill(
    byId("reach"),
    h(
      "div",
      { class: "reach away" },
      h("strong", {}, navigator.onLine ? "The server does not answer." : "You are offline."),
      " What you see may be old. What you send is kept for 30 seconds, and goes out when it answers.",
    ),
  );
}

/** The SDK tries again after pauses that grow, so as not to storm a server that is just up: 20 s at most. */
function showBack(): void {
  const rest = " What was missed comes, and what is waiting goes out, within 20 seconds.";
  fill(byId("reach"), h("div", { class: "reach back" }, h("strong", {}, "The server is back."), rest));
  hideLater();
}

function hideLater(): void {
  setTimeout(() => {
    if (away) return;
    if (waiting > 0) hideLater();
    else fill(byId("reach"));
  }, GOOD_NEWS_MS);
}

addEventListener("offline", probe);

/** Goes on asking while the page is looked at; the answer is a few bytes. */
export function keepWatch(): void {
  setInterval(() => {
    if (!document.hidden) void probe();
  }, BEAT_MS);
}
