import { findOffer, findTopUp } from "#lib/billing/catalog/plans.ts";
import { monthsOfPeriod } from "#lib/billing/credit/billing-months.ts";
import {
  allowanceSourceKey,
  graceSourceKey,
  lateSourceKey,
  topUpSourceKey,
  trialSourceKey,
  upgradeSourceKey,
} from "#lib/billing/credit/source-keys.ts";

/** The fields of an invoice that determine which credit its lines granted. */
export type InvoiceFacts = {
  id: string;
  subscriptionId: string | null;
  /** Ids of the payments that paid it. */
  paymentIntentIds: string[];
};

/** The fields of an invoice line that determine which credit it granted. */
export type LineFacts = {
  id: string;
  subscriptionItemId: string | null;
  lookupKey: string | null;
  isProration: boolean;
  amountCents: number;
  periodStart: Date;
  periodEnd: Date;
};

/**
 * Returns the source keys of all credit that each line of an invoice may have granted: a plan's months and
 * the grace grant before payment (M10, M13), a trial (M11), a change or a late payment (M12), a top-up
 * (M15). Pure. Each key
 * appears at one line only, so that sums count it once.
 * @returns keys by line id
 */
export function creditKeysOf(invoice: InvoiceFacts, lines: LineFacts[]): Map<string, string[]> {
  const used = new Set<string>();
  return new Map(
    lines.map((line) => {
      const keys = keysOf(invoice, line).filter((key) => !used.has(key));
      for (const key of keys) used.add(key);
      return [line.id, keys];
    }),
  );
}

function keysOf(invoice: InvoiceFacts, line: LineFacts): string[] {
  const { subscriptionItemId: itemId, lookupKey, amountCents } = line;
  if (findTopUp(lookupKey) !== undefined) {
    const { paymentIntentIds, id } = invoice;
    return (paymentIntentIds.length === 0 ? [id] : paymentIntentIds).map(topUpSourceKey);
  }
  const offer = findOffer(lookupKey);
  if (offer === undefined || itemId === null) return [];
  const change = [upgradeSourceKey(itemId, invoice.id), lateSourceKey(invoice.id)];
  if (line.isProration) return amountCents > 0 ? change : [];
  if (amountCents <= 0)
    return invoice.subscriptionId === null ? [] : [trialSourceKey(invoice.subscriptionId)];
  const period = { startsAt: line.periodStart, endsAt: line.periodEnd };
  const months = monthsOfPeriod(period, offer.interval).map(({ startsAt }) =>
    allowanceSourceKey(itemId, startsAt),
  );
  return [graceSourceKey(invoice.id), ...months, ...change];
}
