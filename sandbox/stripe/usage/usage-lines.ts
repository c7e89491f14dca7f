import type Stripe from "stripe";
import { chargesFor } from "#sandbox/stripe/catalogue/price-amount.ts";
import { chargePart, isBilledAhead, type LinePart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { usageBetween } from "#sandbox/stripe/usage/meter-usage.ts";

/**
 * The lines for what was used in the subscription's period up to a moment, one charge a tier. What was used during a
 * trial is free.
 */
export function usageParts(world: World, subscription: Stripe.Subscription, until: number): LinePart[] {
  if (subscription.status === "trialing") return [];
  const metered = subscription.items.data.filter((item) => !isBilledAhead(item));
  return metered.flatMap((item) => usagePartsOf(world, subscription, item, until));
}

/** The lines for what was used of one item in its period up to a moment. */
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
  // More taken back than used comes to nothing, not to a credit.
  return chargesFor(world, item.price, Math.max(0, used)).map((charge) => ({
    ...chargePart(world, subscription, item, charge),
    period: { start, end: until },
  }));
}
