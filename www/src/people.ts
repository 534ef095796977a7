// The user of the page: one of the demo's people, or any id. The demo's people are created when they are
// first needed; other users are asked for a name.

import type { CreateUserParams, TalkSession } from "causerie";

import { type Outcome, perform } from "./calls";
import { callOf } from "./code";
import { h, uniqueId } from "./dom";
import { avatar, avatarDataUrl } from "./avatar";
import type { Problem } from "./problem";

interface Person extends CreateUserParams {
  name: string;
  photoUrl: string;
}

/** The demo's people, by id. */
export const PEOPLE: Readonly<Record<string, Person>> = {
  alice: {
    name: "Alice",
    photoUrl: avatarDataUrl({
      background: "#ffd9a8",
      hair: "#7a3b1d",
      skin: "#f2c29b",
      shirt: "#4b39c4",
      longHair: true,
    }),
    welcomeMessage: "Hello! Ask me anything about tea.",
  },
  bob: {
    name: "Bob",
    photoUrl: avatarDataUrl({
      background: "#b9e0d2",
      hair: "#1f1a17",
      skin: "#c68a5d",
      shirt: "#a13d63",
      longHair: false,
    }),
  },
  carol: {
    name: "Carol",
    photoUrl: avatarDataUrl({
      background: "#c9d5f5",
      hair: "#c9922e",
      skin: "#e5ab84",
      shirt: "#0b6e6e",
      longHair: true,
    }),
  },
};

/** Creates one of the demo's people if they do not exist. Any other id succeeds without a call. */
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
  /** Shows why an id cannot be used. */
  showError(problem: Problem): void;
}

/** Creates the card on which a visitor chooses a user. */
export function picker(onPick: (userId: string) => void): Picker {
  const chips = Object.entries(PEOPLE).map(([id, { name, photoUrl }]) =>
    h(
      "button",
      { type: "button", class: "chip person", onclick: () => onPick(id) },
      avatar(id, name, photoUrl),
      h("span", {}, name),
    ),
  );
  const wrongId = uniqueId();
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
    showError(problem) {
      input.setAttribute("aria-invalid", "true");
      wrong.textContent = problem.plain;
      input.focus();
    },
  };
}
