import type Stripe from "stripe";
import { balanceIn, balancePatch } from "#sandbox/stripe/customers/credit-balance.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  clearable,
  inRange,
  pairs,
  paramsOf,
  range,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type BalanceTransactionInput = {
  /** In the currency's minor unit; negative amounts are credit for the customer. */
  amount: number;
  currency: string;
  type:
    | "adjustment"
    | "applied_to_invoice"
    | "credit_note"
    | "initial"
    | "invoice_too_small"
    | "unapplied_from_invoice";
  invoice?: string;
  creditNote?: string;
  description?: string | null;
  metadata?: Record<string, string>;
};

const createParams = paramsOf<Stripe.CustomerCreateBalanceTransactionParams>()({
  amount: required(whole()),
  currency: required(currency()),
  description: text(),
  metadata: pairs(),
});
const updateParams = paramsOf<Stripe.CustomerUpdateBalanceTransactionParams>()({
  description: clearable(text()),
  metadata: pairs(),
});
const listParams = paramsOf<Stripe.CustomerListBalanceTransactionsParams>()({
  created: range(),
  invoice: text(),
});
const path = "/v1/customers/:id/balance_transactions";

/** Routes of customer balance transactions; each records an amount and the balance after it. */
export const customerBalanceRoutes: Route[] = [
  route("POST", path, createParams, ({ world, id, params }) => {
    const customer = findCustomer(world, id);
    const currency = params.currency.toLowerCase();
    if (!customer.currency) amend(world, world.tables.customers, id, { currency }, "customer.updated");
    return adjustCustomerBalance(world, id, {
      amount: params.amount,
      currency,
      type: "adjustment",
      description: params.description ?? null,
      metadata: mergeMetadata({}, params.metadata),
    });
  }),
  route("GET", `${path}/:transaction`, paramsOf<object>()({}), ({ world, id, ids }) =>
    findTransaction(world, id, ids.transaction),
  ),
  route("POST", `${path}/:transaction`, updateParams, ({ world, id, ids, params }) => {
    const row = findTransaction(world, id, ids.transaction);
    const metadata = mergeMetadata(row.metadata ?? {}, params.metadata);
    const patch = { ...given({ description: params.description }), metadata };
    return amend(world, world.tables.customerBalanceTransactions, row.id, patch);
  }),
  listRoute(path, listParams, ({ world, id, params }) =>
    world.tables.customerBalanceTransactions
      .under(findCustomer(world, id).id)
      .filter(
        (row) =>
          (params.invoice === undefined || row.invoice === params.invoice) &&
          inRange(row.created, params.created),
      ),
  ),
];

/** Changes a customer's balance and records the balance transaction. */
export function adjustCustomerBalance(
  world: World,
  customer: string,
  input: BalanceTransactionInput,
): Stripe.CustomerBalanceTransaction {
  const owner = findCustomer(world, customer);
  const balance = balanceIn(world, owner, input.currency) + input.amount;
  const row = recordBalanceTransaction(world, customer, { ...input, endingBalance: balance });
  const patch = balancePatch(owner, input.currency, balance);
  amend(world, world.tables.customers, customer, patch, "customer.updated");
  return row;
}

/**
 * Records a balance transaction; the caller updates the balance. Only `customer.updated` announces the
 * change.
 */
export function recordBalanceTransaction(
  world: World,
  customer: string,
  input: BalanceTransactionInput & { endingBalance: number },
): Stripe.CustomerBalanceTransaction {
  return world.tables.customerBalanceTransactions.put({
    id: newStripeId("cbtxn"),
    object: "customer_balance_transaction",
    amount: input.amount,
    checkout_session: null,
    created: nowFor(world, customer),
    credit_note: input.creditNote ?? null,
    currency: input.currency,
    customer,
    customer_account: null,
    description: input.description ?? null,
    ending_balance: input.endingBalance,
    invoice: input.invoice ?? null,
    livemode: false,
    metadata: input.metadata ?? {},
    type: input.type,
  });
}

function findTransaction(
  world: World,
  customer: string,
  id: string | undefined,
): Stripe.CustomerBalanceTransaction {
  const row = world.tables.customerBalanceTransactions.get(id ?? "");
  if (!row || row.customer !== customer) throw missing("customer balance transaction", id ?? "");
  return row;
}
