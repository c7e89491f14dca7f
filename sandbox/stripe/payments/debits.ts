import type Stripe from "stripe";
import { followIntent } from "#sandbox/stripe/payments/follow-intent.ts";
import { creditCharge, fail, takeCharge } from "#sandbox/stripe/payments/outcomes.ts";
import { amend, clockOf, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** A direct debit takes days with a real bank; Stripe's test accounts answer at once or after three minutes. */
type Answer = { pays: boolean; afterSeconds: number };
const soon = 1;
const later = 180;
const testAccounts: Record<string, Answer> = {
  AT611904300234573201: { pays: true, afterSeconds: soon },
  AT321904300235473204: { pays: true, afterSeconds: later },
  AT861904300235473202: { pays: false, afterSeconds: soon },
  AT051904300235473205: { pays: false, afterSeconds: later },
  // The account that the official CLI fails a Checkout with.
  IT60X0542811101000000123456: { pays: false, afterSeconds: soon },
};

/** Whether an account number is one of the test accounts the sandbox plays. */
export function isTestAccount(iban: string): boolean {
  return Object.hasOwn(testAccounts, iban);
}

/** Sends a direct debit on its way: the payment is processing until the bank answers. */
export function startDebit(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.PaymentIntent {
  const charge = takeCharge(world, intent, method, "pending");
  const { afterSeconds } = answerOf(world, method.id);
  world.tables.debits.put({ id: intent.id, at: nowFor(world, idOrNull(intent.customer)) + afterSeconds });
  return amend(
    world,
    world.tables.paymentIntents,
    intent.id,
    {
      last_payment_error: null,
      latest_charge: charge.id,
      next_action: null,
      payment_method: method.id,
      status: "processing",
    },
    "payment_intent.processing",
  );
}

/** When the bank answers a debit that is on its way, on whose clock; null when none is. */
export function debitDue(world: World, intentId: string): { at: number; clock: string | null } | null {
  const debit = world.tables.debits.get(intentId);
  const intent = world.tables.paymentIntents.get(intentId);
  if (!debit || intent?.status !== "processing") return null;
  return { at: debit.at, clock: clockOf(world, idOrNull(intent.customer)) };
}

/** The bank answers: the money is there, or it is not, and whatever it was for follows. */
export function settleDebit(world: World, intentId: string): void {
  const intent = world.tables.paymentIntents.get(intentId);
  const charge = intent && world.tables.charges.get(idOrNull(intent.latest_charge) ?? "");
  const method = world.tables.paymentMethods.get(charge?.payment_method ?? "");
  world.tables.debits.delete(intentId);
  if (!intent || !charge || !method) return;
  const settled = answerOf(world, method.id).pays
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

function answerOf(world: World, method: string): Answer {
  const iban = world.tables.cards.get(idOf(method))?.number ?? "";
  return testAccounts[iban] ?? { pays: true, afterSeconds: soon };
}
