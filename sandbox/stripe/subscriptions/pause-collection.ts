import type Stripe from "stripe";
import { finalizeInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { voidInvoice } from "#sandbox/stripe/invoices/void-invoice.ts";
import { writeOff } from "#sandbox/stripe/invoices/write-off.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** What becomes of a new invoice while its subscription's collection is paused: kept as a draft, written off or voided. */
export function settlePausedInvoice(world: World, subscription: Stripe.Subscription, invoice: string): void {
  const behavior = subscription.pause_collection?.behavior;
  if (behavior !== "void" && behavior !== "mark_uncollectible") return;
  const open = finalizeInvoice(world, invoice);
  if (open.status === "paid") return;
  if (behavior === "void") voidInvoice(world, invoice);
  else writeOff(world, invoice);
}

/** Collection begins again by itself at the moment that was set. */
export function resumeCollection(world: World, id: string): void {
  const patch = { pause_collection: null };
  amend(world, world.tables.subscriptions, id, patch, "customer.subscription.updated");
}
