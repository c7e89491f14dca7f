/** The age of a group of conversations; the keys of its heading. */
export type Age = "today" | "yesterday" | "week" | "month" | "older";
export type DayGroup<T> = { age: Age; items: T[] };

const dayMs = 86_400_000;

/**
 * Groups items by age.
 * @param items sorted, newest first
 * @param startOfToday the user's midnight, in milliseconds since the epoch
 */
export function groupByDay<T extends { updatedAt: string }>(items: T[], startOfToday: number): DayGroup<T>[] {
  const groups: DayGroup<T>[] = [];
  for (const item of items) {
    const age = ageOf(Date.parse(item.updatedAt), startOfToday);
    const last = groups.at(-1);
    if (last?.age === age) last.items.push(item);
    else groups.push({ age, items: [item] });
  }
  return groups;
}

function ageOf(atMs: number, startOfToday: number): Age {
  if (atMs >= startOfToday) return "today";
  if (atMs >= startOfToday - dayMs) return "yesterday";
  if (atMs >= startOfToday - 7 * dayMs) return "week";
  if (atMs >= startOfToday - 30 * dayMs) return "month";
  return "older";
}
