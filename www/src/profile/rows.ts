// A field of several rows: the e-mail addresses and phone numbers, which are replaced as a whole, and custom data and
// push tokens, which are patched key by key.

import { type Child, fill, h } from "../dom";
import { type Field, type Mode, type Traits, frame } from "./field";

/** One row: its inputs, and what it means. */
export interface Row {
  inputs: (HTMLInputElement | HTMLSelectElement)[];
  /** Whether it has anything to send. */
  says(): boolean;
  /** The path that an error names it by, where it is the nth of the rows that are sent. */
  path(index: number): string;
}

export interface RowsTraits<R extends Row> extends Traits {
  addLabel: string;
  /** The rows for what the server has. */
  fromKnown(known: unknown): R[];
  fresh(): R;
  /** What the rows that say something are sent as. */
  valueOf(rows: R[]): unknown;
  /** A button for the row, which takes it away or marks it as to be deleted; `remove` takes it out of the list. */
  button(row: R, remove: () => void, changed: () => void): Child;
}

export function rowsField<R extends Row>(traits: RowsTraits<R>, onChange: () => void): Field {
  const list = h("div", { class: "rows" });
  const add = h(
    "button",
    { type: "button", class: "button small quiet", "aria-label": `Add ${traits.addLabel}: ${traits.label}` },
    `+ ${traits.addLabel}`,
  );
  let rows: R[] = [];
  let known: unknown = null;

  const framed = frame(traits, h("div", { class: "rows-body" }, list, add), null, (mode) => {
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
    const row = traits.fresh();
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
      // Focus stays near where it was instead of falling out of the page.
      (rows.at(Math.min(index, rows.length - 1))?.inputs.at(0) ?? add).focus();
    };
    for (const input of row.inputs) {
      input.setAttribute("aria-describedby", `${framed.hintId} ${framed.wrongId}`);
      input.oninput = changed;
    }
    return h("div", { class: "row" }, ...row.inputs, traits.button(row, remove, changed));
  }

  function changed(): void {
    const isPatch = traits.setLabel !== undefined;
    framed.setMode(isPatch && !rows.some((row) => row.says()) ? "keep" : "set");
    showMode("set");
    forgive();
    onChange();
  }

  function showMode(mode: Mode): void {
    for (const input of list.querySelectorAll<HTMLInputElement>("input, select, button"))
      input.disabled = mode === "null";
  }

  function restore(): void {
    rows = traits.fromKnown(known);
    draw();
    forgive();
  }

  function forgive(): void {
    for (const input of list.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
    framed.say("");
  }

  return {
    name: traits.name,
    element: framed.element,
    read() {
      const mode = framed.mode();
      return mode === "set" ? { mode, value: traits.valueOf(rows.filter((row) => row.says())) } : { mode };
    },
    reset(value) {
      known = value;
      restore();
      framed.setMode("keep");
      showMode("keep");
    },
    blame(path, message) {
      framed.say(message);
      const sent = rows.filter((row) => row.says());
      const row = sent.find((candidate, index) => candidate.path(index) === path);
      const wrong = row?.inputs ?? rows.at(0)?.inputs ?? [];
      for (const input of wrong) input.setAttribute("aria-invalid", "true");
      (wrong.at(0) ?? add).focus();
    },
    forgive,
  };
}
