import { add, type Fraction, fraction, min, one, zero } from "#lib/billing/audit/fraction.ts";

/** A payment, and how much of it was refunded or is withheld by disputes. */
export type Charge = { amount: number; withheld: number };

/** A credit note as Stripe returns it. */
export type CreditNote = {
  amount: number;
  status: string;
  invoice: string | { id: string };
  refunds: { amount_refunded: number }[];
  lines: { data: { amount: number; invoice_line_item?: string }[]; has_more: boolean };
};

const withholding = new Set(["needs_response", "under_review", "lost"]);

/** Returns refunds plus what open and lost disputes withhold, at most the payment. Pure. */
export function withheldOf(
  amount: number,
  refunded: number,
  disputes: readonly { status: string; amount: number }[],
): number {
  const disputed = disputes
    .filter(({ status }) => withholding.has(status))
    .reduce((sum, dispute) => sum + dispute.amount, 0);
  return Math.min(amount, refunded + disputed);
}

/**
 * Returns the share of an invoice's money for our lines that was returned (M18, M19): refunds, disputes and
 * credit notes that name no lines count against the whole invoice, credit notes that name lines against
 * those. Pure.
 */
export function returnedShareOf(
  total: number,
  ours: readonly { id: string; amount: number }[],
  charges: readonly Charge[],
  notes: readonly CreditNote[],
): Fraction {
  if (total <= 0) return zero;
  const namesLines = ({ lines }: CreditNote) =>
    !lines.has_more && lines.data.every(({ invoice_line_item: line }) => line !== undefined);
  const named = notes.filter(namesLines);
  const others = notes.filter((note) => !namesLines(note));
  const ourIds = new Set(ours.map(({ id }) => id));
  const credited = sum(
    named.flatMap(({ lines }) =>
      lines.data.map(({ amount, invoice_line_item: line }) => (ourIds.has(line ?? "") ? amount : 0)),
    ),
  );
  // A credit note's refund is in its amount already.
  const refundedByNamed = sum(named.map(refundedOf));
  const unnamed =
    Math.max(0, sum(charges.map(({ withheld }) => withheld)) - refundedByNamed) +
    sum(others.map((note) => note.amount - refundedOf(note)));
  const ourAmount = sum(ours.map(({ amount }) => amount));
  return min(one, add(shareOf(unnamed, total), shareOf(credited, ourAmount)));
}

function refundedOf({ refunds }: CreditNote): number {
  return sum(refunds.map(({ amount_refunded: refunded }) => refunded));
}

function shareOf(part: number, whole: number): Fraction {
  return whole <= 0 ? zero : min(one, fraction(part, whole));
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
