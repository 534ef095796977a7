// A small menu behind a button: opened by click, Enter or Space, closed by Escape, by a choice, or by going elsewhere.

import { type Child, h } from "./dom";

/** A menu; `fillIn` is asked for what is in it each time it opens. */
export function menu(label: string, face: Child, fillIn: () => HTMLElement[]): HTMLElement {
  const button = h("summary", { class: "menu-button", "aria-label": label, title: label }, face);
  const sheet = h("div", { class: "menu-sheet" });
  const element = h("details", { class: "menu" }, button, sheet);

  /** It opens to where there is more room. */
  function place(): void {
    const around = (element.closest(".scrolls") ?? document.documentElement).getBoundingClientRect();
    const { top, bottom, left, right } = button.getBoundingClientRect();
    element.classList.toggle("up", top - around.top > around.bottom - bottom);
    element.classList.toggle("leftwards", left - around.left > around.right - right);
  }

  function closeFromElsewhere(event: Event): void {
    if (event.target instanceof Node && !element.contains(event.target)) element.open = false;
  }

  function listen(act: "addEventListener" | "removeEventListener"): void {
    for (const kind of ["pointerdown", "focusin"]) document[act](kind, closeFromElsewhere);
  }

  // Filled at the click, before it opens: the next press of Tab is to find what is in it.
  button.addEventListener("click", () => {
    if (element.open) return;
    sheet.replaceChildren(...fillIn());
    place();
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

/** A choice of a menu. */
export function choice(label: Child, onclick: () => void, kind = ""): HTMLElement {
  return h("button", { type: "button", class: `choice ${kind}`.trim(), onclick }, label);
}
