import type Stripe from "stripe";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { isRunning } from "#sandbox/stripe/subscriptions/subscription-object.ts";

/** Throws when the customer has a running or scheduled subscription or a pending item in another currency. */
export function assertSingleCurrency(world: World, customer: string, currency: string): void {
  const other = currenciesInUse(world, customer).find((used) => used !== currency);
  if (other === undefined) return;
  throw invalid(
    `You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency ${other}`,
  );
}

function currenciesInUse(world: World, customer: string): string[] {
  const { subscriptions, subscriptionSchedules, invoiceItems } = world.tables;
  const isTheirs = (row: Stripe.Subscription | Stripe.SubscriptionSchedule) => row.customer === customer;
  const planned = subscriptionSchedules.filter((row) => isTheirs(row) && row.status === "not_started");
  return [
    ...subscriptions.filter((row) => isTheirs(row) && isRunning(row)).map((row) => row.currency),
    ...planned.flatMap((row) => row.phases.map((phase) => phase.currency)),
    ...invoiceItems.under(customer).flatMap((item) => (item.invoice === null ? item.currency : [])),
  ];
}
