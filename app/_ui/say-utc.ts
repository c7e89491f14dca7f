/** The exact moment to the second, as logs and Stripe have it ("2026-12-28 10:04:11 UTC"). */
export function sayUtc(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
