// Every SDK call of this page goes through `perform`: it lists the call and its outcome under "What just
// ran", checks the connection if the call is slow, and turns an error into a Problem.

import { callOf, codeBlock } from "./code";
import { fill, h } from "./dom";
import { subscriptionList } from "./scope";
import type { Route } from "./route";
import { type Problem, problemOf } from "./problem";
import { probe, watchCall } from "./connectivity";

export type Outcome<Value> = { ok: true; value: Value } | { ok: false; problem: Problem };

const MAX_ENTRIES = 5;

const setup = h("div");
const list = h("ol", { class: "log" }, h("li", { class: "hint" }, "Nothing yet. Each call is listed here."));
let entries: HTMLElement[] = [];

/**
 * Creates the panel with the session's code, the active subscriptions and the newest calls; `extra` goes
 * below the session's code.
 */
export function callsPanel(extra: HTMLElement): HTMLElement {
  return h(
    "section",
    { class: "card calls", "aria-labelledby": "calls-title" },
    h(
      "div",
      {},
      h("h2", { id: "calls-title" }, "The code behind this page"),
      h("p", { class: "lead" }, "Everything this page does is a call that you can paste into your own app."),
    ),
    h("div", { class: "calls-column" }, setup, extra, subscriptionList()),
    h("div", { class: "calls-column" }, h("h3", {}, "What just ran"), list),
  );
}

/** Shows the code that created the current session. */
export function showSetup(route: Route, userId: string): void {
  const options: Record<string, string> = { appId: route.app, userId };
  if (route.transport === "http") options["transport"] = "http";
  const text = `import { getTalkSession } from "causerie";\n\n${callOf("const session = getTalkSession(", options)}`;
  fill(setup, codeBlock(text, "js", "the code of the session"));
}

/** Makes a call and shows its outcome. `code` is the call as a program would write it. */
export async function perform<Value>(code: string, call: () => Promise<Value>): Promise<Outcome<Value>> {
  const outcome = h("span", { class: "outcome" }, "running…");
  listCall(h("li", {}, codeBlock(code, "js", "a call"), outcome));
  const start = performance.now();
  try {
    const pending = call();
    watchCall(pending);
    const value = await pending;
    const took = Math.max(1, Math.round(performance.now() - start));
    outcome.className = "outcome good";
    outcome.textContent = `done in ${took} ms`;
    return { ok: true, value };
  } catch (thrown) {
    const problem = problemOf(thrown);
    outcome.className = "outcome bad";
    fill(outcome, "rejected: ", h("code", {}, problem.code));
    if (problem.code === "offline" || problem.code === "timed_out") void probe();
    return { ok: false, problem };
  }
}

function listCall(entry: HTMLElement): void {
  entries = [entry, ...entries].slice(0, MAX_ENTRIES);
  fill(list, ...entries);
}
