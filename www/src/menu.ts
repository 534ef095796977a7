// A small menu behind a button. Click, Enter or Space opens it; Escape, a choice, or a click or focus outside
// closes it.

import { type Child, h } from "./dom";

/** Creates a menu; `createItems` is called each time it opens. */
export function menu(label: string, symbol: Child, createItems: () => HTMLElement[]): HTMLElement {
  const button = h("summary", { class: "menu-button", "aria-label": label, title: label }, symbol);
  const sheet = h("div", { class: "menu-sheet" });
  const element = h("details", { class: "menu" }, button, sheet);

  /** Chooses the direction in which there is more space. */
  function chooseDirection(): void {
    const area = (element.closest(".scrolls") ?? document.documentElement).getBoundingClientRect();
    const { top, bottom, left, right } = button.getBoundingClientRect();
    element.classList.toggle("up", top - area.top > area.bottom - bottom);
    element.classList.toggle("leftwards", left - area.left > area.right - right);
  }

  function closeFromOutside(event: Event): void {
    if (event.target instanceof Node && !element.contains(event.target)) element.open = false;
  }

  function listen(act: "addEventListener" | "removeEventListener"): void {
    for (const kind of ["pointerdown", "focusin"]) document[act](kind, closeFromOutside);
  }

  // The items are created at the click, before the menu opens, so that the next press of Tab reaches them.
  button.addEventListener("click", () => {
    if (element.open) return;
    sheet.replaceChildren(...createItems());
    chooseDirection();
    listen("addEventListener");
  });
  element.addEventListener("toggle", () => {
    if (element.open) return;
    listen("removeEventListener");
    sheet.replaceChildren();
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    event.stopPropagation();
    element.open = false;
    button.focus();
  });
  sheet.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("button") !== null) element.open = false;
  });
  return element;
}

/** Creates an item of a menu; `kind` is an extra class. */
export function choice(label: Child, onclick: () => void, kind = ""): HTMLElement {
  return h("button", { type: "button", class: `choice ${kind}`.trim(), onclick }, label);
}
