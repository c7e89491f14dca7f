export type DayGroup<T> = { label: string; items: T[] };

const dayMs = 86_400_000;

/**
 * Groups items by age.
 * @param items sorted, newest first
 * @param startOfToday the user's midnight, in milliseconds since the epoch
 */
export function groupByDay<T extends { updatedAt: string }>(items: T[], startOfToday: number): DayGroup<T>[] {
  const groups: DayGroup<T>[] = [];
  for (const item of items) {
    const label = dayLabel(Date.parse(item.updatedAt), startOfToday);
    const last = groups.at(-1);
    if (last?.label === label) last.items.push(item);
    else groups.push({ label, items: [item] });
  }
  return groups;
}

function dayLabel(atMs: number, startOfToday: number): string {
  if (atMs >= startOfToday) return "Today";
  if (atMs >= startOfToday - dayMs) return "Yesterday";
  if (atMs >= startOfToday - 7 * dayMs) return "Last seven days";
  if (atMs >= startOfToday - 30 * dayMs) return "Last thirty days";
  return "Older";
}
