import { isRenewing } from "#lib/billing/customer/subscription-statuses.ts";
import type { StripeDiscount, StripeSubscription } from "#lib/gateways/stripe/objects.ts";
import { previewRenewal, type UpcomingInvoice } from "#lib/gateways/stripe/upcoming-invoice.ts";

/**
 * Computes the amount of a subscription's next regular invoice: its lines, less the discounts that apply on
 * that day, less the customer's balance. Before tax and without overage, which is not known yet. Pure.
 * @param at the day of the invoice
 * @param usedDiscounts ids of discounts that an earlier invoice will have used up
 * @returns whole cents
 */
export function computeDueCents(
  { lines, balanceCents }: UpcomingInvoice,
  {
    discounts,
    at,
    usedDiscounts = new Set(),
  }: { discounts: StripeDiscount[]; at: Date; usedDiscounts?: ReadonlySet<string> },
): number {
  const ended = new Set(
    discounts.filter(({ endsAt }) => endsAt !== null && endsAt <= at).map(({ id }) => id),
  );
  const cents = lines
    .filter(({ isUsage }) => !isUsage)
    .map(({ amountCents, discounts: applied }) =>
      applied
        .filter(({ id }) => !ended.has(id) && !usedDiscounts.has(id))
        .reduce((rest, discount) => rest - discount.amountCents, amountCents),
    );
  return Math.max(0, cents.reduce((sum, each) => sum + each, 0) + balanceCents);
}

/** Returns the ids of the one-time discounts that an invoice uses up. Pure. */
export function findUsedDiscounts({ lines }: UpcomingInvoice, discounts: StripeDiscount[]): Set<string> {
  const applied = lines.flatMap((line) => line.discounts.filter(({ amountCents }) => amountCents > 0));
  const oneTime = discounts.filter(({ appliesOnce }) => appliesOnce).map(({ id }) => id);
  return new Set(oneTime.filter((id) => applied.some((discount) => discount.id === id)));
}

/**
 * Returns the customer's balance after an invoice, in cents: negative for credit that the invoice did not
 * use, positive for an amount too small to charge, which the next invoice collects. Pure.
 * @param dueCents the amount that the invoice itself collects
 */
export function balanceAfter({ lines, balanceCents }: UpcomingInvoice, dueCents: number): number {
  if (dueCents > 0) return 0;
  const cents = lines.map(({ amountCents, discounts }) =>
    discounts.reduce((rest, discount) => rest - discount.amountCents, amountCents),
  );
  return cents.reduce((sum, each) => sum + each, 0) + balanceCents;
}

/**
 * Returns the amount of a subscription's next invoice, from Stripe's preview.
 * @returns whole cents; null when no invoice comes, or its amount is not known
 * @throws AppError billing_unavailable
 */
export async function previewNextPayment(subscription: StripeSubscription): Promise<number | null> {
  const { cancelAt, cancelAtPeriodEnd, discounts, items } = subscription;
  const at = items[0]?.periodEnd;
  const renews = isRenewing(subscription) && cancelAt === null && !cancelAtPeriodEnd;
  if (!renews || at === undefined) return null;
  const upcoming = await previewRenewal(subscription);
  return upcoming === null ? null : computeDueCents(upcoming, { discounts, at });
}
