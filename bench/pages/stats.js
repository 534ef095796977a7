// Returns the p-th quantile (0 to 1) of the numbers, by the nearest rank.
export function quantile(numbers, p) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const rank = Math.max(0, Math.ceil(p * sorted.length) - 1);
  return sorted[rank];
}

export const median = (numbers) => quantile(numbers, 0.5);

/** Returns the mean without the worst hundredth, most of which is garbage collection. */
export function trimmedMean(numbers) {
  const kept = [...numbers].sort((a, b) => a - b).slice(0, Math.ceil(numbers.length * 0.99));
  return kept.reduce((sum, one) => sum + one, 0) / kept.length;
}
