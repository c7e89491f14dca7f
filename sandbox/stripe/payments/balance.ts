import type Stripe from "stripe";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { inRange, paramsOf, range, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Movement = {
  /** In cents; negative for outgoing money. */
  amount: number;
  fee: number;
  currency: string;
  description: string | null;
  source: string;
  type: "charge" | "payment" | "refund" | "refund_failure" | "adjustment";
  category: "charge" | "refund" | "refund_failure" | "dispute" | "dispute_reversal";
  at: number;
};

const clearingSeconds = 2 * 86_400;
const listParams = paramsOf<Stripe.BalanceTransactionListParams>()({
  created: range(),
  currency: text(),
  source: text(),
  type: text(),
});

export const balanceRoutes: Route[] = [
  route("GET", "/v1/balance_transactions/:id", paramsOf<object>()({}), ({ world, id }) => {
    const movement = world.tables.balanceTransactions.get(id);
    if (!movement) throw missing("balance transaction", id);
    return asOfNow(world, movement);
  }),
  listRoute("/v1/balance_transactions", listParams, ({ world, params }) =>
    world.tables.balanceTransactions
      .filter(
        (movement) =>
          (params.currency === undefined || movement.currency === params.currency) &&
          (params.source === undefined || movement.source === params.source) &&
          (params.type === undefined || movement.type === params.type) &&
          inRange(movement.created, params.created),
      )
      .map((movement) => asOfNow(world, movement)),
  ),
];

/** Stripe's fee for a card payment: 2.9 % plus 30 cents. */
export function chargeFee(amount: number): number {
  return Math.round(amount * 0.029) + 30;
}

/** Records a balance transaction of the account. */
export function moveBalance(world: World, movement: Movement): Stripe.BalanceTransaction {
  const { amount, fee, currency } = movement;
  return world.tables.balanceTransactions.put({
    id: newStripeId("txn"),
    object: "balance_transaction",
    amount,
    available_on: movement.at + clearingSeconds,
    balance_type: "payments",
    created: movement.at,
    currency,
    description: movement.description,
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency,
              description: movement.type === "adjustment" ? "Dispute fee" : "Stripe processing fees",
              type: "stripe_fee",
            },
          ],
    net: amount - fee,
    reporting_category: movement.category,
    source: movement.source,
    status: "pending",
    type: movement.type,
  });
}

/** Whether an amount is still pending; no event is sent when it becomes available. */
function asOfNow(world: World, movement: Stripe.BalanceTransaction): Stripe.BalanceTransaction {
  return world.now() >= movement.available_on ? { ...movement, status: "available" } : movement;
}
