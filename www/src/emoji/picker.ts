// The emoji picker: a panel above the composer with a search field and a grid.
//
// By keyboard: typing searches, Enter takes the first emoji, the arrow keys move through the grid, Escape
// closes. The grid is one tab stop.

import { fill, h } from "../dom";
import { type Emoji, findEmoji } from "./list";

export interface EmojiPicker {
  element: HTMLElement;
  /**
   * Opens the panel. `onPick` is called with the chosen emoji; `opener` shows whether it is open, and gets
   * the focus if it closes without a choice.
   */
  open(label: string, opener: HTMLElement, onPick: (emoji: string) => void): void;
  close(): void;
}

export function emojiPicker(): EmojiPicker {
  const search = h("input", {
    type: "search",
    name: "emoji",
    placeholder: "Search emoji",
    "aria-label": "Search emoji",
    autocomplete: "off",
    spellcheck: "false",
  });
  const grid = h("div", { class: "emoji-grid scrolls" });
  const none = h("p", { class: "hint", role: "status" });
  const title = h("p", { class: "emoji-title" });
  const closeButton = h(
    "button",
    {
      type: "button",
      class: "remove",
      "aria-label": "Close",
      title: "Close (Escape)",
      onclick: () => cancel(),
    },
    "×",
  );
  const element = h(
    "div",
    { class: "emoji-panel", role: "dialog", "aria-label": "Emoji", hidden: true },
    h("div", { class: "emoji-head" }, title, closeButton),
    search,
    grid,
    none,
  );
  let current: { opener: HTMLElement; onPick: (emoji: string) => void } | null = null;

  const buttons = (): HTMLElement[] => [...grid.querySelectorAll<HTMLElement>("button")];

  function draw(): void {
    const groups = findEmoji(search.value);
    fill(
      grid,
      ...groups.map(({ name, emoji }) =>
        h("div", { class: "emoji-group", role: "group", "aria-label": name }, ...emoji.map(buttonOf)),
      ),
    );
    none.textContent = groups.length === 0 ? "No emoji has this name." : "";
    const [first] = buttons();
    if (first) first.tabIndex = 0;
    grid.scrollTop = 0;
  }

  function buttonOf({ symbol, words }: Emoji): HTMLElement {
    return h(
      "button",
      {
        type: "button",
        class: "choice emoji",
        tabindex: -1,
        "aria-label": words,
        title: words,
        onclick: () => pick(symbol),
      },
      symbol,
    );
  }

  function pick(symbol: string): void {
    const onPick = current?.onPick;
    close();
    onPick?.(symbol);
  }

  function close(): void {
    if (current === null) return;
    current.opener.ariaExpanded = "false";
    current = null;
    element.hidden = true;
    document.removeEventListener("pointerdown", closeFromOutside);
  }

  /** Closes without a choice. */
  function cancel(): void {
    const opener = current?.opener;
    close();
    opener?.focus();
  }

  function closeFromOutside({ target }: Event): void {
    const isInside = target instanceof Node && (element.contains(target) || current?.opener.contains(target));
    if (!isInside) close();
  }

  function focusOn(button: HTMLElement | undefined): void {
    if (button === undefined) return;
    for (const other of buttons()) other.tabIndex = other === button ? 0 : -1;
    button.focus();
  }

  /** Returns the button in the row above or below, in the same column if there is one. */
  function vertical(from: HTMLElement, direction: 1 | -1): HTMLElement | undefined {
    const { left, top } = from.getBoundingClientRect();
    const beyond = buttons()
      .map((button) => ({ button, place: button.getBoundingClientRect() }))
      .filter(({ place }) => (place.top - top) * direction > 1);
    const rows = beyond.map(({ place }) => place.top);
    const next = direction === 1 ? Math.min(...rows) : Math.max(...rows);
    const inRow = beyond.filter(({ place }) => Math.abs(place.top - next) < 1);
    inRow.sort((one, other) => Math.abs(one.place.left - left) - Math.abs(other.place.left - left));
    return inRow[0]?.button;
  }

  search.addEventListener("input", draw);
  search.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown") focusOn(buttons()[0]);
    else if (event.key === "Enter") buttons()[0]?.click();
    else return;
    event.preventDefault();
  });
  grid.addEventListener("keydown", (event) => {
    const all = buttons();
    const index = all.findIndex((button) => button === document.activeElement);
    const from = all[index];
    if (from === undefined) return;
    const isRightToLeft = getComputedStyle(grid).direction === "rtl";
    const targets: Record<string, () => HTMLElement | undefined> = {
      ArrowRight: () => all[index + (isRightToLeft ? -1 : 1)],
      ArrowLeft: () => all[index - (isRightToLeft ? -1 : 1)],
      ArrowDown: () => vertical(from, 1),
      ArrowUp: () => vertical(from, -1) ?? search,
      Home: () => all[0],
      End: () => all.at(-1),
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const next = target();
    if (next === search) search.focus();
    else focusOn(next);
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    cancel();
  });
  // Tab leads out of the panel: it does not stay open behind the focus.
  element.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !element.contains(relatedTarget)) close();
  });

  return {
    element,
    close,
    open(label, opener, onPick) {
      const isSame = current?.opener === opener;
      close();
      // The button that opened the panel closes it.
      if (isSame) return;
      current = { opener, onPick };
      opener.ariaExpanded = "true";
      title.textContent = label;
      search.value = "";
      element.hidden = false;
      draw();
      document.addEventListener("pointerdown", closeFromOutside);
      search.focus();
    },
  };
}
