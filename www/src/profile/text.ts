// A field of one text: name, photoUrl, locale, role, welcomeMessage.

import { freshId, h } from "../dom";
import { type Field, type Mode, type Traits, frame } from "./field";

export interface TextTraits extends Traits {
  placeholder: string;
  lines?: number;
  inputMode?: string;
}

export function textField(traits: TextTraits, onChange: () => void): Field {
  const id = freshId();
  const attributes = { id, name: traits.name, placeholder: traits.placeholder, autocomplete: "off" };
  const input =
    traits.lines === undefined
      ? h("input", { ...attributes, inputmode: traits.inputMode ?? "text", spellcheck: "false" })
      : h("textarea", { ...attributes, rows: traits.lines });
  let known = "";

  const framed = frame(traits, input, id, (mode) => {
    if (mode !== "set") input.value = mode === "null" ? "" : known;
    showMode(mode);
    if (mode === "set") input.focus();
    onChange();
  });
  input.setAttribute("aria-describedby", `${framed.hintId} ${framed.wrongId}`);
  input.addEventListener("input", () => {
    framed.setMode(input.value === known ? "keep" : "set");
    forgive();
    onChange();
  });

  function showMode(mode: Mode): void {
    input.disabled = mode === "null";
    input.placeholder = mode === "null" ? "null: back to the default" : traits.placeholder;
  }

  function forgive(): void {
    input.removeAttribute("aria-invalid");
    framed.say("");
  }

  return {
    name: traits.name,
    element: framed.element,
    read() {
      const mode = framed.mode();
      return mode === "set" ? { mode, value: input.value } : { mode };
    },
    reset(value) {
      known = typeof value === "string" ? value : "";
      input.value = known;
      framed.setMode("keep");
      showMode("keep");
      forgive();
    },
    blame(_path, message) {
      framed.say(message);
      input.setAttribute("aria-invalid", "true");
      input.focus();
    },
    forgive,
  };
}
