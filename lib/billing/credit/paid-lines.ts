import { findOffer, type Offer } from "#lib/billing/catalog/plans.ts";
import { isWholePeriod, type Span } from "#lib/billing/credit/billing-months.ts";
import type { StripeInvoice, StripeInvoiceLine } from "#lib/gateways/stripe/invoice-objects.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";

/** A customer's subscriptions and invoices, from which allowances derive. */
export type InvoicedState = {
  subscriptions: StripeSubscription[];
  invoices: StripeInvoice[];
  /** Our lookup key of each price by price id. */
  lookupKeys: ReadonlyMap<string, string | null>;
};

/**
 * An invoice line that charges (a positive amount) or returns (a negative one) time of one of our plans. The
 * amount decides nothing but the sign, so that discounts and currencies do not matter.
 */
export type PlanLine = Span & {
  line: StripeInvoiceLine;
  invoice: StripeInvoice;
  offer: Offer;
  itemId: string;
  subscriptionId: string;
  sign: 1 | -1;
};

/**
 * Returns the lines of all invoices that bill time of one of our plans, without trials, which cost nothing.
 * Prices and items of other products are not ours. Pure.
 */
export function planLines({ invoices, lookupKeys }: InvoicedState): PlanLine[] {
  return invoices.flatMap((invoice) =>
    invoice.lines.flatMap((line) => {
      const offer = findOffer(lookupKeys.get(line.priceId ?? "") ?? null);
      const { subscriptionItemId: itemId, periodStart: startsAt, periodEnd: endsAt, amountCents } = line;
      if (offer === undefined || itemId === null || amountCents === 0 || endsAt <= startsAt) return [];
      const subscriptionId = line.subscriptionId ?? invoice.subscriptionId ?? itemId;
      const sign = amountCents > 0 ? 1 : -1;
      return [{ line, invoice, offer, itemId, subscriptionId, sign, startsAt, endsAt } as const];
    }),
  );
}

/** Whether a line starts a billing period of its item, so that its credit is the period's allowance (M10). */
export function isPeriodLine({ line, sign }: Pick<PlanLine, "line" | "sign">): boolean {
  return !line.isProration && sign > 0;
}

/** Returns the whole billing periods among lines, whether paid or not. */
export function wholePeriods(
  lines: readonly PlanLine[],
): { subscriptionId: string; interval: string; span: Span }[] {
  return lines
    .filter((each) => isPeriodLine(each) && isWholePeriod(each, each.offer.interval))
    .map(({ subscriptionId, offer, startsAt, endsAt }) => ({
      subscriptionId,
      interval: offer.interval,
      span: { startsAt, endsAt },
    }));
}

/** Returns when an invoice was paid; for one without a known time, when it was created. */
export function paidAtOf({ paidAt, createdAt }: StripeInvoice): Date {
  return paidAt ?? createdAt;
}
