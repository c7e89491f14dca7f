import type Stripe from "stripe";
import { findInvoiceSubscription } from "#sandbox/stripe/invoices/invoice-object.ts";
import { clockOf, emit } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { setPastDue } from "#sandbox/stripe/subscriptions/collect.ts";

/** When a sent invoice becomes overdue; null if it does not or already did. */
export function overdueAt(
  world: World,
  invoice: Stripe.Invoice,
): { at: number; clock: string | null } | null {
  const isWaiting = invoice.status === "open" && invoice.collection_method === "send_invoice";
  if (!isWaiting || invoice.due_date === null || world.tables.marks.get(`overdue:${invoice.id}`)) return null;
  return { at: invoice.due_date, clock: clockOf(world, idOrNull(invoice.customer)) };
}

/** Sends invoice.overdue once and sets the subscription to past_due. */
export function markOverdue(world: World, id: string): void {
  const invoice = world.tables.invoices.get(id);
  if (!invoice) return;
  world.tables.marks.put({ id: `overdue:${id}` });
  emit(world, "invoice.overdue", invoice);
  const subscription = findInvoiceSubscription(world, invoice);
  if (subscription) setPastDue(world, subscription.id);
}
