import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/create-invoice-item.ts";
import { draftInvoice, finalizeInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { toPaymentFailure } from "#sandbox/stripe/invoices/payment-failure.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { finalizeAndCollect, setPastDue } from "#sandbox/stripe/subscriptions/collect.ts";
import { countAnew, holdBack } from "#sandbox/stripe/subscriptions/pending-change.ts";
import type { Change } from "#sandbox/stripe/subscriptions/plan-change.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

export type ChangeTerms = {
  proration_behavior?: "create_prorations" | "always_invoice" | "none" | undefined;
  payment_behavior?:
    | "allow_incomplete"
    | "default_incomplete"
    | "error_if_incomplete"
    | "pending_if_incomplete"
    | undefined;
};

/**
 * Applies a planned change immediately, or after its payment if requested. Throws if an immediate payment
 * fails; nothing is changed then.
 */
export function applyChange(
  world: World,
  before: Stripe.Subscription,
  patch: Partial<Stripe.Subscription>,
  change: Change,
  terms: ChangeTerms,
): void {
  const { subscriptions } = world.tables;
  const behavior = terms.proration_behavior ?? "create_prorations";
  const settled = [...change.usage, ...(behavior === "none" ? [] : change.prorations)];
  const bill = () => {
    for (const part of settled) createInvoiceItem(world, { ...part, customer: idOf(before.customer) });
  };
  if (!change.startsPeriod && (behavior !== "always_invoice" || settled.length === 0)) {
    amend(world, subscriptions, before.id, patch, "customer.subscription.updated");
    countAnew(world, change.countsAnew, nowFor(world, idOf(before.customer)));
    bill();
    return;
  }
  const invoice = newStripeId("in");
  if (terms.payment_behavior === "pending_if_incomplete") {
    bill();
    draftChange(world, { ...before, ...patch }, change, invoice);
    holdBack(world, before, { invoice, patch, countsAnew: change.countsAnew, kind: "update" });
    finalizeAndCollect(world, invoice, { onSession: true });
    return;
  }
  const billed = { ...patch, latest_invoice: invoice };
  const updated = amend(world, subscriptions, before.id, billed, "customer.subscription.updated");
  countAnew(world, change.countsAnew, nowFor(world, idOf(before.customer)));
  bill();
  draftChange(world, updated, change, invoice);
  collectChange(world, updated, invoice, terms);
}

function draftChange(world: World, after: Stripe.Subscription, change: Change, id: string): void {
  const at = nowFor(world, idOf(after.customer));
  draftInvoice(world, {
    id,
    customer: findCustomer(world, idOf(after.customer)),
    currency: after.currency,
    subscription: after,
    reason: "subscription_update",
    parts: change.period,
    period: change.startsPeriod ? { start: at, end: at } : periodOf(after),
  });
}

function collectChange(
  world: World,
  subscription: Stripe.Subscription,
  invoice: string,
  terms: ChangeTerms,
): void {
  if (terms.payment_behavior === "default_incomplete") {
    const open = finalizeInvoice(world, invoice);
    if (open.status !== "paid") setPastDue(world, subscription.id);
    return;
  }
  const outcome = finalizeAndCollect(world, invoice, { onSession: true });
  if (outcome !== "paid" && terms.payment_behavior === "error_if_incomplete") {
    throw toPaymentFailure(world, invoice, { keepsEffects: false });
  }
}
