import type Stripe from "stripe";
import { createInlinePrice, type PriceData } from "#sandbox/stripe/catalog/inline-price.ts";
import { findPrice } from "#sandbox/stripe/catalog/prices.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** A reference to a price: the id of an existing price, or `price_data` of a new one. */
type PriceReference = {
  price?: string | undefined;
  price_data?: (Partial<PriceData> & Pick<PriceData, "currency">) | undefined;
  quantity?: number | undefined;
};

/**
 * Returns the price of a sold item, or null when it references none. Throws for an archived price that is not
 * in `alreadyPurchased`, and for a quantity of a metered price.
 */
export function resolvePrice(
  world: World,
  item: PriceReference,
  path: string,
  alreadyPurchased: string[] = [],
): Stripe.Price | null {
  const { price: id, price_data: data, quantity } = item;
  if (id !== undefined && data !== undefined) {
    throw invalid("You may only specify one of these parameters: price, price_data.", `${path}[price]`);
  }
  if (data !== undefined) return createInlinePrice(world, data, `${path}[price_data]`);
  if (id === undefined) return null;
  const price = findPrice(world, id, `${path}[price]`);
  if (!price.active && !alreadyPurchased.includes(price.id)) {
    throw invalid(
      "The price specified is inactive. This field only accepts active prices.",
      `${path}[price]`,
    );
  }
  assertNoMeteredQuantity(price, quantity, path);
  return price;
}

/** Like `resolvePrice`, but throws when the item references no price. */
export function requirePrice(
  world: World,
  item: PriceReference,
  path: string,
  alreadyPurchased: string[] = [],
): Stripe.Price {
  const price = resolvePrice(world, item, path, alreadyPurchased);
  if (price) return price;
  throw invalid(`Missing required param: ${path}[price].`, `${path}[price]`, "parameter_missing");
}

/** Throws when a quantity is given for a metered price. */
export function assertNoMeteredQuantity(
  price: Stripe.Price,
  quantity: number | undefined,
  path: string,
): void {
  if (quantity === undefined || price.recurring?.usage_type !== "metered") return;
  throw invalid("You cannot set a quantity for a metered price.", `${path}[quantity]`);
}

/** Throws when the price's currency differs from the expected one. */
export function assertCurrency(price: Stripe.Price, expected: string | undefined, param: string): void {
  if (expected === undefined || price.currency === expected) return;
  throw invalid(
    `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${expected}\`.`,
    param,
  );
}
