// Placeholders of the size of what is loading, so that nothing moves when it arrives.

import { h } from "./dom";

/** Creates placeholders of messages or of rows in the list of conversations. */
export function skeletons(kind: "message" | "conversation", count: number): HTMLElement {
  const rows = Array.from({ length: count }, (_, index) =>
    h(
      "div",
      { class: `skeleton ${kind}-skeleton ${index % 3 === 2 ? "at-end" : ""}`.trim() },
      h("span", { class: kind === "message" ? "avatar small" : "avatar medium" }),
      h("span", { class: "bars" }, h("span", { class: "bar" }), h("span", { class: "bar short" })),
    ),
  );
  return h(
    "div",
    { class: "skeletons", role: "status" },
    h("span", { class: "visually-hidden" }, "Loading…"),
    ...rows,
  );
}
