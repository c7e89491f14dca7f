import type { Entitlements } from "#lib/billing/entitlements/entitlements.ts";
import type { InvoiceRow } from "#lib/billing/reports/invoice-views.ts";

/**
 * What the next month's credit of a plan waits for: `paused`, the operator paused the collection of payments;
 * `charge`, Stripe charges the period's invoice within the hour; `invoice`, an open invoice is to be paid;
 * `next_payment`, nothing is open (a payment was written off), so it comes with the next one; `nothing`, none
 * comes. Null while the month's credit is there and renews by itself.
 */
export type CreditWait = "paused" | "charge" | "invoice" | "next_payment" | "nothing" | null;

type WaitFacts = {
  source: Entitlements["source"];
  /** The plan's subscription, and whether the collection of its payments is paused. */
  subscription: { id: string; collectionPause: object | null } | null;
  /** Null when no payment comes. */
  nextPayment: object | null;
  /** When the current credit ends; null without any. */
  renewsAt: Date | null;
  invoices: Pick<InvoiceRow, "subscriptionId" | "status" | "attemptCount" | "dueAt">[];
};

/** Returns what the next credit waits for. Promises nothing that Stripe will not do (B15, B18). Pure. */
export function creditWaitOf({
  source,
  renewsAt,
  subscription,
  nextPayment,
  invoices,
}: WaitFacts): CreditWait {
  if (source === "free" || subscription === null) return null;
  if (subscription.collectionPause !== null && nextPayment === null) return "paused";
  if (renewsAt !== null) return null;
  const own = invoices.filter(({ subscriptionId }) => subscriptionId === subscription.id);
  const isOpen = own.some(
    (invoice) => invoice.status === "open" && (invoice.attemptCount > 0 || invoice.dueAt !== null),
  );
  if (isOpen) return "invoice";
  if (own.some(({ status }) => status === "draft" || status === "open")) return "charge";
  return nextPayment === null ? "nothing" : "next_payment";
}
