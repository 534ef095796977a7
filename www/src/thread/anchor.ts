// Keeps what the reader sees in its place while the list around it changes.
//
// Browsers do this by themselves (`overflow-anchor`), but not at the top of a list, where older messages are
// added, and Safari not at all. So the page does it for every change: it remembers where the visible messages
// are, lets the list change, and scrolls by as much as the first of them moved.

/** Runs `change`, and scrolls so that the first visible element of `list` that remains stays in its place. */
export function keepInPlace(scroller: HTMLElement, list: HTMLElement, change: () => void): void {
  const { top, bottom } = scroller.getBoundingClientRect();
  const visible: { element: Element; top: number }[] = [];
  for (const row of list.children) {
    // The first message of a day has the day above it, which moves to another message when older ones load.
    const element = row.querySelector(".bubble") ?? row;
    const place = element.getBoundingClientRect();
    if (place.bottom > top && place.top < bottom) visible.push({ element, top: place.top });
    else if (visible.length > 0) break;
  }
  change();
  const anchor = visible.find(({ element }) => element.isConnected);
  if (anchor === undefined) return;
  const moved = anchor.element.getBoundingClientRect().top - anchor.top;
  if (moved !== 0) scroller.scrollTop += moved;
}
