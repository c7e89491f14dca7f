import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/**
 * Returns the customer's balance in a currency (negative: credit), in its minor unit. `balance` is the one in
 * the customer's own currency; others are known from their transactions only
 * (https://docs.stripe.com/invoicing/multi-currency-customers).
 */
export function balanceIn(world: World, customer: Stripe.Customer | undefined, currency: string): number {
  if (!customer) return 0;
  if ((customer.currency ?? currency) === currency) return customer.balance;
  const rows = world.tables.customerBalanceTransactions.under(customer.id);
  return rows.findLast((row) => row.currency === currency)?.ending_balance ?? 0;
}

/** Returns the fields of a customer that a new balance in a currency changes. */
export function balancePatch(
  customer: Stripe.Customer,
  currency: string,
  balance: number,
): Partial<Stripe.Customer> {
  return (customer.currency ?? currency) === currency ? { balance } : {};
}

/** Returns the credit by currency (positive here), for `expand: ["invoice_credit_balance"]`. */
export function creditBalances(world: World, id: string): Record<string, number> {
  const customer = findCustomer(world, id);
  const rows = world.tables.customerBalanceTransactions.under(id);
  const currencies = new Set([customer.currency ?? "usd", ...rows.map((row) => row.currency)]);
  const balances = [...currencies].map((each) => [each, -balanceIn(world, customer, each)] as const);
  return Object.fromEntries(balances.filter(([, balance]) => balance !== 0));
}
