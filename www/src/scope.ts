// Owns the subscriptions of the page. Each part of the page keeps its subscriptions in a scope; ending the
// scope ends them all. The active subscriptions are listed next to the calls.

import type { ErrorState, UnsubscribedState } from "causerie";

import { h } from "./dom";
import { type Problem, problemOf } from "./problem";

/** The members that every subscription of the SDK has. */
interface Subscription {
  readonly terminated: Promise<UnsubscribedState | ErrorState>;
  unsubscribe(): void;
}

export interface Scope {
  /**
   * Keeps a subscription until the scope ends. `code` is its call as a program would write it; `onProblem` is
   * called if the subscription ends with an error.
   */
  keep<S extends Subscription>(code: string, subscription: S, onProblem?: (problem: Problem) => void): S;
  /** Adds a task that runs when the scope ends. */
  onEnd(task: () => void): void;
  /** Creates a scope that ends with this one, if it does not end earlier. */
  child(): Scope;
  end(): void;
}

/** Creates a scope. */
export function createScope(): Scope {
  const tasks = new Set<() => void>();
  return {
    keep(code, subscription, onProblem) {
      const removeEntry = listSubscription(code);
      const stop = (): void => subscription.unsubscribe();
      tasks.add(stop);
      void subscription.terminated.then((state) => {
        tasks.delete(stop);
        removeEntry();
        if (state.type === "error") onProblem?.(problemOf(state.error));
      });
      return subscription;
    },
    onEnd: (task) => void tasks.add(task),
    child() {
      const child = createScope();
      tasks.add(child.end);
      child.onEnd(() => tasks.delete(child.end));
      return child;
    },
    end() {
      for (const task of tasks) task();
      tasks.clear();
    },
  };
}

const list = h("ul", { class: "subscriptions" });
const none = h("p", { class: "hint" }, "Nothing.");
const counts = new Map<string, { count: number; element: HTMLElement; times: HTMLElement }>();

/** Creates the list of active subscriptions, as code. */
export function subscriptionList(): HTMLElement {
  return h("div", { class: "live" }, h("h3", {}, "Live now"), none, list);
}

/**
 * Adds a subscription to the list and returns the function that removes it. Equal calls share a line with a
 * count.
 */
function listSubscription(code: string): () => void {
  let entry = counts.get(code);
  if (entry === undefined) {
    const times = h("span", { class: "hint" });
    entry = { count: 0, times, element: h("li", {}, h("code", {}, code), times) };
    counts.set(code, entry);
    list.append(entry.element);
  }
  const listed = entry;
  const change = (by: number): void => {
    listed.count += by;
    listed.times.textContent = listed.count > 1 ? `${listed.count} times` : "";
    if (listed.count === 0) {
      listed.element.remove();
      counts.delete(code);
    }
    none.hidden = counts.size > 0;
  };
  change(1);
  return () => change(-1);
}
