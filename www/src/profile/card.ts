// The profile as others see it: a view of a UserSnapshot.

import type { UserSnapshot } from "causerie";

import { h } from "../dom";
import { avatar } from "../avatar";

/** Creates the view of an existing user. */
export function userCard(user: UserSnapshot): HTMLElement {
  const custom = Object.entries(user.custom);
  return h(
    "div",
    { class: "user", "data-testid": "user" },
    avatar(user.id, user.name, user.photoUrl),
    h(
      "div",
      { class: "user-text" },
      h("p", { class: "user-name", dir: "auto" }, user.name),
      h(
        "p",
        { class: "badges" },
        h("code", { class: "badge" }, user.id),
        h("span", { class: "badge", title: "role" }, user.role),
        h("span", { class: "badge", title: "locale" }, languageOf(user.locale)),
      ),
      user.welcomeMessage !== null && h("blockquote", { dir: "auto" }, user.welcomeMessage),
      custom.length > 0 && customList(custom),
    ),
  );
}

/** Creates the view of a user who does not exist yet. */
export function missingUserCard(id: string): HTMLElement {
  return h(
    "div",
    { class: "empty", "data-testid": "missing-user" },
    avatar(id, "?", null),
    h(
      "div",
      {},
      h("p", {}, h("strong", {}, `There is no user “${id}” yet.`)),
      h(
        "p",
        {},
        h("code", {}, "get()"),
        " resolved with ",
        h("code", {}, "null"),
        ". Enter a name below and save to create the user.",
      ),
    ),
  );
}

/** Creates the list of the keys and values of custom data. */
export function customList(entries: [string, string][]): HTMLElement {
  return h(
    "ul",
    { class: "pairs", "aria-label": "Custom data" },
    ...entries.map(([key, value]) => h("li", {}, h("b", {}, key), h("span", { dir: "auto" }, value))),
  );
}

/** Returns the language tag, with the language's name if the browser knows it. */
function languageOf(locale: string): string {
  try {
    const name = new Intl.DisplayNames([navigator.language], { type: "language" }).of(locale);
    return name === undefined || name === locale ? locale : `${locale} · ${name}`;
  } catch {
    return locale;
  }
}
