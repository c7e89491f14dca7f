import { allowanceKey, boughtTime, monthStartsOf, type PaidFor, upgradeKey } from "#lib/billing/allowance.ts";
import { topUpKey } from "#lib/billing/grants-due.ts";
import type { StripeCharge } from "#lib/gateways/stripe-objects.ts";

export type PaymentsOf = PaidFor & {
  /** With the invoice that each paid, where it paid one. */
  charges: (StripeCharge & { invoiceId: string | null })[];
};

/** A share of a payment that went back, and the grants that it had paid for. */
export type MoneyBack = { sourceKeys: string[]; returnedCents: number; paidCents: number; reason: string };

/**
 * What went back of each payment, for good or while it is disputed (M18, M19). Pure. A share of nothing is named too: a
 * dispute that was won restores what it had taken.
 */
export function moneyBack(state: PaymentsOf): MoneyBack[] {
  return state.charges
    .map((charge) => ({
      sourceKeys: grantsPaidBy(charge, state),
      returnedCents: returnedOf(charge),
      paidCents: charge.amountCents,
      reason: `charge:${charge.id}`,
    }))
    .filter(({ sourceKeys }) => sourceKeys.length > 0);
}

/** Refunds and disputes of one charge add up, and never beyond it. */
function returnedOf({ amountCents, refundedCents, disputes }: StripeCharge): number {
  return Math.min(amountCents, refundedCents + disputedCentsOf({ disputes }));
}

/** What disputes of a charge hold at this moment, or have taken for good. */
export function disputedCentsOf({ disputes }: Pick<StripeCharge, "disputes">): number {
  return disputes
    .filter(({ status }) => takes.has(status))
    .reduce((sum, dispute) => sum + dispute.amountCents, 0);
}

/** The states of a dispute in which its money is gone; an early warning takes none. */
const takes = new Set(["needs_response", "under_review", "lost"]);

/** Whatever a payment may have paid for; what was never given has nothing to be taken back from. */
function grantsPaidBy(
  { paymentIntentId, invoiceId }: PaymentsOf["charges"][number],
  state: PaymentsOf,
): string[] {
  const topUp = paymentIntentId === null ? [] : [topUpKey(paymentIntentId)];
  if (invoiceId === null) return topUp;
  const months = boughtTime(state)
    .filter(({ invoice }) => invoice.id === invoiceId)
    .flatMap((bought) => monthStartsOf(bought).map((startsAt) => allowanceKey(bought, { startsAt })));
  const items = state.invoices
    .filter(({ id }) => id === invoiceId)
    .flatMap(({ lines }) => lines.map((line) => (line.isProration ? line.subscriptionItemId : null)));
  const changed = [...new Set(items)].filter((item) => item !== null);
  return [...topUp, ...months, ...changed.map((item) => upgradeKey(item, invoiceId))];
}
