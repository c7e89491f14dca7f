import type Stripe from "stripe";
import { balanceIn } from "#sandbox/stripe/customers/credit-balance.ts";
import { applyCustomerBalance } from "#sandbox/stripe/invoices/invoice-object.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/**
 * The charge at Checkout, the change from the customer's balance, and the amount carried to the next invoice.
 */
export type AmountDue = { due: number; fromBalance: number; carried: number };

/** Returns the amount charged when the session completes, in the currency's minor unit. */
export function sessionAmountDue(world: World, session: Stripe.Checkout.Session): number {
  return splitAmountDue(world, session).due;
}

/** Splits the session's total: the customer's balance applies to the first invoice of a subscription. */
export function splitAmountDue(world: World, session: Stripe.Checkout.Session): AmountDue {
  const total = session.amount_total ?? 0;
  if (session.mode !== "subscription") return { due: total, fromBalance: 0, carried: 0 };
  const currency = session.currency ?? "usd";
  const customer = world.tables.customers.get(idOrNull(session.customer) ?? "");
  const balance = balanceIn(world, customer, currency);
  const { due, ending, carried } = applyCustomerBalance(total, balance, currency);
  // An unchanged balance was not applied to this purchase.
  if (ending === balance) return { due, fromBalance: 0, carried: 0 };
  return { due, fromBalance: due + carried - total, carried };
}
