import type Stripe from "stripe";
import { methodToCharge } from "#sandbox/stripe/customers/payment-methods.ts";
import { intentOf } from "#sandbox/stripe/invoices/intent-of-invoice.ts";
import { subscriptionOf } from "#sandbox/stripe/invoices/invoice-object.ts";
import { findInvoice, markPaid } from "#sandbox/stripe/invoices/lifecycle.ts";
import { type Confirmation, confirmIntent } from "#sandbox/stripe/payments/confirm-intent.ts";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type AttemptOutcome = "paid" | "failed" | "no_method" | "requires_action" | "sent";

/** Days between one failed attempt of a renewal and the next: 8 retries in 2 weeks. */
const retryGapDays = [1, 2, 2, 2, 1, 2, 2, 2];

/**
 * Tries to collect an open invoice. Automatic attempts count towards the retry schedule, others only when they are
 * the first, as Stripe counts them.
 */
export function attemptPayment(
  world: World,
  id: string,
  options: Confirmation & { method?: string; isAutomatic: boolean },
): AttemptOutcome {
  const invoice = findInvoice(world, id);
  const customer = idOrNull(invoice.customer) ?? "";
  const intent = intentOf(world, id);
  const method =
    options.method ??
    idOrNull(invoice.default_payment_method) ??
    methodToCharge(world, subscriptionOf(world, invoice), customer);
  if (!intent || method === null) {
    recordFailure(world, invoice, options.isAutomatic, null);
    return "no_method";
  }
  const confirmed = confirmIntent(world, intent.id, method, options);
  if (confirmed.status === "succeeded") {
    markPaid(world, id, countAfter(invoice, options.isAutomatic));
    return "paid";
  }
  return recordFailure(world, invoice, options.isAutomatic, confirmed);
}

function recordFailure(
  world: World,
  invoice: Stripe.Invoice,
  isAutomatic: boolean,
  intent: Stripe.PaymentIntent | null,
): AttemptOutcome {
  const count = countAfter(invoice, isAutomatic);
  const subscription = subscriptionOf(world, invoice);
  const isRenewal = subscription !== null && subscription.status !== "incomplete";
  const goesOn = isRenewal || (subscription === null && invoice.auto_advance === true);
  // Without a card there is nothing to try again; a change that waits for its payment is given up in time instead.
  const isRetried = goesOn && intent !== null && !world.tables.pendingChanges.get(invoice.id);
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
  const asksForAction = intent?.status === "requires_action";
  if (asksForAction) emit(world, "invoice.payment_action_required", updated);
  if (!asksForAction || isRenewal) emit(world, "invoice.payment_failed", updated);
  return asksForAction ? "requires_action" : "failed";
}

function countAfter(invoice: Stripe.Invoice, isAutomatic: boolean): number {
  return isAutomatic || invoice.attempt_count === 0 ? invoice.attempt_count + 1 : invoice.attempt_count;
}
