import {
  allowanceMonthStarts,
  allowanceSourceKey,
  type InvoicedState,
  paidPeriods,
  upgradeSourceKey,
} from "#lib/billing/credit/allowance.ts";
import { topUpSourceKey } from "#lib/billing/credit/grants-due.ts";
import type { PaidCharge } from "#lib/billing/customer/customer-state.ts";
import type { StripeCharge } from "#lib/gateways/stripe/objects.ts";

/** A customer's invoices, and the payments with a refund or a dispute. */
export type ChargedState = InvoicedState & { charges: PaidCharge[] };

/** The refunded or disputed part of a payment, and the grants that the payment had paid for. */
export type ClawBack = { sourceKeys: string[]; returnedCents: number; paidCents: number; reason: string };

/**
 * Returns what to claw back for each refunded or disputed payment (M18, M19). Pure. Payments with nothing
 * returned are included, because a won dispute restores the credit.
 */
export function clawBacksDue(state: ChargedState): ClawBack[] {
  return state.charges
    .map((charge) => ({
      sourceKeys: grantsPaidBy(charge, state),
      returnedCents: returnedCentsOf(charge),
      paidCents: charge.amountCents,
      reason: `charge:${charge.id}`,
    }))
    .filter(({ sourceKeys }) => sourceKeys.length > 0);
}

/** The amount to claw back from a grant: the returned share of its payment, rounded down (M18, M19). Pure. */
export function clawBackTargetMicros(
  amountMicros: number,
  { returnedCents, paidCents }: Pick<ClawBack, "returnedCents" | "paidCents">,
): number {
  return Number((BigInt(amountMicros) * BigInt(returnedCents)) / BigInt(paidCents));
}

/** Returns refunds plus disputes of a charge, at most its amount. */
function returnedCentsOf({ amountCents, refundedCents, disputes }: StripeCharge): number {
  return Math.min(amountCents, refundedCents + disputedCentsOf({ disputes }));
}

/** Returns the amount that open and lost disputes of a charge withhold, in cents. */
export function disputedCentsOf({ disputes }: Pick<StripeCharge, "disputes">): number {
  return disputes
    .filter(({ status }) => withholdingStatuses.has(status))
    .reduce((sum, dispute) => sum + dispute.amountCents, 0);
}

/** The dispute statuses in which Stripe withholds the amount; early warnings withhold nothing. */
const withholdingStatuses = new Set(["needs_response", "under_review", "lost"]);

/**
 * Returns the source keys of all grants that a payment may have paid for. Keys without a grant have no
 * effect.
 */
function grantsPaidBy({ paymentIntentId, invoiceId }: PaidCharge, state: ChargedState): string[] {
  const topUp = paymentIntentId === null ? [] : [topUpSourceKey(paymentIntentId)];
  if (invoiceId === null) return topUp;
  const months = paidPeriods(state)
    .filter(({ invoice }) => invoice.id === invoiceId)
    .flatMap((period) =>
      allowanceMonthStarts(period).map((startsAt) => allowanceSourceKey(period, { startsAt })),
    );
  const items = state.invoices
    .filter(({ id }) => id === invoiceId)
    .flatMap(({ lines }) => lines.map((line) => (line.isProration ? line.subscriptionItemId : null)));
  const changed = [...new Set(items)].filter((item) => item !== null);
  return [...topUp, ...months, ...changed.map((item) => upgradeSourceKey(item, invoiceId))];
}
