import type Stripe from "stripe";
import { type PriceData, priceOfData } from "#sandbox/stripe/catalogue/price-data.ts";
import { findPrice } from "#sandbox/stripe/catalogue/prices.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** What names a price: one that exists, or one said in place. */
type Named = {
  price?: string | undefined;
  price_data?: (Partial<PriceData> & Pick<PriceData, "currency">) | undefined;
  quantity?: number | undefined;
};

/**
 * The price of an item that is sold; null when it names none. Throws for one that is archived, unless it is among those
 * that were bought before, and for a quantity of what a meter counts.
 */
export function priceToSell(
  world: World,
  item: Named,
  path: string,
  boughtBefore: string[] = [],
): Stripe.Price | null {
  const { price: id, price_data: data, quantity } = item;
  if (id !== undefined && data !== undefined) {
    throw invalid("You may only specify one of these parameters: price, price_data.", `${path}[price]`);
  }
  if (data !== undefined) return priceOfData(world, data, `${path}[price_data]`);
  if (id === undefined) return null;
  const price = findPrice(world, id, `${path}[price]`);
  if (!price.active && !boughtBefore.includes(price.id)) {
    throw invalid(
      "The price specified is inactive. This field only accepts active prices.",
      `${path}[price]`,
    );
  }
  assertNotCounted(price, quantity, path);
  return price;
}

/** Like `priceToSell`, where an item must name its price. */
export function priceThatMustBe(
  world: World,
  item: Named,
  path: string,
  boughtBefore: string[] = [],
): Stripe.Price {
  const price = priceToSell(world, item, path, boughtBefore);
  if (price) return price;
  throw invalid(`Missing required param: ${path}[price].`, `${path}[price]`, "parameter_missing");
}

/** Throws for a quantity of what a meter counts. */
export function assertNotCounted(price: Stripe.Price, quantity: number | undefined, path: string): void {
  if (quantity === undefined || price.recurring?.usage_type !== "metered") return;
  throw invalid("You cannot set a quantity for a metered price.", `${path}[quantity]`);
}

/** Throws for prices in another currency than what they are sold in. */
export function assertCurrency(price: Stripe.Price, expected: string | undefined, param: string): void {
  if (expected === undefined || price.currency === expected) return;
  throw invalid(
    `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${expected}\`.`,
    param,
  );
}
