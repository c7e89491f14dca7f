import type { StripeDiscount, StripeSubscription } from "#lib/gateways/stripe-objects.ts";
import { previewRenewal, type UpcomingInvoice } from "#lib/gateways/stripe-upcoming.ts";

/**
 * What the invoice of a subscription's next period collects: its lines less the discounts that hold on that day, and less what
 * the customer's balance pays. Before tax, and without use beyond credit, which is known only then. Pure.
 * @param at the day of the invoice
 * @param spent ids of discounts that will have been used up by then
 * @returns whole cents
 */
export function dueCentsOf(
  { lines, balanceCents }: UpcomingInvoice,
  {
    discounts,
    at,
    spent = new Set(),
  }: { discounts: StripeDiscount[]; at: Date; spent?: ReadonlySet<string> },
): number {
  const ended = new Set(
    discounts.filter(({ endsAt }) => endsAt !== null && endsAt <= at).map(({ id }) => id),
  );
  const cents = lines
    .filter(({ isUse }) => !isUse)
    .map(({ amountCents, discounts: taken }) =>
      taken
        .filter(({ id }) => !ended.has(id) && !spent.has(id))
        .reduce((left, discount) => left - discount.amountCents, amountCents),
    );
  return Math.max(0, cents.reduce((sum, each) => sum + each, 0) + balanceCents);
}

/** Ids of the discounts for one invoice that an invoice takes something off by, and so uses up. */
export function spentBy({ lines }: UpcomingInvoice, discounts: StripeDiscount[]): Set<string> {
  const taken = lines.flatMap((line) => line.discounts.filter(({ amountCents }) => amountCents > 0));
  const once = discounts.filter(({ isForOnce }) => isForOnce).map(({ id }) => id);
  return new Set(once.filter((id) => taken.some((discount) => discount.id === id)));
}

/**
 * What a customer's balance is left with by an invoice, in cents: the credit that it did not need, which is negative, or what was
 * too little to be charged, which the next invoice collects.
 * @param dueCents what the invoice itself collects
 */
export function balanceAfter({ lines, balanceCents }: UpcomingInvoice, dueCents: number): number {
  if (dueCents > 0) return 0;
  const cents = lines.map(({ amountCents, discounts }) =>
    discounts.reduce((left, discount) => left - discount.amountCents, amountCents),
  );
  return cents.reduce((sum, each) => sum + each, 0) + balanceCents;
}

/**
 * What a subscription's next invoice collects, as Stripe reckons it.
 * @returns whole cents; null where none comes, or none that can be known
 * @throws AppError billing_unavailable
 */
export async function findNextPayment(subscription: StripeSubscription): Promise<number | null> {
  const { status, cancelAt, cancelAtPeriodEnd, discounts, items } = subscription;
  const at = items[0]?.periodEnd;
  const goesOn = (status === "active" || status === "trialing") && cancelAt === null && !cancelAtPeriodEnd;
  if (!goesOn || at === undefined) return null;
  const upcoming = await previewRenewal(subscription);
  return upcoming === null ? null : dueCentsOf(upcoming, { discounts, at });
}
