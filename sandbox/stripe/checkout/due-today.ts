import type Stripe from "stripe";
import { settleBalance } from "#sandbox/stripe/invoices/invoice-object.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** What is charged now: a subscription's first invoice is less by what the customer's credit balance pays of it. */
export function dueToday(world: World, session: Stripe.Checkout.Session): number {
  const total = session.amount_total ?? 0;
  if (session.mode !== "subscription") return total;
  const customer = world.tables.customers.get(idOrNull(session.customer) ?? "");
  return settleBalance(total, customer?.balance ?? 0).due;
}
