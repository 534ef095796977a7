// Creates DOM elements without a framework: `h` creates one, `fill` replaces its children. Styles come from
// classes only, so the page's Content-Security-Policy needs no inline styles.

export type Child = Node | string | null | false;

type Attribute = string | number | boolean | ((event: Event) => void) | null;

/**
 * Creates an element. Functions (`onclick`, `oninput`, …) become listeners; `true` sets and `false` omits an
 * attribute.
 */
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
  element.append(...children.filter(isPresent));
  return element;
}

/** Replaces the children of an element. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter(isPresent));
}

/** Returns the element of index.html with this id; throws if there is none. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no element with the id ${id}`);
  return element;
}

let idCount = 0;

/** Returns an unused element id, which ties a label or a description to its element. */
export function uniqueId(): string {
  idCount += 1;
  return `element-${idCount}`;
}

/** Announces a text to screen readers. */
export function announce(text: string): void {
  const announcer = byId("announcer");
  // Screen readers announce a repeated text only if the region changed in between.
  announcer.textContent = "";
  setTimeout(() => (announcer.textContent = text), 50);
}

function isPresent(child: Child): child is Node | string {
  return child !== null && child !== false;
}
