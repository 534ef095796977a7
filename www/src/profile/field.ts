// The parts that all profile fields have: label, the switch between keep, set and null, hint, and error. The
// SDK treats `undefined`, a value and `null` differently, so the form shows three modes.

import { uniqueId, h } from "../dom";

export type Mode = "keep" | "set" | "null";

/** The contribution of a field to the parameters. */
export type FieldValue = { mode: "keep" } | { mode: "set"; value: unknown } | { mode: "null" };

export interface Field {
  readonly name: string;
  readonly element: HTMLElement;
  read(): FieldValue;
  /** Shows the stored value; private fields show nothing. */
  reset(known: unknown): void;
  /** Shows an error at the field, or at the part of it that the path names, and focuses it. */
  showError(path: string, message: string): void;
  clearError(): void;
}

export interface FieldOptions {
  name: string;
  label: string;
  hint: string;
  /** The label of the mode "set" if it merges instead of replacing. */
  setLabel?: string;
  /** Whether `null` is allowed, which resets the field. Default: true. */
  nullable?: boolean;
}

export interface Frame {
  element: HTMLElement;
  hintId: string;
  wrongId: string;
  mode(): Mode;
  setMode(mode: Mode): void;
  setError(text: string): void;
}

/** Creates the frame around a field's inputs: label, the switch of three modes, hint, and error. */
export function frame(
  options: FieldOptions,
  body: HTMLElement,
  labelFor: string | null,
  onMode: (mode: Mode) => void,
): Frame {
  const hintId = uniqueId();
  const wrongId = uniqueId();
  const labelId = uniqueId();
  const wrong = h("p", { class: "wrong", id: wrongId });
  const modes: [Mode, string, string][] = [
    ["keep", "keep", "leave it as it is"],
    ["set", options.setLabel ?? "set", "send this value"],
  ];
  if (options.nullable !== false) modes.push(["null", "null", "reset it to the default"]);
  const group = uniqueId();
  const radios = modes.map(([mode, , about]) =>
    h("input", {
      type: "radio",
      name: group,
      value: mode,
      checked: mode === "keep",
      "aria-label": `${options.label}: ${about}`,
    }),
  );
  const current = (): Mode => modes[radios.findIndex((radio) => radio.checked)]?.[0] ?? "keep";
  const element = h(
    "div",
    {
      class: "field",
      role: "group",
      "aria-labelledby": labelId,
      "data-field": options.name,
      "data-mode": "keep",
    },
    h(
      "div",
      { class: "field-head" },
      h(labelFor === null ? "span" : "label", { class: "label", id: labelId, for: labelFor }, options.label),
      h(
        "span",
        { class: "modes" },
        ...modes.map(([, label, about], index) =>
          h("label", { title: about }, radios[index] ?? null, h("span", {}, label)),
        ),
      ),
    ),
    body,
    h("p", { class: "hint", id: hintId }, options.hint),
    wrong,
  );
  const showMode = (): void => {
    element.dataset["mode"] = current();
  };
  for (const radio of radios) {
    radio.addEventListener("change", () => {
      showMode();
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
      showMode();
    },
    setError(text) {
      wrong.textContent = text;
      element.classList.toggle("is-wrong", text !== "");
    },
  };
}
