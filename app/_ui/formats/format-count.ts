/** Formats a number with its noun ("1 answer", "1,200 answers"). */
export function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
