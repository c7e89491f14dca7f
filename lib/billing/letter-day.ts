/** A day as letters write it, which have no zone of their own: UTC, like the invoices. */
export function dayOf(date: Date): string {
  return date.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}
