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

function finalAt({ finalizedAt, createdAt }: StripeInvoice): Date {
  return finalizedAt ?? createdAt;
}
