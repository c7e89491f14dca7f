import { planItemOf } from "#lib/billing/customer/subscription-items.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";

type Billed = Pick<StripeSubscription, "id" | "status" | "items">;
type Collected = Billed & Pick<StripeSubscription, "collectionPause">;

/**
 * Returns the invoice for which a subscription is past due: the oldest open one with a failed attempt, or
 * that was sent to be paid. Stripe attempts an invoice when it finalizes it, so the result does not depend on
 * the order of events.
 * @returns null when the subscription is not past due
 */
export function unpaidInvoiceOf(subscription: Billed, invoices: StripeInvoice[]): StripeInvoice | null {
  if (subscription.status !== "past_due") return null;
  const failed = invoices
    .filter((invoice) => invoice.subscriptionId === subscription.id)
    .filter((invoice) => invoice.status === "open" && (invoice.attemptCount > 0 || invoice.dueAt !== null));
  return failed.sort((a, b) => finalizedAtOf(a).getTime() - finalizedAtOf(b).getTime())[0] ?? null;
}

/**
 * Returns since when a subscription is past due, which starts the grace period (M13); null when it is not
 * past due.
 */
export function pastDueSince(subscription: Billed, invoices: StripeInvoice[]): Date | null {
  if (subscription.status !== "past_due") return null;
  const unpaid = unpaidInvoiceOf(subscription, invoices);
  return unpaid === null
    ? (planItemOf(subscription.items)?.item.periodStart ?? null)
    : (unpaid.dueAt ?? finalizedAtOf(unpaid));
}

/**
 * Returns the renewal invoice that Stripe has not tried to collect yet: it leaves the invoice of a new period
 * as a draft for an hour. While the operator pauses the collection, it collects nothing (B15).
 * @returns null when the current period is paid, or its payment was attempted
 */
export function pendingRenewalOf(
  { id, status, items, collectionPause }: Collected,
  invoices: StripeInvoice[],
): StripeInvoice | null {
  const item = planItemOf(items)?.item;
  if (status !== "active" || item === undefined || collectionPause !== null) return null;
  const isOfPeriod = ({ subscriptionItemId, isProration, periodStart }: StripeInvoice["lines"][number]) =>
    subscriptionItemId === item.id && !isProration && periodStart.getTime() === item.periodStart.getTime();
  const pending = invoices.find(
    (invoice) =>
      invoice.subscriptionId === id &&
      invoice.billingReason === "subscription_cycle" &&
      (invoice.status === "draft" || (invoice.status === "open" && invoice.attemptCount === 0)) &&
      invoice.lines.some(isOfPeriod),
  );
  return pending ?? null;
}

/** Returns when an invoice was finalized; for a draft, when it was created. */
export function finalizedAtOf({ finalizedAt, createdAt }: StripeInvoice): Date {
  return finalizedAt ?? createdAt;
}
