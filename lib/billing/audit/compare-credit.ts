import type {
  AuditedInvoice,
  FindingKind,
  LedgerFacts,
  LedgerGrant,
  StripeFacts,
} from "#lib/billing/audit/facts.ts";
import { formatMicros } from "#lib/billing/audit/format-micros.ts";
import {
  add,
  ceil,
  type Fraction,
  floor,
  fraction,
  multiply,
  one,
  subtract,
  zero,
} from "#lib/billing/audit/fraction.ts";
import { type PaidCredit, paidCreditOf } from "#lib/billing/audit/paid-time.ts";

/** A difference, before the workspace and customer are added. */
export type Deviation = { kind: FindingKind; expected: string; actual: string; explanation: string };

/** Grace grants are at most 3/30 of a month's allowance (M13). */
const graceShare = fraction(3, 30);
const graceMs = 3 * 86_400_000;

/**
 * Compares the credit for periods that the ledger granted and did not take back with the credit that paid
 * invoices pay for (M10, M12, M13, M18, M19). Equal to the micro-dollar; each rounded amount may differ by
 * one. Credit that expired unused needs not be taken back. Pure.
 */
export function comparePlanCredit(
  { invoices, subscriptions }: StripeFacts,
  { grants }: LedgerFacts,
  atMs: number,
): Deviation[] {
  const lines = invoices.flatMap(({ planLines }) => planLines);
  const ids = [...new Set(lines.map(({ subscriptionId }) => subscriptionId))];
  const paid = ids
    .map((id) =>
      paidCreditOf(
        id,
        invoices,
        subscriptions.find((each) => each.id === id),
        atMs,
      ),
    )
    .reduce(plus, { low: zero, high: zero, returned: zero, neverPaid: zero, roundings: 0 });
  const allowances = grants.filter(({ kind }) => kind === "allowance");
  const paidIds = new Set(invoices.filter(({ status }) => status === "paid").map(({ id }) => id));
  const graceSpent = sumOf(
    grants.filter((grant) => paidIds.has(graceInvoiceOf(grant) ?? "")),
    ({ spentMicros }) => spentMicros,
  );
  const actual = keptOf(allowances) + graceSpent;
  // An invoice for a few days may pay for less than what was spent of the grace credit before it.
  const shortIds = new Set(invoices.filter(isShorterThanGrace).map(({ id }) => id));
  const graceSlack = sumOf(
    grants.filter((grant) => shortIds.has(graceInvoiceOf(grant) ?? "")),
    ({ spentMicros }) => spentMicros,
  );
  const bounds = {
    low: floor(paid.low) - paid.roundings,
    high: ceil(paid.high) + paid.roundings + unusedSlack(paid.returned, allowances) + graceSlack,
  };
  if (actual >= bounds.low && actual <= bounds.high) return [];
  const isMissing = actual < bounds.low;
  const difference = isMissing ? floor(paid.low) - actual : actual - ceil(paid.high);
  const explanation = [
    `${paidIds.size} paid invoices pay for ${formatMicros(floor(paid.high))} of plan credit`,
    `, after ${formatMicros(ceil(paid.returned))} for unused time, refunds and credit notes.`,
    ` ${allowances.length} grants add up to ${formatMicros(actual)}.`,
    isMissing
      ? ` The customer paid for ${formatMicros(difference)} of credit that was not granted.`
      : ` ${formatMicros(difference)} of credit was not paid for.`,
  ].join("");
  return [{ kind: "plan_credit", expected: formatRange(paid), actual: formatMicros(actual), explanation }];
}

function isShorterThanGrace({ planLines }: AuditedInvoice): boolean {
  return planLines.every(({ fromMs, toMs, sign }) => sign < 0 || toMs - fromMs <= graceMs);
}

function plus(a: PaidCredit, b: PaidCredit): PaidCredit {
  return {
    low: add(a.low, b.low),
    high: add(a.high, b.high),
    returned: add(a.returned, b.returned),
    neverPaid: add(a.neverPaid, b.neverPaid),
    roundings: a.roundings + b.roundings,
  };
}

function formatRange({ low, high }: PaidCredit): string {
  const [least, most] = [floor(low), floor(high)];
  return least === most ? formatMicros(most) : `${formatMicros(least)} to ${formatMicros(most)}`;
}

