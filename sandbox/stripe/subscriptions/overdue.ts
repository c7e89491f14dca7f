import type Stripe from "stripe";
import { subscriptionOf } from "#sandbox/stripe/invoices/invoice-object.ts";
import { clockOf, emit } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { setPastDue } from "#sandbox/stripe/subscriptions/collect.ts";

/** When an invoice that was sent becomes overdue; null when it does not, or did already. */
export function overdueAt(
  world: World,
  invoice: Stripe.Invoice,
): { at: number; clock: string | null } | null {
  const isWaiting = invoice.status === "open" && invoice.collection_method === "send_invoice";
  if (!isWaiting || invoice.due_date === null || world.tables.marks.get(`overdue:${invoice.id}`)) return null;
  return { at: invoice.due_date, clock: clockOf(world, idOrNull(invoice.customer)) };
}

/** Says once that an invoice is overdue; its subscription falls behind. */
export function markOverdue(world: World, id: string): void {
  const invoice = world.tables.invoices.get(id);
  if (!invoice) return;
  world.tables.marks.put({ id: `overdue:${id}` });
  emit(world, "invoice.overdue", invoice);
  const subscription = subscriptionOf(world, invoice);
  if (subscription) setPastDue(world, subscription.id);
}
