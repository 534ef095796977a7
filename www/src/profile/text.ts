// A field with one text input: name, photoUrl, locale, role, welcomeMessage.

import { uniqueId, h } from "../dom";
import { type Field, type FieldOptions, type Mode, frame } from "./field";

export interface TextFieldOptions extends FieldOptions {
  placeholder: string;
  lines?: number;
  inputMode?: string;
}

export function textField(options: TextFieldOptions, onChange: () => void): Field {
  const id = uniqueId();
  const attributes = { id, name: options.name, placeholder: options.placeholder, autocomplete: "off" };
  const input =
    options.lines === undefined
      ? h("input", { ...attributes, inputmode: options.inputMode ?? "text", spellcheck: "false" })
      : h("textarea", { ...attributes, rows: options.lines });
  let stored = "";

  const framed = frame(options, input, id, (mode) => {
    if (mode !== "set") input.value = mode === "null" ? "" : stored;
    showMode(mode);
    if (mode === "set") input.focus();
    onChange();
  });
  input.setAttribute("aria-describedby", `${framed.hintId} ${framed.wrongId}`);
  input.addEventListener("input", () => {
    framed.setMode(input.value === stored ? "keep" : "set");
    clearError();
    onChange();
  });

  function showMode(mode: Mode): void {
    input.disabled = mode === "null";
    input.placeholder = mode === "null" ? "null: back to the default" : options.placeholder;
  }

  function clearError(): void {
    input.removeAttribute("aria-invalid");
    framed.setError("");
  }

  return {
    name: options.name,
    element: framed.element,
    read() {
      const mode = framed.mode();
      return mode === "set" ? { mode, value: input.value } : { mode };
    },
    reset(value) {
      stored = typeof value === "string" ? value : "";
      input.value = stored;
      framed.setMode("keep");
      showMode("keep");
      clearError();
    },
    showError(_path, message) {
      framed.setError(message);
      input.setAttribute("aria-invalid", "true");
      input.focus();
    },
    clearError,
  };
}
