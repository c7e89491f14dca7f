import type Stripe from "stripe";
import { attemptPayment, type PaymentAttemptResult } from "#sandbox/stripe/invoices/attempt-payment.ts";
import { findInvoiceIntent } from "#sandbox/stripe/invoices/invoice-intent.ts";
import { findInvoiceSubscription } from "#sandbox/stripe/invoices/invoice-object.ts";
import { finalizeInvoice, findInvoice, markPaid } from "#sandbox/stripe/invoices/lifecycle.ts";
import type { Confirmation } from "#sandbox/stripe/payments/confirm-intent.ts";
import { amend, emit } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { applyPending } from "#sandbox/stripe/subscriptions/apply-pending.ts";
import { abandonSubscription } from "#sandbox/stripe/subscriptions/end-subscription.ts";
import { recoverSubscription, setDelinquent } from "#sandbox/stripe/subscriptions/follow-latest-invoice.ts";
import { showPending } from "#sandbox/stripe/subscriptions/pending-change.ts";
import { recountUsage } from "#sandbox/stripe/usage/recount-usage.ts";

/** Finalizes a draft and attempts payment; an invoice of zero is paid by its finalization. */
export function finalizeAndCollect(
  world: World,
  id: string,
  confirmation: Confirmation & { method?: string; reuseIntent?: string | null },
): PaymentAttemptResult {
  recountUsage(world, id);
  const open = finalizeInvoice(world, id, confirmation.reuseIntent ?? null);
  if (open.status === "paid") {
    followPayment(world, id, "paid");
    return "paid";
  }
  if (findInvoiceIntent(world, id)?.status === "succeeded") {
    markPaid(world, id);
    followPayment(world, id, "paid");
    return "paid";
  }
  if (open.collection_method === "send_invoice") {
    emit(world, "invoice.sent", open);
    return "sent";
  }
  return collectInvoice(world, id, { ...confirmation, isAutomatic: true });
}

/** Attempts payment of an open invoice and updates its subscription. */
export function collectInvoice(
  world: World,
  id: string,
  options: Confirmation & { method?: string; isAutomatic: boolean },
): PaymentAttemptResult {
  const outcome = attemptPayment(world, id, options);
  followPayment(world, id, outcome);
  return outcome;
}

/** Updates the subscription of an invoice after a payment or a failure. */
export function followPayment(world: World, invoiceId: string, outcome: PaymentAttemptResult): void {
  const invoice = findInvoice(world, invoiceId);
  const pending = world.tables.pendingChanges.get(invoiceId);
  if (pending) {
    if (outcome === "paid") applyPending(world, pending);
    else showPending(world, pending);
  }
  if (outcome === "paid") setDelinquent(world, idOrNull(invoice.customer), false);
  const subscription = findInvoiceSubscription(world, invoice);
  if (!subscription) return;
  if (outcome === "paid") followSuccess(world, subscription, invoice);
  else if (!pending) followFailure(world, subscription, invoice, outcome);
}

/** Sets a subscription to past_due and its customer to delinquent. */
export function setPastDue(world: World, id: string): void {
  const subscription = world.tables.subscriptions.get(id);
  if (subscription?.status !== "active" && subscription?.status !== "trialing") return;
  setStatus(world, subscription, "past_due");
  setDelinquent(world, idOrNull(subscription.customer), true);
}

function followSuccess(world: World, subscription: Stripe.Subscription, invoice: Stripe.Invoice): void {
  const begins = subscription.status === "incomplete" && invoice.billing_reason === "subscription_create";
  if (begins) setStatus(world, subscription, "active");
  else recoverSubscription(world, subscription);
}

function followFailure(
  world: World,
  subscription: Stripe.Subscription,
  invoice: Stripe.Invoice,
  outcome: PaymentAttemptResult,
): void {
  if (subscription.status === "incomplete" || subscription.status === "canceled") return;
  const isRetried = invoice.collection_method !== "send_invoice" && outcome !== "no_method";
  if (isRetried && invoice.next_payment_attempt === null) giveUp(world, subscription);
  else setPastDue(world, subscription.id);
}

/** After the last retry: canceled, unpaid or past_due, by the account's settings. */
function giveUp(world: World, subscription: Stripe.Subscription): void {
  const choice = world.tables.accountSettings.get("account")?.afterLastRetry ?? "cancel";
  if (choice === "cancel") abandonSubscription(world, subscription);
  else if (choice === "unpaid") setStatus(world, subscription, "unpaid");
  else setPastDue(world, subscription.id);
}

function setStatus(
  world: World,
  subscription: Stripe.Subscription,
  status: "active" | "past_due" | "unpaid",
): void {
  amend(world, world.tables.subscriptions, subscription.id, { status }, "customer.subscription.updated");
}
