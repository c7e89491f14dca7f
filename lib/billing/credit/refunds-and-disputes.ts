import { findOffer, findTopUp } from "#lib/billing/catalog/plans.ts";
import { type PaidGrant, paidGrants } from "#lib/billing/credit/paid-grants.ts";
import type { InvoicedState } from "#lib/billing/credit/paid-lines.ts";
import { topUpSourceKey } from "#lib/billing/credit/source-keys.ts";
import { topUpGrants } from "#lib/billing/credit/top-ups.ts";
import type { PaidCharge } from "#lib/billing/customer/customer-state.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";
import type { StripeCharge, StripeCheckoutSession } from "#lib/gateways/stripe/objects.ts";

/** A customer's purchases, and the payments with a refund or a dispute. */
export type ChargedState = InvoicedState & { sessions: StripeCheckoutSession[]; charges: PaidCharge[] };

/** How much of a grant is taken back in all, and why. */
export type ClawBack = { sourceKey: string; targetMicros: number; reason: string };

/** A share of a payment; the denominator is above zero. */
type Share = { numerator: bigint; denominator: bigint };

const nothing: Share = { numerator: 0n, denominator: 1n };

/**
 * Returns how much of each paid grant is taken back: the credit of unused time that was returned (M12), and
 * of the rest the share that refunds, disputes and credit notes returned of its payments (M18, M19). Pure.
 * Grants of which nothing is taken back are included, because a won dispute restores the credit.
 */
export function clawBacksDue(state: ChargedState): ClawBack[] {
  const allowances = paidGrants(state).map((grant) => ({
    sourceKey: grant.sourceKey,
    targetMicros: takenBackMicros(grant, state),
    reason: reasonOf(grant, state),
  }));
  const topUps = topUpGrants(state).map(({ sourceKey, amountMicros, paymentIntentId, invoice }) => {
    const share = invoice === null ? shareOfCharges(paymentIntentId, state) : returnedShareOf(invoice, state);
    return { sourceKey, targetMicros: shareOf(amountMicros, share), reason: `payment:${paymentIntentId}` };
  });
  return [...allowances, ...topUps];
}

/**
 * Whether a grant's clawed-back amount is as it should be. Credit that expired unused counts as taken back,
 * and stays so.
 */
export function isClawedBack(
  grant: { amountMicros: number; expiredMicros: number; takenBackMicros: number },
  targetMicros: number,
): boolean {
  const target = Math.min(targetMicros, grant.amountMicros);
  if (target < grant.takenBackMicros) return false;
  return target === grant.takenBackMicros || target <= grant.takenBackMicros + grant.expiredMicros;
}

function takenBackMicros({ amountMicros, unused, paidBy }: PaidGrant, state: ChargedState): number {
  const returned = paidBy.map(({ invoiceId, micros }) => {
    const invoice = state.invoices.find(({ id }) => id === invoiceId);
    return invoice === undefined || micros <= 0 ? 0 : shareOf(micros, returnedShareOf(invoice, state));
  });
  const returnedMicros = Math.min(
    amountMicros,
    returned.reduce((sum, micros) => sum + micros, 0),
  );
  const keptMicros = amountMicros - unused.micros;
  return unused.micros + shareOf(keptMicros, toShare(returnedMicros, amountMicros));
}

function reasonOf({ paidBy, unused }: PaidGrant, { charges, invoices }: ChargedState): string {
  const isPayer = (invoiceId: string | null) => paidBy.some((payer) => payer.invoiceId === invoiceId);
  const charge = charges.find(({ invoiceId }) => isPayer(invoiceId));
  if (charge !== undefined) return `charge:${charge.id}`;
  const note = invoices.filter(({ id }) => isPayer(id)).flatMap(({ creditNotes }) => creditNotes)[0];
  return note === undefined ? `unused:${unused.invoiceId}` : `credit_note:${note.id}`;
}

/**
 * Returns which share of an invoice's payment for our prices was returned. A credit note that names lines
 * returns only those, so that one for another product's line takes nothing back.
 */
function returnedShareOf(invoice: StripeInvoice, { charges, lookupKeys }: ChargedState): Share {
  if (invoice.totalCents <= 0) return nothing;
  const isOurs = (priceId: string | null) => {
    const key = lookupKeys.get(priceId ?? "") ?? null;
    return findOffer(key) !== undefined || findTopUp(key) !== undefined;
  };
  const ourLines = invoice.lines.filter(({ priceId }) => isOurs(priceId));
  const ourCents = ourLines.reduce((sum, { amountCents }) => sum + amountCents, 0);
  const byLine = invoice.creditNotes.filter(({ lines }) => lines !== null);
  const ourCreditedCents = byLine
    .flatMap(({ lines }) => lines ?? [])
    .filter(({ invoiceLineId }) => ourLines.some(({ id }) => id === invoiceLineId))
    .reduce((sum, { amountCents }) => sum + amountCents, 0);
  const refundedByLineCents = byLine.reduce((sum, { refundedCents }) => sum + refundedCents, 0);
  const chargedBackCents = charges
    .filter(({ invoiceId }) => invoiceId === invoice.id)
    .reduce((sum, charge) => sum + returnedCentsOf(charge), 0);
  const creditedCents = invoice.creditNotes
    .filter(({ lines }) => lines === null)
    .reduce((sum, { amountCents, refundedCents }) => sum + amountCents - refundedCents, 0);
  const ofTotal = toShare(
    Math.max(0, chargedBackCents - refundedByLineCents) + creditedCents,
    invoice.totalCents,
  );
  return sumOf(ofTotal, ourCents <= 0 ? nothing : toShare(ourCreditedCents, ourCents));
}

/** Returns the returned share of a payment without an invoice. */
function shareOfCharges(paymentIntentId: string, { charges }: ChargedState): Share {
  const charge = charges.find((each) => each.paymentIntentId === paymentIntentId);
  return charge === undefined ? nothing : toShare(returnedCentsOf(charge), charge.amountCents);
}

function toShare(part: number, whole: number): Share {
  return whole <= 0 ? nothing : { numerator: BigInt(Math.min(part, whole)), denominator: BigInt(whole) };
}

/** Adds two shares, up to the whole. */
function sumOf(one: Share, other: Share): Share {
  const denominator = one.denominator * other.denominator;
  const numerator = one.numerator * other.denominator + other.numerator * one.denominator;
  return numerator > denominator ? { numerator: 1n, denominator: 1n } : { numerator, denominator };
}

/** Returns the share of an amount, rounded down. */
function shareOf(micros: number, { numerator, denominator }: Share): number {
  return Number((BigInt(micros) * numerator) / denominator);
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

/** Returns the source keys of all grants that a payment paid for, in whole or in part. Pure. */
export function grantsPaidBy({ paymentIntentId, invoiceId }: PaidCharge, state: InvoicedState): string[] {
  const topUp = paymentIntentId === null ? [] : [topUpSourceKey(paymentIntentId)];
  const allowances = paidGrants(state).filter(({ paidBy }) =>
    paidBy.some((payer) => payer.invoiceId === invoiceId),
  );
  return [...topUp, ...allowances.map(({ sourceKey }) => sourceKey)];
}
