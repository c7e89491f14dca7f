export type DayGroup<T> = { label: string; lines: T[] };

const dayMs = 86_400_000;

/**
 * Sorts lines, newest first, under the days people think in.
 * @param startOfToday the reader's own midnight, in milliseconds
 */
export function groupByDay<T extends { updatedAt: string }>(lines: T[], startOfToday: number): DayGroup<T>[] {
  const groups: DayGroup<T>[] = [];
  for (const line of lines) {
    const label = labelOf(Date.parse(line.updatedAt), startOfToday);
    const last = groups.at(-1);
    if (last?.label === label) last.lines.push(line);
    else groups.push({ label, lines: [line] });
  }
  return groups;
}

function labelOf(atMs: number, startOfToday: number): string {
  if (atMs >= startOfToday) return "Today";
  if (atMs >= startOfToday - dayMs) return "Yesterday";
  if (atMs >= startOfToday - 7 * dayMs) return "Last seven days";
  if (atMs >= startOfToday - 30 * dayMs) return "Last thirty days";
  return "Older";
}
