// A list of elements that follows a list of data. The SDK keeps what did not change the very same object from one
// snapshot to the next, so a row whose data is `===` is not looked at again: it keeps its focus, its open menu, and its time.

export interface Row<Item> {
  element: HTMLElement;
  /** Shows other data of the same key. */
  update(item: Item): void;
  /** Called once the row was taken out. */
  gone?(): void;
}

/** How the rows of a list are told apart and made. */
export interface Rows<Item> {
  keyOf(item: Item): string;
  make(item: Item): Row<Item>;
  /** Whether two of the same key look the same. By themselves they do if they are the same object. */
  same?(one: Item, other: Item): boolean;
}

/** Makes the function that shows a list of items in an element. */
export function keyed<Item>(
  parent: HTMLElement,
  { keyOf, make, same = Object.is }: Rows<Item>,
): (items: readonly Item[]) => void {
  const held = new Map<string, { row: Row<Item>; item: Item }>();
  return (items) => {
    const wanted = new Set(items.map(keyOf));
    for (const [key, { row }] of held) {
      if (wanted.has(key)) continue;
      held.delete(key);
      row.element.remove();
      row.gone?.();
    }
    let place = parent.firstElementChild;
    for (const item of items) {
      const element = rowOf(item);
      if (element === place) place = place.nextElementSibling;
      else parent.insertBefore(element, place);
    }
  };

  function rowOf(item: Item): HTMLElement {
    const known = held.get(keyOf(item));
    if (known === undefined) {
      const row = make(item);
      held.set(keyOf(item), { row, item });
      return row.element;
    }
    if (!same(known.item, item)) {
      known.item = item;
      known.row.update(item);
    }
    return known.row.element;
  }
}
