// Explains the page: use it in two windows side by side.

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
        "The demo app needs no password, and the user need not exist yet.",
      ),
      h(
        "li",
        {},
        h("b", {}, "Open a second window as somebody else. "),
        "Put it next to this one and send messages between the two.",
      ),
      h(
        "li",
        {},
        h("b", {}, "Try to break it. "),
        "Go offline, restart the server, write in both windows at once: every message arrives exactly once.",
      ),
    ),
    h("p", { class: "hint" }, "The code behind each action is shown below the chat."),
  );
}
