// Keeps a list of elements in step with a list of data. Unchanged parts of a snapshot are the same objects
// (`===`) in the next one, so a row with the same data is left alone and keeps its focus and its open menu.

export interface Row<Item> {
  element: HTMLElement;
  /** Shows new data with the same key. */
  update(item: Item): void;
  /** Called after the row was removed. */
  removed?(): void;
}

/** Identifies and creates the rows of a list. */
export interface RowFactory<Item> {
  keyOf(item: Item): string;
  make(item: Item): Row<Item>;
  /** Whether two items with the same key look the same. Default: whether they are the same object. */
  same?(one: Item, other: Item): boolean;
}

/** Returns a function that shows a list of items in an element. */
export function keyed<Item>(
  parent: HTMLElement,
  { keyOf, make, same = Object.is }: RowFactory<Item>,
): (items: readonly Item[]) => void {
  const entries = new Map<string, { row: Row<Item>; item: Item }>();
  return (items) => {
    const keys = new Set(items.map(keyOf));
    for (const [key, { row }] of entries) {
      if (keys.has(key)) continue;
      entries.delete(key);
      row.element.remove();
      row.removed?.();
    }
    let next = parent.firstElementChild;
    for (const item of items) {
      const element = rowOf(item);
      if (element === next) next = next.nextElementSibling;
      else parent.insertBefore(element, next);
    }
  };

  function rowOf(item: Item): HTMLElement {
    const known = entries.get(keyOf(item));
    if (known === undefined) {
      const row = make(item);
      entries.set(keyOf(item), { row, item });
      return row.element;
    }
    if (!same(known.item, item)) {
      known.item = item;
      known.row.update(item);
    }
    return known.row.element;
  }
}
