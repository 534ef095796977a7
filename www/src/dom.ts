// Elements without a framework: `h` makes one, `fill` replaces what is in one. Styles come from classes only, so that
// the page needs no inline style in its policy.

export type Child = Node | string | null | false;

type Attribute = string | number | boolean | ((event: Event) => void) | null;

/** Makes an element. A function under `onclick`, `oninput` … listens; `true` and `false` are present and absent. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Attribute> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter(isThere));
  return element;
}

/** Replaces what is in an element. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter(isThere));
}

/** The element of this id, which index.html has. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no element with the id ${id}`);
  return element;
}

let made = 0;

/** An id that no other element has, to tie a label or a description to its element. */
export function freshId(): string {
  made += 1;
  return `at-${made}`;
}

/** Says something to people who listen to the page. */
export function announce(text: string): void {
  const announcer = byId("announcer");
  // The same words twice are announced twice only if there was something else between them.
  announcer.textContent = "";
  setTimeout(() => (announcer.textContent = text), 50);
}

function isThere(child: Child): child is Node | string {
  return child !== null && child !== false;
}
