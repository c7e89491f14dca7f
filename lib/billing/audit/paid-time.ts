import { monthsAround } from "#lib/billing/audit/billing-months.ts";
import type { AuditedInvoice, AuditedSubscription, PlanLine, Span } from "#lib/billing/audit/facts.ts";
import {
  add,
  type Fraction,
  fraction,
  isLess,
  max,
  min,
  multiply,
  one,
  subtract,
  zero,
} from "#lib/billing/audit/fraction.ts";

/**
 * The credit that a customer's invoices pay for, in micro-USD. It is exact, `low` equals `high`, except where
 * no rule decides: time that was returned twice, or without having been paid, and later months of a year
 * while the subscription had payment problems.
 */
export type PaidCredit = {
  low: Fraction;
  high: Fraction;
  /** What refunds, credit notes and unused time took from the credit that was once paid for. */
  returned: Fraction;
  /** The credit of time whose money was returned although it was never paid. */
  neverPaid: Fraction;
  /** How many amounts of it are rounded down to a micro-USD. */
  roundings: number;
};

/** The credit of one month by one line of a paid invoice. */
type Piece = Span & {
  invoice: AuditedInvoice;
  monthMs: number;
  /** Micro-USD per millisecond, with the line's sign. */
  rate: Fraction;
  /** Whether the credit depends on the subscription's standing at the month's start (M10). */
  isConditional: boolean;
};

/** Jobs that start a later month of a year may run this late. */
const jobDelayMs = 3_600_000;

/**
 * Returns the credit that the paid invoices of one subscription pay for, by adding up its rate at every
 * moment: each line pays the plan's allowance times its quantity, evenly over its months; a negative line
 * returns it for the same moments, the newest payment first; the returned share of a payment is deducted
 * (M10, M12, M18, M19). Pure.
 * @param invoices all invoices of the customers, paid or not
 */
export function paidCreditOf(
  subscriptionId: string,
  invoices: readonly AuditedInvoice[],
  subscription: AuditedSubscription | undefined,
  atMs: number,
): PaidCredit {
  const lines = invoices.flatMap((invoice) =>
    invoice.planLines
      .filter((line) => line.subscriptionId === subscriptionId)
      .map((line) => ({ line, invoice })),
  );
  const hadTrouble = subscription === undefined || hadPaymentTrouble(subscription, invoices);
  const pieces = lines
    .filter(({ invoice }) => invoice.status === "paid")
    .flatMap(({ line, invoice }) =>
      piecesOf(
        line,
        invoice,
        lines.map((each) => each.line),
        hadTrouble,
        atMs,
      ),
    );
  const certain = integrate(pieces.filter(({ isConditional }) => !isConditional));
  const all = pieces.some(({ isConditional }) => isConditional) ? integrate(pieces) : certain;
  return {
    low: min(certain.low, all.low),
    high: max(certain.high, all.high),
    returned: max(certain.returned, all.returned),
    neverPaid: min(certain.neverPaid, all.neverPaid),
    roundings: roundingsOf(pieces),
  };
}

/** Whether a later month of a year may have started while the subscription was not in good standing. */
function hadPaymentTrouble(
  { id, status, isPaused }: AuditedSubscription,
  invoices: readonly AuditedInvoice[],
): boolean {
  const own = invoices.filter(({ subscriptionId }) => subscriptionId === id);
  return (
    status !== "active" || isPaused || own.some((each) => each.status !== "paid" || each.attemptCount > 1)
  );
}

function piecesOf(
  line: PlanLine,
  invoice: AuditedInvoice,
  lines: readonly PlanLine[],
  hadTrouble: boolean,
  atMs: number,
): Piece[] {
  const paidMs = invoice.paidMs ?? invoice.createdMs;
  return monthsAround(line, lines).flatMap((month) => {
    const fromMs = Math.max(line.fromMs, month.fromMs);
    const toMs = Math.min(line.toMs, month.toMs);
    const startsPeriod = !line.isProration && line.sign > 0 && line.fromMs === month.fromMs;
    const isLater = paidMs < month.fromMs && !startsPeriod;
    // A month that has not started has no credit yet, whether charged or returned.
    if (fromMs >= toMs || (isLater && month.fromMs > atMs)) return [];
    const amount = BigInt(line.sign * line.quantity) * BigInt(line.allowanceMicros);
    const rate = fraction(amount, BigInt(month.toMs - month.fromMs));
    const isConditional = isLater && (hadTrouble || month.fromMs > atMs - jobDelayMs);
    return [{ fromMs, toMs, invoice, monthMs: month.fromMs, rate, isConditional }];
  });
}

