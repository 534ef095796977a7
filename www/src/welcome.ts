// What the page is for, and how to see it at its best: two windows side by side.

import { h } from "./dom";

export function welcome(): HTMLElement {
  return h(
    "section",
    { class: "card intro" },
    h("h2", {}, "What this is"),
    h(
      "ol",
      { class: "steps" },
      h(
        "li",
        {},
        h("b", {}, "Sign in as anyone. "),
        "The demo app asks for no password, and nobody need exist yet.",
      ),
      h(
        "li",
        {},
        h("b", {}, "Open a second window as somebody else. "),
        "Put it beside this one, and let the two of you talk.",
      ),
      h(
        "li",
        {},
        h("b", {}, "Try to break it. "),
        "Go offline, restart the server, write in both windows at once: nothing is lost, and nothing comes twice.",
      ),
    ),
    h("p", { class: "hint" }, "Under everything you do stands the code that did it."),
  );
}
