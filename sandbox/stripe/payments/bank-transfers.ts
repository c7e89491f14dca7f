import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { applyTransfer, recordTransfer, remainingOf } from "#sandbox/stripe/payments/await-transfer.ts";
import { followIntent } from "#sandbox/stripe/payments/follow-intent.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { paramsOf, required, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type FundParams = Parameters<Stripe["testHelpers"]["customers"]["fundCashBalance"]>[1];
const fundParams = paramsOf<FundParams>()({
  amount: required(whole()),
  currency: required(currency()),
  reference: text(),
});

/** Receives bank transfers, which pay waiting payments, oldest first, partially if necessary. */
export const bankTransferRoutes: Route[] = [
  route("POST", "/v1/test_helpers/customers/:id/fund_cash_balance", fundParams, ({ world, id, params }) => {
    findCustomer(world, id);
    if (params.amount < 1) throw invalid("Invalid positive integer", "amount", "parameter_invalid_integer");
    const { amount, currency, reference = null } = params;
    const country = { jpy: "jp", usd: "us", gbp: "gb" }[currency] ?? "eu";
    const bank_transfer = { reference, type: `${country}_bank_transfer` };
    const funded = recordTransfer(world, id, currency, amount, { type: "funded", funded: { bank_transfer } });
    for (const intent of waiting(world, id, currency)) {
      const paid = applyTransfer(world, id, intent);
      if (paid.status === "succeeded") followIntent(world, paid);
    }
    return funded;
  }),
  listRoute("/v1/customers/:id/cash_balance_transactions", paramsOf<object>()({}), ({ world, id }) =>
    world.tables.cashBalanceTransactions.under(id),
  ),
];

function waiting(world: World, customer: string, currency: string): Stripe.PaymentIntent[] {
  return world.tables.paymentIntents.filter(
    (intent) => intent.customer === customer && intent.currency === currency && remainingOf(intent) > 0,
  );
}