/** An invoice's credit for a month is rounded once, and its returned share twice. */
function roundingsOf(pieces: readonly Piece[]): number {
  const amounts = Map.groupBy(pieces, ({ invoice, monthMs }) => `${invoice.id} ${monthMs}`);
  return [...amounts.values()].reduce((count, parts) => {
    const exact = parts.reduce(
      (sum, { rate, fromMs, toMs }) => add(sum, multiply(rate, fraction(toMs - fromMs))),
      zero,
    );
    const returned = multiply(exact, parts[0]?.invoice.returned ?? zero);
    return count + (exact.d === 1n ? 0 : 1) + (returned.d === 1n ? 0 : 2);
  }, 0);
}

type Sum = { low: Fraction; high: Fraction; returned: Fraction; neverPaid: Fraction };

/**
 * Adds up the rates of all moments. Whether an invoice that returns time takes it from its own charges or
 * from the payment of that time matters only where that payment was refunded too: both are accepted.
 */
function integrate(pieces: readonly Piece[]): Sum {
  const own = integrateWith(pieces, netByInvoice);
  const earlier = integrateWith(pieces, (each) => each.map(({ invoice, rate }) => ({ invoice, rate })));
  return {
    low: min(own.low, earlier.low),
    high: max(own.high, earlier.high),
    returned: max(own.returned, earlier.returned),
    neverPaid: min(own.neverPaid, earlier.neverPaid),
  };
}

function integrateWith(pieces: readonly Piece[], toNet: (pieces: readonly Piece[]) => Net[]): Sum {
  const edges = [...new Set(pieces.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort((a, b) => a - b);
  let [gross, kept, unpaid, neverPaid] = [zero, zero, zero, zero];
  for (const [index, fromMs] of edges.entries()) {
    const toMs = edges[index + 1];
    if (toMs === undefined) break;
    const moment = rateOf(toNet(pieces.filter((piece) => piece.fromMs <= fromMs && toMs <= piece.toMs)));
    const length = fraction(toMs - fromMs);
    gross = add(gross, multiply(moment.gross, length));
    kept = add(kept, multiply(moment.kept, length));
    unpaid = add(unpaid, multiply(moment.unpaid, length));
    neverPaid = add(neverPaid, multiply(moment.neverPaid, length));
  }
  return { low: max(zero, subtract(kept, unpaid)), high: kept, returned: subtract(gross, kept), neverPaid };
}

type Moment = { gross: Fraction; kept: Fraction; unpaid: Fraction; neverPaid: Fraction };

function netByInvoice(pieces: readonly Piece[]): Net[] {
  return [...Map.groupBy(pieces, ({ invoice }) => invoice)].map(([invoice, own]) => ({
    invoice,
    rate: own.reduce((sum, { rate }) => add(sum, rate), zero),
  }));
}

/**
 * Returns what is paid for, kept, and returned without having been paid, per millisecond at one moment. An
 * invoice that returns time takes it from the newest other invoice that charged for it before, then from its
 * own charges.
 */
function rateOf(net: Net[]): Moment {
  const charged: Net[] = [];
  const moment: Moment = { gross: zero, kept: zero, unpaid: zero, neverPaid: zero };
  for (const each of net.sort(oldestFirst)) {
    if (isLess(zero, each.rate)) {
      charged.push(each);
      moment.gross = add(moment.gross, each.rate);
      continue;
    }
    let unused = subtract(zero, each.rate);
    const isOwn = (other: Net) => other.invoice === each.invoice;
    const newestFirst = charged.toReversed();
    const payments = [...newestFirst.filter((other) => !isOwn(other)), ...newestFirst.filter(isOwn)];
    for (const earlier of payments) {
      const deducted = min(earlier.rate, unused);
      unused = subtract(unused, deducted);
      earlier.rate = subtract(earlier.rate, deducted);
      // Time of a payment that was refunded as well is returned twice.
      moment.unpaid = add(moment.unpaid, multiply(deducted, earlier.invoice.returned));
    }
    moment.unpaid = add(moment.unpaid, unused);
    moment.neverPaid = add(moment.neverPaid, unused);
  }
  for (const { invoice, rate } of charged)
    moment.kept = add(moment.kept, multiply(rate, subtract(one, invoice.returned)));
  return moment;
}

type Net = { invoice: AuditedInvoice; rate: Fraction };

/** Within one second, charges come before returns. */
function oldestFirst(a: Net, b: Net): number {
  const byTime = a.invoice.createdMs - b.invoice.createdMs;
  return byTime || Number(isLess(a.rate, zero)) - Number(isLess(b.rate, zero));
}
