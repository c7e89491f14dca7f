/** Formats a day for emails in UTC, like the invoices, because the recipient's time zone is unknown. */
export function formatEmailDate(date: Date): string {
  return date.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}
