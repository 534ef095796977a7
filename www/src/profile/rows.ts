// A field with several rows. E-mail addresses and phone numbers are replaced together; custom data and push
// tokens are merged key by key.

import { type Child, fill, h } from "../dom";
import { type Field, type FieldOptions, type Mode, frame } from "./field";

/** A row: its inputs and its value. */
export interface Row {
  inputs: (HTMLInputElement | HTMLSelectElement)[];
  /** Whether the row has a value to send. */
  hasValue(): boolean;
  /** Returns the path that an error uses for the row; `index` counts the rows that are sent. */
  path(index: number): string;
}

export interface RowsFieldOptions<R extends Row> extends FieldOptions {
  addLabel: string;
  /** Creates the rows for the stored value. */
  fromStored(stored: unknown): R[];
  createRow(): R;
  /** Returns the value that is sent for these rows. */
  valueOf(rows: R[]): unknown;
  /**
   * Creates the button of a row, which removes it or marks it for deletion; `remove` takes it out of the
   * list.
   */
  button(row: R, remove: () => void, changed: () => void): Child;
}

export function rowsField<R extends Row>(options: RowsFieldOptions<R>, onChange: () => void): Field {
  const list = h("div", { class: "rows" });
  const add = h(
    "button",
    {
      type: "button",
      class: "button small quiet",
      "aria-label": `Add ${options.addLabel}: ${options.label}`,
    },
    `+ ${options.addLabel}`,
  );
  let rows: R[] = [];
  let stored: unknown = null;

  const framed = frame(options, h("div", { class: "rows-body" }, list, add), null, (mode) => {
    if (mode === "keep") restore();
    if (mode === "set" && rows.length === 0) addRow();
    showMode(mode);
    onChange();
  });
  add.addEventListener("click", () => {
    addRow();
    framed.setMode("set");
    showMode("set");
    onChange();
  });

  function addRow(): void {
    const row = options.createRow();
    rows.push(row);
    draw();
    row.inputs.at(0)?.focus();
  }

  function draw(): void {
    fill(list, ...rows.map(rowElement));
  }

  function rowElement(row: R): HTMLElement {
    const remove = (): void => {
      const index = rows.indexOf(row);
      rows = rows.filter((other) => other !== row);
      draw();
      changed();
      // The focus moves to a neighbouring row instead of leaving the form.
      (rows.at(Math.min(index, rows.length - 1))?.inputs.at(0) ?? add).focus();
    };
    for (const input of row.inputs) {
      input.setAttribute("aria-describedby", `${framed.hintId} ${framed.wrongId}`);
      input.oninput = changed;
    }
    return h("div", { class: "row" }, ...row.inputs, options.button(row, remove, changed));
  }

  function changed(): void {
    const isPatch = options.setLabel !== undefined;
    framed.setMode(isPatch && !rows.some((row) => row.hasValue()) ? "keep" : "set");
    showMode("set");
    clearError();
    onChange();
  }

  function showMode(mode: Mode): void {
    for (const input of list.querySelectorAll<HTMLInputElement>("input, select, button"))
      input.disabled = mode === "null";
  }

  function restore(): void {
    rows = options.fromStored(stored);
    draw();
    clearError();
  }

  function clearError(): void {
    for (const input of list.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
    framed.setError("");
  }

  return {
    name: options.name,
    element: framed.element,
    read() {
      const mode = framed.mode();
      return mode === "set"
        ? { mode, value: options.valueOf(rows.filter((row) => row.hasValue())) }
        : { mode };
    },
    reset(value) {
      stored = value;
      restore();
      framed.setMode("keep");
      showMode("keep");
    },
    showError(path, message) {
      framed.setError(message);
      const sent = rows.filter((row) => row.hasValue());
      const row = sent.find((candidate, index) => candidate.path(index) === path);
      const invalid = row?.inputs ?? rows.at(0)?.inputs ?? [];
      for (const input of invalid) input.setAttribute("aria-invalid", "true");
      (invalid.at(0) ?? add).focus();
    },
    clearError,
  };
}
