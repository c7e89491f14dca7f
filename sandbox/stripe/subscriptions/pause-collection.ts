import type Stripe from "stripe";
import { finalizeInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { markUncollectible } from "#sandbox/stripe/invoices/mark-uncollectible.ts";
import { voidInvoice } from "#sandbox/stripe/invoices/void-invoice.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Keeps, writes off or voids a new invoice while collection is paused. */
export function settlePausedInvoice(world: World, subscription: Stripe.Subscription, invoice: string): void {
  const behavior = subscription.pause_collection?.behavior;
  if (behavior !== "void" && behavior !== "mark_uncollectible") return;
  const open = finalizeInvoice(world, invoice);
  if (open.status === "paid") return;
  if (behavior === "void") voidInvoice(world, invoice);
  else markUncollectible(world, invoice, "subscription_paused");
}

/** Resumes collection at `resumes_at`. */
export function resumeCollection(world: World, id: string): void {
  const patch = { pause_collection: null };
  amend(world, world.tables.subscriptions, id, patch, "customer.subscription.updated");
}
