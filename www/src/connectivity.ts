// Shows whether the server can be reached. The SDK keeps a request for 30 s before it gives up and resumes
// subscriptions silently, which suits a program, but a user should see it. So when a call is slow, and every
// few seconds while the page is visible, the page requests `/health`, and shows a notice until the server
// responds again.

import { byId, fill, h } from "./dom";

const SLOW_MS = 1_200;
const PROBE_TIMEOUT_MS = 4_000;
const BETWEEN_PROBES_MS = 2_000;
const RECOVERED_NOTICE_MS = 4_000;
const POLL_INTERVAL_MS = 5_000;

/** Whether the server can be reached, as far as the page knows. */
type State = "connecting" | "connected" | "unreachable";

const WORDS: Record<State, string> = {
  connecting: "Connecting…",
  connected: "Connected",
  unreachable: "No connection",
};

const listeners = new Set<() => void>();
const stateLabel = h("span", {}, WORDS.connecting);
const stateView = h("p", { class: "connection connecting" }, h("i", { "aria-hidden": "true" }), stateLabel);
let unreachable = false;
let waiting = 0;
let probing = false;

/** Returns the state of the connection in a word, for the top of the page. */
export function connectionState(): HTMLElement {
  return stateView;
}

function showState(state: State): void {
  stateView.className = `connection ${state}`;
  stateView.title = WORDS[state];
  // The notice announces an interruption and its end, so this text is only shown.
  stateLabel.textContent = WORDS[state];
}

/** Watches a call: if it is slow, checks whether the server can be reached. */
export function watchCall(pending: Promise<unknown>): void {
  const timer = setTimeout(probe, SLOW_MS);
  waiting += 1;
  const done = () => {
    clearTimeout(timer);
    waiting -= 1;
  };
  pending.then(done, done);
}

/** Adds a listener that is called each time the server can be reached again. */
export function onReconnect(listener: () => void): void {
  listeners.add(listener);
}

/** Checks whether the server can be reached, repeatedly until it can. */
export async function probe(): Promise<void> {
  if (probing) return;
  probing = true;
  while (!(await isReachable())) {
    if (!unreachable) {
      unreachable = true;
      showState("unreachable");
      showUnreachable();
    }
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_PROBES_MS));
  }
  probing = false;
  showState("connected");
  if (unreachable) {
    unreachable = false;
    for (const listener of listeners) listener();
    showRecovered();
  }
}

async function isReachable(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    return (await fetch("/health", { cache: "no-store", signal })).ok;
  } catch {
    return false;
  }
}

function showUnreachable(): void {
  fill(
    byId("connectivity"),
    h(
      "div",
      { class: "connectivity unreachable" },
      h("strong", {}, navigator.onLine ? "The server does not answer." : "You are offline."),
      " What you see may be out of date. What you send is kept for 30 seconds and is sent when it answers.",
    ),
  );
}

/**
 * The SDK reconnects after growing pauses of at most 20 s, so that a server which has just started is not
 * overloaded.
 */
function showRecovered(): void {
  const details = " Missed updates arrive, and waiting changes are sent, within 20 seconds.";
  fill(
    byId("connectivity"),
    h("div", { class: "connectivity recovered" }, h("strong", {}, "The server is back."), details),
  );
  hideLater();
}

function hideLater(): void {
  setTimeout(() => {
    if (unreachable) return;
    if (waiting > 0) hideLater();
    else fill(byId("connectivity"));
  }, RECOVERED_NOTICE_MS);
}

addEventListener("offline", probe);

/** Checks regularly while the page is visible; a response is a few bytes. */
export function startMonitoring(): void {
  void probe();
  setInterval(() => {
    if (!document.hidden) void probe();
  }, POLL_INTERVAL_MS);
}
