// Subscriptions of the page: what a part of the page follows, it follows within a scope, and when that part shows
// something else the scope is ended and with it all that was followed. What is followed now is listed beside the calls.

import type { ErrorState, UnsubscribedState } from "causerie";

import { h } from "./dom";
import { type Problem, problemOf } from "./problem";

/** What every subscription of the SDK has. */
interface Followed {
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  unsubscribe(): void;
}

export interface Scope {
  /**
   * Keeps a subscription until the scope ends. `code` is what it looks like in a program; `onProblem` is told if it ends by
   * an error rather than by us.
   */
  follow<S extends Followed>(code: string, subscription: S, onProblem?: (problem: Problem) => void): S;
  /** Something else to do at the end. */
  atEnd(task: () => void): void;
  /** A part of this scope, which ends with it or before. */
  part(): Scope;
  end(): void;
}

/** Opens a scope. */
export function scope(): Scope {
  const tasks = new Set<() => void>();
  return {
    follow(code, subscription, onProblem) {
      const forget = note(code);
      const stop = (): void => subscription.unsubscribe();
      tasks.add(stop);
      void subscription.terminated.then((state) => {
        tasks.delete(stop);
        forget();
        if (state.type === "error") onProblem?.(problemOf(state.error));
      });
      return subscription;
    },
    atEnd: (task) => void tasks.add(task),
    part() {
      const made = scope();
      tasks.add(made.end);
      made.atEnd(() => tasks.delete(made.end));
      return made;
    },
    end() {
      for (const task of tasks) task();
      tasks.clear();
    },
  };
}

const list = h("ul", { class: "followed" });
const none = h("p", { class: "hint" }, "Nothing.");
const counts = new Map<string, { count: number; element: HTMLElement; times: HTMLElement }>();

/** What is followed at this moment, as code. */
export function followedList(): HTMLElement {
  return h("div", { class: "live" }, h("h3", {}, "Live now"), none, list);
}

/** Rows of one kind share a line: twenty conversations need not be twenty lines. */
function note(code: string): () => void {
  let entry = counts.get(code);
  if (entry === undefined) {
    const times = h("span", { class: "hint" });
    entry = { count: 0, times, element: h("li", {}, h("code", {}, code), times) };
    counts.set(code, entry);
    list.append(entry.element);
  }
  const noted = entry;
  const change = (by: number): void => {
    noted.count += by;
    noted.times.textContent = noted.count > 1 ? `${noted.count} times` : "";
    if (noted.count === 0) {
      noted.element.remove();
      counts.delete(code);
    }
    none.hidden = counts.size > 0;
  };
  change(1);
  return () => change(-1);
}
