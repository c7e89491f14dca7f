import { voidInvoice } from "#sandbox/stripe/invoices/void-invoice.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { dropPending, pendingChangeOf } from "#sandbox/stripe/subscriptions/pending-change.ts";

/** Discards a pending change because it expired or another change replaces it. */
export function dropPendingUpdate(world: World, subscription: string): void {
  const change = pendingChangeOf(world, subscription);
  if (!change) return;
  // Voiding the invoice discards its pending change.
  if (world.tables.invoices.get(change.id)?.status === "open") voidInvoice(world, change.id);
  else dropPending(world, change.id);
}
