import type { Deviation } from "#lib/billing/audit/compare-credit.ts";
import type { LedgerFacts, StripeFacts } from "#lib/billing/audit/facts.ts";
import { formatMicros } from "#lib/billing/audit/format-micros.ts";
import { floor } from "#lib/billing/audit/fraction.ts";
import { paidCreditOf } from "#lib/billing/audit/paid-time.ts";

/** Less credit than this is rounding: a customer has fewer invoices than this per subscription. */
const roundingMicros = 1_000;

/**
 * Checks that the operator was told of money that Stripe credited to a customer's balance for time that was
 * never paid (B8), until an administrator debited the balance. A deleted customer has no balance. An invoice
 * that was paid from the balance is paid, whoever gave it; compareCredit counts it like any other. Pure.
 */
export function compareBalance(
  { invoices, subscriptions, balances }: StripeFacts,
  { hasOpenDecision }: LedgerFacts,
  atMs: number,
): Deviation[] {
  if (hasOpenDecision) return [];
  return balances
    .filter(({ debited }) => debited === 0)
    .flatMap(({ customerId }): Deviation[] => {
      const own = invoices.filter((invoice) => invoice.customerId === customerId);
      const ids = new Set(own.flatMap(({ planLines }) => planLines.map((line) => line.subscriptionId)));
      return [...ids].flatMap((id) => {
        const subscription = subscriptions.find((each) => each.id === id);
        const micros = floor(paidCreditOf(id, own, subscription, atMs).neverPaid);
        if (micros <= roundingMicros) return [];
        return [
          {
            kind: "undecided" as const,
            expected: "an open finding, or a debit of the balance",
            actual: "the operator was not told",
            explanation: `Stripe returned money for ${formatMicros(micros)} of credit of subscription ${id} that nobody had paid for.`,
          },
        ];
      });
    });
}
