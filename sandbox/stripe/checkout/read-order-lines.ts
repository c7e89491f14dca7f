import type Stripe from "stripe";
import { assertCurrency, requirePrice } from "#sandbox/stripe/catalog/resolve-price.ts";
import { toAdjustable } from "#sandbox/stripe/checkout/session-options.ts";
import type { SessionParams } from "#sandbox/stripe/checkout/session-params.ts";
import { assertSingleCurrency } from "#sandbox/stripe/customers/assert-single-currency.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { CheckoutOrder } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { assertDistinct, assertOneRhythm } from "#sandbox/stripe/subscriptions/item-rules.ts";

/** Reads the session's line items. Throws when a price does not fit the mode or the other prices. */
export function readOrderLines(world: World, params: SessionParams): CheckoutOrder["lines"] {
  const lines = params.line_items ?? [];
  const prices = lines.map((line, position) => readPrice(world, line, `line_items[${position}]`));
  if (params.mode === "subscription") assertSubscribable(world, params, prices);
  for (const [position, item] of (params.optional_items ?? []).entries()) {
    assertCurrency(
      requirePrice(world, item, `optional_items[${position}]`),
      prices[0]?.currency,
      "optional_items",
    );
  }
  for (const [position, price] of prices.entries()) {
    const param = `line_items[${position}][price]`;
    assertCurrency(price, params.currency ?? prices[0]?.currency, param);
    if (params.mode !== "payment" || !price.recurring) continue;
    throw invalid(
      "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.",
    );
  }
  return prices.map(({ id }, position) => ({
    id: newStripeId("li"),
    price: id,
    quantity: lines[position]?.quantity ?? 1,
    adjustable: toAdjustable(lines[position]?.adjustable_quantity),
  }));
}

function readPrice(
  world: World,
  line: NonNullable<SessionParams["line_items"]>[number],
  path: string,
): Stripe.Price {
  if (line.quantity === 0) {
    const param = `${path}[quantity]`;
    throw invalid("This value must be greater than or equal to 1.", param, "parameter_invalid_integer");
  }
  return requirePrice(world, line, path);
}

function assertSubscribable(world: World, params: SessionParams, prices: Stripe.Price[]): void {
  const recurring = prices.filter((price) => price.recurring);
  const [first] = recurring;
  if (prices.length > 0 && !first) {
    throw invalid("You must provide at least one recurring price in `subscription` mode when using prices.");
  }
  assertDistinct(recurring, "line_items");
  assertOneRhythm(recurring, "line_items");
  if (params.customer !== undefined && first) assertSingleCurrency(world, params.customer, first.currency);
}
