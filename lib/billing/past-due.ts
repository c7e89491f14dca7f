import { planItemOf } from "#lib/billing/subscription-items.ts";
import type { StripeInvoice, StripeSubscription } from "#lib/gateways/stripe-objects.ts";

type Owing = Pick<StripeSubscription, "id" | "status" | "items">;

/**
 * The invoice for which a subscription is past due. Stripe tries an invoice the moment it is final, so it is the oldest open
 * one that was tried, and it is the same in whatever order events arrive.
 * @returns null when nothing is owed
 */
export function unpaidInvoiceOf(subscription: Owing, invoices: StripeInvoice[]): StripeInvoice | null {
  if (subscription.status !== "past_due") return null;
  const failed = invoices
    .filter((invoice) => invoice.subscriptionId === subscription.id)
    .filter((invoice) => invoice.status === "open" && invoice.attemptCount > 0);
  return failed.sort((a, b) => finalAt(a).getTime() - finalAt(b).getTime())[0] ?? null;
}

/** Since when a subscription could not be paid: the grace counts from here (M13). Null when nothing is owed. */
export function pastDueSince(subscription: Owing, invoices: StripeInvoice[]): Date | null {
  if (subscription.status !== "past_due") return null;
  const unpaid = unpaidInvoiceOf(subscription, invoices);
  return unpaid === null ? (planItemOf(subscription.items)?.item.periodStart ?? null) : finalAt(unpaid);
}

/**
 * The renewal that is on its way: Stripe leaves an invoice of a new period as a draft for an hour before it tries to collect it.
 * @returns null when the period that runs is paid, or was tried
 */
export function renewalOnItsWay(
  { id, status, items }: Owing,
  invoices: StripeInvoice[],
): StripeInvoice | null {
  const item = planItemOf(items)?.item;
  if (status !== "active" || item === undefined) return null;
  const isOfPeriod = ({ subscriptionItemId, isProration, periodStart }: StripeInvoice["lines"][number]) =>
    subscriptionItemId === item.id && !isProration && periodStart.getTime() === item.periodStart.getTime();
  const coming = invoices.find(
    (invoice) =>
      invoice.subscriptionId === id &&
      invoice.billingReason === "subscription_cycle" &&
      (invoice.status === "draft" || (invoice.status === "open" && invoice.attemptCount === 0)) &&
      invoice.lines.some(isOfPeriod),
  );
  return coming ?? null;
}

function finalAt({ finalizedAt, createdAt }: StripeInvoice): Date {
  return finalizedAt ?? createdAt;
}
