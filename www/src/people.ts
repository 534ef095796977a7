// Who is using the page: the demo's own people, or any id. The demo's people are created when they are first needed; anybody
// else is asked for a name.

import type { CreateUserParams, TalkSession } from "causerie";

import { type Outcome, perform } from "./calls";
import { callOf } from "./code";
import { freshId, h } from "./dom";
import { portrait } from "./portrait";
import type { Problem } from "./problem";

interface Person extends CreateUserParams {
  name: string;
  photoUrl: string;
}

/** The demo's people, by id. */
export const PEOPLE: Readonly<Record<string, Person>> = {
  alice: {
    name: "Alice",
    photoUrl: portrait({ ground: "#ffd9a8", hair: "#7a3b1d", skin: "#f2c29b", shirt: "#4b39c4", long: true }),
    welcomeMessage: "Hello! Ask me anything about tea.",
  },
  bob: {
    name: "Bob",
    photoUrl: portrait({
      ground: "#b9e0d2",
      hair: "#1f1a17",
      skin: "#c68a5d",
      shirt: "#a13d63",
      long: false,
    }),
  },
  carol: {
    name: "Carol",
    photoUrl: portrait({ ground: "#c9d5f5", hair: "#c9922e", skin: "#e5ab84", shirt: "#0b6e6e", long: true }),
  },
};

/** Creates one of the demo's people, unless they are there; anybody else is left as they are. */
export async function ensure(session: TalkSession, id: string): Promise<Outcome<void>> {
  const person = PEOPLE[id];
  if (person === undefined) return { ok: true, value: undefined };
  const user = id === session.currentUser.id ? "session.currentUser" : `session.user(${JSON.stringify(id)})`;
  const short = { ...person, photoUrl: "data:image/svg+xml,…" };
  return perform(callOf(`await ${user}.createIfNotExists(`, short), () =>
    session.user(id).createIfNotExists(person),
  );
}

export interface Picker {
  element: HTMLElement;
  /** Says why an id cannot be used. */
  blame(problem: Problem): void;
}

/** The card that asks who you are. */
export function picker(onPick: (userId: string) => void): Picker {
  const chips = Object.entries(PEOPLE).map(([id, { name, photoUrl }]) =>
    h(
      "button",
      { type: "button", class: "chip person", onclick: () => onPick(id) },
      avatar(id, name, photoUrl),
      h("span", {}, name),
    ),
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
  const form = h(
    "form",
    { class: "inline", novalidate: true },
    input,
    h("button", { class: "button" }, "Continue"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onPick(input.value);
  });
  input.addEventListener("input", () => {
    input.removeAttribute("aria-invalid");
    wrong.textContent = "";
  });
  return {
    element: h(
      "section",
      { class: "card people", "aria-labelledby": "people-title" },
      h("h2", { id: "people-title" }, "Who are you?"),
      h("div", { class: "choices" }, h("div", { class: "chips" }, ...chips), form),
      wrong,
    ),
    blame(problem) {
      input.setAttribute("aria-invalid", "true");
      wrong.textContent = problem.plain;
      input.focus();
    },
  };
}

/** A round picture: the photo, or where there is none or it does not load, the first letters of the name. */
export function avatar(id: string, name: string, photoUrl: string | null, size = ""): HTMLElement {
  const letters = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
  const element = h(
    "span",
    { class: `avatar tint-${tintOf(id)} ${size}`.trim(), "aria-hidden": "true" },
    letters,
  );
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