/** Compares top-ups that were paid and not returned with their grants (M15, M18, M19). Pure. */
export function compareTopUps({ invoices, topUps }: StripeFacts, { grants }: LedgerFacts): Deviation[] {
  const sold = [
    ...invoices
      .filter(({ status, topUpMicros }) => status === "paid" && topUpMicros > 0)
      .map(({ topUpMicros: micros, returned }) => ({ micros, returned })),
    ...topUps.filter(({ micros }) => micros > 0),
  ];
  const kept = sold.reduce(
    (sum, { micros, returned }) => add(sum, multiply(fraction(micros), subtract(one, returned))),
    zero,
  );
  const returned = subtract(fraction(sumOf(sold, ({ micros }) => micros)), kept);
  const own = grants.filter(({ kind }) => kind === "top_up");
  const actual = keptOf(own);
  if (actual >= floor(kept) && actual <= ceil(kept) + sold.length + unusedSlack(returned, own)) return [];
  return [
    {
      kind: "top_up_credit",
      expected: formatMicros(floor(kept)),
      actual: formatMicros(actual),
      explanation: `${sold.length} top-ups were paid; less what was returned they come to ${formatMicros(floor(kept))}. ${own.length} grants add up to ${formatMicros(actual)}.`,
    },
  ];
}

/** Compares grace credit with the open invoices that it bridges (M13). Pure. */
export function compareGrace({ invoices }: StripeFacts, { grants }: LedgerFacts, atMs: number): Deviation[] {
  const byId = new Map(invoices.map((invoice) => [invoice.id, invoice]));
  return grants.flatMap((grant) => {
    const id = graceInvoiceOf(grant);
    if (id === null) return [];
    const most = mostGraceOf(byId.get(id));
    if (keptOf([grant]) > most)
      return [
        {
          kind: "grace_credit" as const,
          expected: `at most ${formatMicros(most)}`,
          actual: formatMicros(keptOf([grant])),
          explanation: `Grace credit for invoice ${id} exceeds 3/30 of the allowance that the invoice bills.`,
        },
      ];
    const isPaid = byId.get(id)?.status === "paid";
    if (!isPaid || grant.remainingMicros <= 0 || grant.expiresMs <= atMs) return [];
    return [
      {
        kind: "grace_credit" as const,
        expected: formatMicros(0),
        actual: `${formatMicros(grant.remainingMicros)} left`,
        explanation: `Invoice ${id} is paid, so its grace credit should have ended.`,
      },
    ];
  });
}

function mostGraceOf(invoice: AuditedInvoice | undefined): number {
  const allowances = (invoice?.planLines ?? [])
    .filter(({ sign }) => sign > 0)
    .map(({ allowanceMicros, quantity }) => allowanceMicros * quantity);
  return floor(multiply(fraction(sumOf(allowances, (micros) => micros)), graceShare));
}

/** The ledger's key of a grace grant names its invoice. */
function graceInvoiceOf({ kind, sourceKey }: LedgerGrant): string | null {
  return kind === "grace" ? sourceKey.slice(sourceKey.indexOf(":") + 1) : null;
}

/** Checks that the balance is the sum of the ledger's entries (M4). Pure. */
export function compareLedger({ balanceMicros, entriesMicros }: LedgerFacts): Deviation[] {
  if (balanceMicros === entriesMicros) return [];
  const explanation = "The stored balance differs from the sum of the ledger's entries.";
  return [
    {
      kind: "ledger",
      expected: formatMicros(entriesMicros),
      actual: formatMicros(balanceMicros),
      explanation,
    },
  ];
}

/** What was granted and not taken back. */
function keptOf(grants: readonly LedgerGrant[]): number {
  return sumOf(grants, ({ amountMicros, takenBackMicros }) => amountMicros - takenBackMicros);
}

/** Returned money takes nothing from credit that had expired unused before. */
function unusedSlack(returned: Fraction, grants: readonly LedgerGrant[]): number {
  return Math.min(
    ceil(returned),
    sumOf(grants, ({ expiredMicros }) => expiredMicros),
  );
}

function sumOf<T>(items: readonly T[], amountOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}
