import { allowanceKey, monthStartsOf, upgradeKey } from "#lib/billing/allowance.ts";
import { graceKeyOf, topUpKey, trialKeyOf } from "#lib/billing/grants-due.ts";
import { findOffer, findPack } from "#lib/billing/plans.ts";

/** What must be known of an invoice to say which credit its lines have given. */
export type InvoiceFacts = {
  id: string;
  subscriptionId: string | null;
  /** Of the payments that paid it. */
  paymentIntentIds: string[];
};

export type LineFacts = {
  id: string;
  subscriptionItemId: string | null;
  lookupKey: string | null;
  isProration: boolean;
  amountCents: number;
  periodStart: Date;
};

/**
 * The source keys of whatever credit each line of an invoice may have given: a plan's months and the grace before it was paid
 * (M10, M13), a trial (M11), an upgrade (M12), a top-up (M15). Pure. No key stands at two lines, so that sums count each once.
 * @returns keys by the line's id
 */
export function creditKeysOf(invoice: InvoiceFacts, lines: LineFacts[]): Map<string, string[]> {
  const seen = new Set<string>();
  return new Map(
    lines.map((line) => {
      const keys = keysOf(invoice, line).filter((key) => !seen.has(key));
      for (const key of keys) seen.add(key);
      return [line.id, keys];
    }),
  );
}

function keysOf(invoice: InvoiceFacts, line: LineFacts): string[] {
  const { subscriptionItemId: itemId, lookupKey, amountCents } = line;
  if (findPack(lookupKey) !== undefined) return invoice.paymentIntentIds.map(topUpKey);
  const offer = findOffer(lookupKey);
  if (offer === undefined || itemId === null) return [];
  if (line.isProration) return amountCents > 0 ? [upgradeKey(itemId, invoice.id)] : [];
  if (amountCents <= 0) return invoice.subscriptionId === null ? [] : [trialKeyOf(invoice.subscriptionId)];
  const months = monthStartsOf({ line, offer }).map((startsAt) => allowanceKey({ itemId }, { startsAt }));
  return [graceKeyOf(invoice.id), ...months, upgradeKey(itemId, invoice.id)];
}
