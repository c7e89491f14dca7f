import type Stripe from "stripe";
import { findOrder } from "#sandbox/stripe/checkout/find-session.ts";
import { replaceOrder } from "#sandbox/stripe/checkout/session-discount.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { CheckoutOrder } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/**
 * Changes the quantities that the buyer may change and adds or removes optional items. `quantities` maps line
 * ids and prices of optional items to numbers. Returns the message for the buyer on failure, or null.
 */
export function adjustOrder(
  world: World,
  session: Stripe.Checkout.Session,
  quantities: Map<string, number>,
): string | null {
  const order = findOrder(world, session.id);
  const optional = session.optional_items ?? [];
  const isOptional = (price: string) => optional.some((item) => item.price === price);
  const kept = order.lines
    .filter((line) => !isOptional(line.price))
    .map((line) => ({ ...line, quantity: withinBounds(line, quantities.get(line.id)) }));
  const added = optional.flatMap((item): CheckoutOrder["lines"] => {
    const quantity = quantities.get(item.price) ?? 0;
    if (quantity === 0) return [];
    const adjustable = item.adjustable_quantity;
    const existing = order.lines.find((line) => line.price === item.price);
    const id = existing?.id ?? newStripeId("li");
    const line = { id, price: item.price, quantity: item.quantity, adjustable };
    return [{ ...line, quantity: withinBounds(line, quantity) }];
  });
  const lines = [...kept, ...added].filter(({ quantity }) => quantity > 0);
  if (lines.length === 0) return "Choose at least one item.";
  return replaceOrder(world, session, { ...order, lines });
}

function withinBounds(
  { adjustable, quantity }: Pick<CheckoutOrder["lines"][number], "adjustable" | "quantity">,
  wanted: number | undefined,
): number {
  if (!adjustable || wanted === undefined || !Number.isInteger(wanted)) return quantity;
  return Math.min(adjustable.maximum ?? 99, Math.max(adjustable.minimum ?? 0, wanted));
}
