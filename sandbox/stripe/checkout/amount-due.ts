import type Stripe from "stripe";
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
  const balance = world.tables.customers.get(idOrNull(session.customer) ?? "")?.balance ?? 0;
  const { due, ending, carried } = applyCustomerBalance(total, balance, session.currency ?? "usd");
  // An unchanged balance was not applied to this purchase.
  if (ending === balance) return { due, fromBalance: 0, carried: 0 };
  return { due, fromBalance: due + carried - total, carried };
}
