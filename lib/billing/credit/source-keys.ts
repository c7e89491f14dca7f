// The source keys of grants (M1): what was paid for, so that repeating a sync grants it once.

/** The key of a month's allowance: one per item and month, even if several invoices bill it. */
export function allowanceSourceKey(itemId: string, monthStart: Date): string {
  return `allowance:${itemId}:${monthStart.toISOString()}`;
}

/** The key of a change that is paid within its month: one per item and invoice (M12). */
export function upgradeSourceKey(itemId: string, invoiceId: string): string {
  return `upgrade:${itemId}:${invoiceId}`;
}

/** The key of months that were over when their invoice was paid: one per invoice (M10, M12). */
export function lateSourceKey(invoiceId: string): string {
  return `late:${invoiceId}`;
}

/** The key of a grace grant: one per invoice (M13). */
export function graceSourceKey(invoiceId: string): string {
  return `grace:${invoiceId}`;
}

/** The key of a trial's credit: one per subscription (M11). */
export function trialSourceKey(subscriptionId: string): string {
  return `trial:${subscriptionId}`;
}

/** The key of a top-up: one per payment intent (M15). */
export function topUpSourceKey(paymentIntentId: string): string {
  return `top_up:${paymentIntentId}`;
}
