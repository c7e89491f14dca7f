import type Stripe from "stripe";
import { followIntent } from "#sandbox/stripe/payments/follow-intent.ts";
import { creditCharge, fail } from "#sandbox/stripe/payments/outcomes.ts";
import { accountOf } from "#sandbox/stripe/payments/start-debit.ts";
import { answerOfAccount } from "#sandbox/stripe/payments/test-accounts.ts";
import { amend, clockOf } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** When the bank responds to a processing debit, with its clock; null if there is none. */
export function debitDue(world: World, intentId: string): { at: number; clock: string | null } | null {
  const debit = world.tables.debits.get(intentId);
  const intent = world.tables.paymentIntents.get(intentId);
  if (!debit || intent?.status !== "processing") return null;
  return { at: debit.at, clock: clockOf(world, idOrNull(intent.customer)) };
}

/** Completes or fails a processing debit and updates what it pays. */
export function settleDebit(world: World, intentId: string): void {
  const intent = world.tables.paymentIntents.get(intentId);
  const charge = intent && world.tables.charges.get(idOrNull(intent.latest_charge) ?? "");
  const method = world.tables.paymentMethods.get(charge?.payment_method ?? "");
  world.tables.debits.delete(intentId);
  if (!intent || !charge || !method) return;
  const settled = answerOfAccount(accountOf(world, method.id)).pays
    ? succeed(world, intent, charge)
    : bounce(world, intent, charge, method);
  followIntent(world, settled);
}

function succeed(world: World, intent: Stripe.PaymentIntent, charge: Stripe.Charge): Stripe.PaymentIntent {
  const patch = {
    amount_captured: charge.amount,
    balance_transaction: creditCharge(world, charge, charge.amount).id,
    paid: true,
    status: "succeeded",
  };
  amend(world, world.tables.charges, charge.id, patch, "charge.succeeded");
  return amend(
    world,
    world.tables.paymentIntents,
    intent.id,
    { amount_received: intent.amount, status: "succeeded" },
    "payment_intent.succeeded",
  );
}

function bounce(
  world: World,
  intent: Stripe.PaymentIntent,
  charge: Stripe.Charge,
  method: Stripe.PaymentMethod,
): Stripe.PaymentIntent {
  const code = "payment_intent_payment_attempt_failed";
  const message = "The payment failed: the bank did not pay the debit.";
  const patch = { captured: false, failure_code: code, failure_message: message, status: "failed" };
  amend(world, world.tables.charges, charge.id, patch, "charge.failed");
  const error: Stripe.PaymentIntent.LastPaymentError = {
    type: "invalid_request_error",
    code,
    message,
    charge: charge.id,
    payment_method: method,
  };
  return fail(world, intent, error, charge.id);
}
