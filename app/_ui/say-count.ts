/** A number with what it counts ("1 answer", "1,200 answers"). */
export function sayCount(count: number, thing: string): string {
  return `${count.toLocaleString("en-US")} ${thing}${count === 1 ? "" : "s"}`;
}
