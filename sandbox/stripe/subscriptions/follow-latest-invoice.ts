import type Stripe from "stripe";
import { findInvoiceSubscription } from "#sandbox/stripe/invoices/invoice-object.ts";
import { markUncollectible } from "#sandbox/stripe/invoices/mark-uncollectible.ts";
import { voidInvoice } from "#sandbox/stripe/invoices/void-invoice.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Marks an invoice as uncollectible on request and updates its subscription and customer. */
export function writeOffInvoice(world: World, id: string): Stripe.Invoice {
  const invoice = markUncollectible(world, id, "user_forgiven");
  setDelinquent(world, idOrNull(invoice.customer), false);
  followInvoice(world, invoice);
  return invoice;
}

/** Voids an invoice on request and updates its subscription. */
export function voidOnRequest(world: World, id: string): Stripe.Invoice {
  const invoice = voidInvoice(world, id);
  followInvoice(world, invoice);
  return invoice;
}

/**
 * Sets an overdue subscription to active when its latest finalized invoice that is not void is settled: paid
 * or uncollectible. Older open invoices and drafts do not count
 * (https://docs.stripe.com/billing/subscriptions/overview).
 */
export function recoverSubscription(world: World, subscription: Stripe.Subscription): void {
  if (subscription.status !== "past_due" && subscription.status !== "unpaid") return;
  if (latestInvoice(world, subscription.id)?.status === "open") return;
  const { subscriptions } = world.tables;
  amend(world, subscriptions, subscription.id, { status: "active" }, "customer.subscription.updated");
}

/**
 * Sets whether the customer's most recent invoice change was a failure. Paying an invoice, or marking it
 * uncollectible on request, clears it.
 */
export function setDelinquent(world: World, customer: string | null, delinquent: boolean): void {
  const existing = world.tables.customers.get(customer ?? "");
  if (existing) amend(world, world.tables.customers, existing.id, { delinquent }, "customer.updated");
}

function followInvoice(world: World, invoice: Stripe.Invoice): void {
  const subscription = findInvoiceSubscription(world, invoice);
  if (subscription) recoverSubscription(world, subscription);
}

function latestInvoice(world: World, subscription: string): Stripe.Invoice | undefined {
  return world.tables.invoices
    .filter((invoice) => invoice.status !== "draft" && invoice.status !== "void")
    .filter((invoice) => findInvoiceSubscription(world, invoice)?.id === subscription)
    .at(-1);
}
