/** Prints a table of labels, figures and units. Fails if a figure is not a number. */
export function print(title, rows, quick) {
  console.log(`\n  ${title}${quick ? " (quick: the figures mean nothing)" : ""}`);
  for (const [label, figure, unit] of rows) {
    if (!Number.isFinite(figure)) throw new Error(`${title}: "${label}" must be a number (got ${figure})`);
    console.log(`    ${label.padEnd(68)}${figure.toFixed(2).padStart(12)} ${unit}`);
  }
}
