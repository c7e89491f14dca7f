import type Stripe from "stripe";
import { takeCharge } from "#sandbox/stripe/payments/outcomes.ts";
import { answerOfAccount } from "#sandbox/stripe/payments/test-accounts.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Starts a direct debit; the payment is processing until the bank responds. */
export function startDebit(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.PaymentIntent {
  const charge = takeCharge(world, intent, method, "pending");
  const { afterSeconds } = answerOfAccount(accountOf(world, method.id));
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

/** The account number of a payment method. */
export function accountOf(world: World, method: string): string {
  return world.tables.cards.get(method)?.number ?? "";
}
