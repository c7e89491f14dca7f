import type { StripeInvoice, StripeSubscription } from "#lib/gateways/stripe-objects.ts";

/**
 * Since when a subscription could not be paid: the grace counts from here (M13). Stripe tries an invoice the moment it is
 * final, so the oldest open invoice that was tried says it, and it says the same in whatever order events arrive.
 * @returns null when nothing is owed
 */
export function pastDueSince(
  subscription: Pick<StripeSubscription, "id" | "status" | "items">,
  invoices: StripeInvoice[],
): Date | null {
  if (subscription.status !== "past_due") return null;
  const failedAt = invoices
    .filter((invoice) => invoice.subscriptionId === subscription.id)
    .filter((invoice) => invoice.status === "open" && invoice.attemptCount > 0)
    .map((invoice) => invoice.finalizedAt ?? invoice.createdAt);
  const oldest = failedAt.sort((a, b) => a.getTime() - b.getTime())[0];
  return oldest ?? subscription.items[0]?.periodStart ?? null;
}
