// What every field of the profile has in common: its name, whether it is kept, set or reset, and where it says what is
// wrong. `undefined`, a value and `null` are three different things to the SDK, so they are three things to the eye.

import { freshId, h } from "../dom";

export type Mode = "keep" | "set" | "null";

/** What a field adds to the parameters. */
export type Reading = { mode: "keep" } | { mode: "set"; value: unknown } | { mode: "null" };

export interface Field {
  readonly name: string;
  readonly element: HTMLElement;
  read(): Reading;
  /** Shows what the server has; private fields have nothing to show. */
  reset(known: unknown): void;
  /** Shows what is wrong with it, or with the part of it that the path names, and goes there. */
  blame(path: string, message: string): void;
  forgive(): void;
}

export interface Traits {
  name: string;
  label: string;
  hint: string;
  /** What "set" is called where it merges rather than replaces. */
  setLabel?: string;
  /** Whether `null` resets it. */
  nullable?: boolean;
}

export interface Frame {
  element: HTMLElement;
  hintId: string;
  wrongId: string;
  mode(): Mode;
  setMode(mode: Mode): void;
  say(wrong: string): void;
}

/** The frame around a field's inputs: label, the three-way switch, the hint, and what is wrong. */
export function frame(
  traits: Traits,
  body: HTMLElement,
  labelFor: string | null,
  onMode: (mode: Mode) => void,
): Frame {
  const hintId = freshId();
  const wrongId = freshId();
  const labelId = freshId();
  const wrong = h("p", { class: "wrong", id: wrongId });
  const modes: [Mode, string, string][] = [
    ["keep", "keep", "leave it as it is"],
    ["set", traits.setLabel ?? "set", "send what is written here"],
  ];
  if (traits.nullable !== false) modes.push(["null", "null", "reset it to the default"]);
  const group = freshId();
  const radios = modes.map(([mode, , about]) =>
    h("input", {
      type: "radio",
      name: group,
      value: mode,
      checked: mode === "keep",
      "aria-label": `${traits.label}: ${about}`,
    }),
  );
  const current = (): Mode => modes[radios.findIndex((radio) => radio.checked)]?.[0] ?? "keep";
  const element = h(
    "div",
    {
      class: "field",
      role: "group",
      "aria-labelledby": labelId,
      "data-field": traits.name,
      "data-mode": "keep",
    },
    h(
      "div",
      { class: "field-head" },
      h(labelFor === null ? "span" : "label", { class: "label", id: labelId, for: labelFor }, traits.label),
      h(
        "span",
        { class: "modes" },
        ...modes.map(([, label, about], index) =>
          h("label", { title: about }, radios[index] ?? null, h("span", {}, label)),
        ),
      ),
    ),
    body,
    h("p", { class: "hint", id: hintId }, traits.hint),
    wrong,
  );
  const settle = (): void => {
    element.dataset["mode"] = current();
  };
  for (const radio of radios) {
    radio.addEventListener("change", () => {
      settle();
      onMode(current());
    });
  }
  return {
    element,
    hintId,
    wrongId,
    mode: current,
    setMode(mode) {
      for (const radio of radios) radio.checked = radio.value === mode;
      settle();
    },
    say(text) {
      wrong.textContent = text;
      element.classList.toggle("is-wrong", text !== "");
    },
  };
}
