import type Stripe from "stripe";
import { settleBalance } from "#sandbox/stripe/invoices/invoice-object.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** What is charged now, what the customer's balance pays or adds, and what is too little and waits for the next invoice. */
export type DueToday = { due: number; fromBalance: number; carried: number };

/** What is charged now. */
export function dueToday(world: World, session: Stripe.Checkout.Session): number {
  return settleToday(world, session).due;
}

/** How what is charged now comes about: the customer's balance is set against a subscription's first invoice. */
export function settleToday(world: World, session: Stripe.Checkout.Session): DueToday {
  const total = session.amount_total ?? 0;
  if (session.mode !== "subscription") return { due: total, fromBalance: 0, carried: 0 };
  const balance = world.tables.customers.get(idOrNull(session.customer) ?? "")?.balance ?? 0;
  const { due, ending, carried } = settleBalance(total, balance, session.currency ?? "usd");
  // What was owed before and stays owed has no part in this purchase.
  if (ending === balance) return { due, fromBalance: 0, carried: 0 };
  return { due, fromBalance: due + carried - total, carried };
}
