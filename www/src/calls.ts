// Every call of the SDK that this page makes goes through `perform`: it writes the call down with its outcome under
// "What just ran", watches for a server that is away, and turns what is thrown into a Problem.

import { callOf, codeBlock } from "./code";
import { fill, h } from "./dom";
import { followedList } from "./live";
import type { Place } from "./place";
import { type Problem, problemOf } from "./problem";
import { probe, watch } from "./reach";

export type Outcome<Value> = { ok: true; value: Value } | { ok: false; problem: Problem };

const KEPT = 5;

const setup = h("div");
const list = h(
  "ol",
  { class: "log" },
  h("li", { class: "hint" }, "Nothing yet. Each call is written down here."),
);
let entries: HTMLElement[] = [];

/** The panel with the code of the session, what is followed, and the newest calls; `extra` goes under the session's. */
export function callsPanel(extra: HTMLElement): HTMLElement {
  return h(
    "section",
    { class: "card calls", "aria-labelledby": "calls-title" },
    h(
      "div",
      {},
      h("h2", { id: "calls-title" }, "The code behind this page"),
      h("p", { class: "lead" }, "The page does nothing that you could not paste into your own app."),
    ),
    h("div", { class: "calls-column" }, setup, extra, followedList()),
    h("div", { class: "calls-column" }, h("h3", {}, "What just ran"), list),
  );
}

/** Shows how the session in use was made. */
export function showSetup(place: Place, userId: string): void {
  const options: Record<string, string> = { appId: place.app, userId };
  if (place.transport === "http") options["transport"] = "http";
  const text = `import { getTalkSession } from "causerie";\n\n${callOf("const session = getTalkSession(", options)}`;
  fill(setup, codeBlock(text, "js", "how the session was made"));
}

/** Makes a call and says how it went. `code` is what the call looks like in a program. */
export async function perform<Value>(code: string, call: () => Promise<Value>): Promise<Outcome<Value>> {
  const outcome = h("span", { class: "outcome" }, "running…");
  note(h("li", {}, codeBlock(code, "js", "a call that was made"), outcome));
  const since = performance.now();
  try {
    const pending = call();
    watch(pending);
    const value = await pending;
    const took = Math.max(1, Math.round(performance.now() - since));
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

function note(entry: HTMLElement): void {
  entries = [entry, ...entries].slice(0, KEPT);
  fill(list, ...entries);
}
