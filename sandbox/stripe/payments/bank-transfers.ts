import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/customers.ts";
import { followIntent } from "#sandbox/stripe/payments/follow-intent.ts";
import { pay } from "#sandbox/stripe/payments/outcomes.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { paramsOf, required, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, create, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type FundParams = Parameters<Stripe["testHelpers"]["customers"]["fundCashBalance"]>[1];
const fundParams = paramsOf<FundParams>()({
  amount: required(whole()),
  currency: required(text()),
  reference: text(),
});

/** Money that a customer sends by bank transfer: it pays what waits for it, the oldest first, in parts if need be. */
export const bankTransferRoutes: Route[] = [
  route("POST", "/v1/test_helpers/customers/:id/fund_cash_balance", fundParams, ({ world, id, params }) => {
    findCustomer(world, id);
    if (params.amount < 1) throw invalid("Invalid positive integer", "amount", "parameter_invalid_integer");
    const { amount, currency, reference = null } = params;
    const country = { jpy: "jp", usd: "us", gbp: "gb" }[currency] ?? "eu";
    const bank_transfer = { reference, type: `${country}_bank_transfer` };
    const funded = record(world, id, currency, amount, { type: "funded", funded: { bank_transfer } });
    for (const intent of waiting(world, id, currency)) applyTo(world, id, intent);
    return funded;
  }),
  listRoute("/v1/customers/:id/cash_balance_transactions", paramsOf<object>()({}), ({ world, id }) =>
    world.tables.cashBalanceTransactions.under(id),
  ),
];

/** A payment by bank transfer takes what the customer has sent already, and waits for the rest. */
export function awaitTransfer(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.PaymentIntent {
  const customer = idOrNull(intent.customer);
  if (customer === null) {
    throw invalid("A payment by `customer_balance` needs a customer.", "customer", "parameter_missing");
  }
  const asked = amend(
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
  return balanceOf(world, customer, intent.currency) > 0 ? applyTo(world, customer, asked) : asked;
}

function applyTo(world: World, customer: string, intent: Stripe.PaymentIntent): Stripe.PaymentIntent {
  const left = remainingOf(intent);
  const part = Math.min(left, balanceOf(world, customer, intent.currency));
  if (part === 0) return intent;
  record(world, customer, intent.currency, -part, {
    type: "applied_to_payment",
    applied_to_payment: { payment_intent: intent.id },
  });
  const method = world.tables.paymentMethods.get(idOrNull(intent.payment_method) ?? "");
  if (part < left || !method) {
    const patch = { next_action: instructions(intent, left - part) };
    return amend(world, world.tables.paymentIntents, intent.id, patch, "payment_intent.partially_funded");
  }
  const paid = pay(world, intent, method);
  followIntent(world, paid);
  return paid;
}

function waiting(world: World, customer: string, currency: string): Stripe.PaymentIntent[] {
  return world.tables.paymentIntents.filter(
    (intent) => intent.customer === customer && intent.currency === currency && remainingOf(intent) > 0,
  );
}

function remainingOf(intent: Stripe.PaymentIntent): number {
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

function record(
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
