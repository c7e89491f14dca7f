import type Stripe from "stripe";
import { methodToCharge } from "#sandbox/stripe/customers/payment-methods.ts";
import { findInvoiceIntent } from "#sandbox/stripe/invoices/invoice-intent.ts";
import { findInvoiceSubscription } from "#sandbox/stripe/invoices/invoice-object.ts";
import { findInvoice, markPaid } from "#sandbox/stripe/invoices/lifecycle.ts";
import { type Confirmation, confirmIntent } from "#sandbox/stripe/payments/confirm-intent.ts";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type PaymentAttemptResult = "paid" | "failed" | "no_method" | "requires_action" | "sent";

/** Days between the failed attempts of an automatic collection: 8 retries in 2 weeks. */
const retryGapDays = [1, 2, 2, 2, 1, 2, 2, 2];

/**
 * Tries to collect an open invoice. Like Stripe, it counts automatic attempts towards the retry schedule, and
 * a manual attempt only when it is the first.
 */
export function attemptPayment(
  world: World,
  id: string,
  options: Confirmation & { method?: string; isAutomatic: boolean },
): PaymentAttemptResult {
  const invoice = findInvoice(world, id);
  const customer = idOrNull(invoice.customer) ?? "";
  const intent = findInvoiceIntent(world, id);
  const method =
    options.method ??
    idOrNull(invoice.default_payment_method) ??
    methodToCharge(world, findInvoiceSubscription(world, invoice), customer);
  if (!intent || method === null) {
    recordFailure(world, invoice, options.isAutomatic, null);
    return "no_method";
  }
  const confirmed = confirmIntent(world, intent.id, method, options);
  if (confirmed.status === "succeeded") {
    markPaid(world, id, nextAttemptCount(invoice, options.isAutomatic));
    return "paid";
  }
  return recordFailure(world, invoice, options.isAutomatic, confirmed);
}

function recordFailure(
  world: World,
  invoice: Stripe.Invoice,
  isAutomatic: boolean,
  intent: Stripe.PaymentIntent | null,
): PaymentAttemptResult {
  const count = nextAttemptCount(invoice, isAutomatic);
  const subscription = findInvoiceSubscription(world, invoice);
  const isRenewal = subscription !== null && subscription.status !== "incomplete";
  const advancesAutomatically = isRenewal || (subscription === null && invoice.auto_advance === true);
  // Without a payment method there are no retries; a pending change expires instead of being retried.
  const isRetried = advancesAutomatically && intent !== null && !world.tables.pendingChanges.get(invoice.id);
  const gapDays = isRetried ? retryGapDays[count - 1] : undefined;
  const at = nowFor(world, idOrNull(invoice.customer));
  const next = gapDays === undefined ? null : at + gapDays * 86_400;
  const updated = amend(
    world,
    world.tables.invoices,
    invoice.id,
    {
      attempt_count: count,
      attempted: true,
      next_payment_attempt: isAutomatic ? next : (invoice.next_payment_attempt ?? next),
    },
    "invoice.updated",
  );
  const requiresAction = intent?.status === "requires_action";
  if (requiresAction) emit(world, "invoice.payment_action_required", updated);
  if (!requiresAction || isRenewal) emit(world, "invoice.payment_failed", updated);
  return requiresAction ? "requires_action" : "failed";
}

function nextAttemptCount(invoice: Stripe.Invoice, isAutomatic: boolean): number {
  return isAutomatic || invoice.attempt_count === 0 ? invoice.attempt_count + 1 : invoice.attempt_count;
}
