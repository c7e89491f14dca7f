/** Stripe's invoice statuses, grouped by what they mean here. Each group is defined only in this file. */

/** The invoice is final: its number and amount no longer change. Drafts are not shown to customers. */
export const finalInvoiceStatuses = ["open", "paid", "void", "uncollectible"] as const;

/** The invoice was billed and is not paid. */
const unpaidStatuses: ReadonlySet<string> = new Set(["open", "uncollectible"]);

type WithStatus = { status: string };

/** Whether an invoice was billed and is not paid. */
export function isUnpaid({ status }: WithStatus): boolean {
  return unpaidStatuses.has(status);
}
