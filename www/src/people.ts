// Who is using the page: a few people to begin with, or any id. Nobody need exist before they are picked.

import { freshId, h } from "./dom";
import type { Problem } from "./problem";

const SUGGESTED = ["alice", "bob", "carol"];

export interface Picker {
  element: HTMLElement;
  /** Marks who was picked. */
  show(userId: string | null): void;
  /** Says why an id cannot be used. */
  blame(problem: Problem): void;
}

/** The card that asks who you are. */
export function picker(onPick: (userId: string) => void): Picker {
  const chips = SUGGESTED.map((id) =>
    h("button", { type: "button", class: "chip person", onclick: () => onPick(id) }, avatar(id, id, null), h("span", {}, id)),
  );
  const wrongId = freshId();
  const wrong = h("p", { class: "wrong", id: wrongId });
  const input = h("input", {
    name: "user",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    placeholder: "any other id",
    "aria-label": "User id",
    "aria-describedby": wrongId,
  });
  const form = h("form", { class: "inline", novalidate: true }, input, h("button", { class: "button" }, "Continue"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onPick(input.value);
  });
  input.addEventListener("input", forgive);

  function forgive(): void {
    input.removeAttribute("aria-invalid");
    wrong.textContent = "";
  }

  return {
    element: h(
      "section",
      { class: "card people", "aria-labelledby": "people-title" },
      h("h2", { id: "people-title" }, "Who are you?"),
      h("div", { class: "choices" }, h("div", { class: "chips" }, ...chips), form),
      wrong,
    ),
    show(userId) {
      forgive();
      chips.forEach((chip, index) => chip.setAttribute("aria-pressed", String(SUGGESTED[index] === userId)));
      input.value = userId === null || SUGGESTED.includes(userId) ? "" : userId;
      form.classList.toggle("chosen", input.value !== "");
    },
    blame(problem) {
      input.setAttribute("aria-invalid", "true");
      wrong.textContent = problem.plain;
      input.focus();
    },
  };
}

/** A round picture: the photo, or where there is none or it does not load, the first letters of the name. */
export function avatar(id: string, name: string, photoUrl: string | null): HTMLElement {
  const letters = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
  const element = h("span", { class: `avatar tint-${tintOf(id)}`, "aria-hidden": "true" }, letters);
  if (photoUrl !== null) {
    const photo = h("img", { alt: "", src: photoUrl, referrerpolicy: "no-referrer" });
    photo.addEventListener("error", () => photo.remove());
    element.append(photo);
  }
  return element;
}

/** One of six tints, always the same for an id. */
function tintOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return sum % 6;
}
