import type Stripe from "stripe";
import { pay } from "#sandbox/stripe/payments/outcomes.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { amend, create, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Applies the customer's received transfers to a payment and waits for the remaining amount. */
export function awaitTransfer(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.PaymentIntent {
  const customer = idOrNull(intent.customer);
  if (customer === null) {
    throw invalid("A payment by `customer_balance` needs a customer.", "customer", "parameter_missing");
  }
  const requested = amend(
    world,
    world.tables.paymentIntents,
    intent.id,
    {
      next_action: instructions(intent, intent.amount),
      payment_method: method.id,
      status: "requires_action",
    },
    "payment_intent.requires_action",
  );
  return balanceOf(world, customer, intent.currency) > 0
    ? applyTransfer(world, customer, requested)
    : requested;
}

/** Pays from the customer's received transfers, partially if they are insufficient. */
export function applyTransfer(
  world: World,
  customer: string,
  intent: Stripe.PaymentIntent,
): Stripe.PaymentIntent {
  const left = remainingOf(intent);
  const part = Math.min(left, balanceOf(world, customer, intent.currency));
  if (part === 0) return intent;
  recordTransfer(world, customer, intent.currency, -part, {
    type: "applied_to_payment",
    applied_to_payment: { payment_intent: intent.id },
  });
  const method = world.tables.paymentMethods.get(idOrNull(intent.payment_method) ?? "");
  if (part < left || !method) {
    const patch = { next_action: instructions(intent, left - part) };
    return amend(world, world.tables.paymentIntents, intent.id, patch, "payment_intent.partially_funded");
  }
  return pay(world, intent, method);
}

/** The remaining amount of a payment. */
export function remainingOf(intent: Stripe.PaymentIntent): number {
  return intent.next_action?.display_bank_transfer_instructions?.amount_remaining ?? 0;
}

function instructions(intent: Stripe.PaymentIntent, remaining: number): Stripe.PaymentIntent.NextAction {
  return {
    type: "display_bank_transfer_instructions",
    display_bank_transfer_instructions: {
      amount_remaining: remaining,
      currency: intent.currency,
      hosted_instructions_url: null,
      reference: intent.id.slice(-8).toUpperCase(),
      type: intent.payment_method_options?.customer_balance?.bank_transfer?.type ?? "us_bank_transfer",
    },
  };
}

function balanceOf(world: World, customer: string, currency: string): number {
  return world.tables.cashBalanceTransactions
    .under(customer)
    .reduce((sum, row) => sum + (row.currency === currency ? row.net_amount : 0), 0);
}

/** Records a received transfer or its application to a payment. */
export function recordTransfer(
  world: World,
  customer: string,
  currency: string,
  amount: number,
  kind: Pick<Stripe.CustomerCashBalanceTransaction, "type" | "funded" | "applied_to_payment">,
): Stripe.CustomerCashBalanceTransaction {
  const row: Stripe.CustomerCashBalanceTransaction = {
    id: newStripeId("ccsbtxn"),
    object: "customer_cash_balance_transaction",
    created: nowFor(world, customer),
    currency,
    customer,
    customer_account: null,
    ending_balance: balanceOf(world, customer, currency) + amount,
    livemode: false,
    net_amount: amount,
    ...kind,
  };
  const { cashBalanceTransactions } = world.tables;
  return create(world, cashBalanceTransactions, row, "customer_cash_balance_transaction.created");
}
