import type Stripe from "stripe";
import { chargesFor } from "#sandbox/stripe/catalog/price-amount.ts";
import { isBilledInAdvance, type LinePart, toChargePart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { usageBetween } from "#sandbox/stripe/usage/meter-usage.ts";

/**
 * Invoice lines for a subscription's usage in its period up to a timestamp, one per tier. Usage during a
 * trial is free.
 */
export function usageParts(world: World, subscription: Stripe.Subscription, until: number): LinePart[] {
  if (subscription.status === "trialing") return [];
  const metered = subscription.items.data.filter((item) => !isBilledInAdvance(item));
  return metered.flatMap((item) => usagePartsOf(world, subscription, item, until));
}

/** Invoice lines for one item's usage in its period up to a timestamp. */
export function usagePartsOf(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  until: number,
): LinePart[] {
  const meter = world.tables.meters.get(item.price.recurring?.meter ?? "");
  if (!meter) return [];
  const since = world.tables.countingSince.get(item.id)?.at ?? item.created;
  const start = Math.max(item.current_period_start, since);
  const used = usageBetween(world, meter, idOf(subscription.customer), start, until);
  // Negative usage bills nothing; it does not create a credit.
  return chargesFor(world, item.price, Math.max(0, used)).map((charge) => ({
    ...toChargePart(world, subscription, item, charge),
    period: { start, end: until },
  }));
}
