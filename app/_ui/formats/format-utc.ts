/** Formats a time in UTC to the second ("2026-12-28 10:04:11 UTC"), like logs and Stripe. */
export function formatUtc(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
