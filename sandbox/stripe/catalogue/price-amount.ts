import Stripe from "stripe";
import type { World } from "#sandbox/stripe/state/world.ts";

/** What a quantity of a price comes to. Graduated tiers give one charge each, everything else gives one in all. */
export type PriceCharge = {
  /** In the currency's smallest unit, rounded half up. */
  amount: number;
  quantity: number;
  /** Which tier it is of, counted from 1; null for a price without tiers. */
  tier: number | null;
  /** The price of one unit, in the smallest unit of the currency and fractions of it. */
  unitAmount: Stripe.Decimal;
  isFlat: boolean;
};

/** The whole amount a quantity of a price comes to. */
export function amountFor(world: World, price: Stripe.Price, quantity: number): number {
  return chargesFor(world, price, quantity).reduce((sum, charge) => sum + charge.amount, 0);
}

/** The charges a quantity of a price is made of, in the order an invoice shows them. */
export function chargesFor(world: World, price: Stripe.Price, quantity: number): PriceCharge[] {
  const tiers = price.billing_scheme === "tiered" ? world.tables.priceTiers.get(price.id)?.tiers : undefined;
  if (tiers) return price.tiers_mode === "volume" ? volume(tiers, quantity) : graduated(tiers, quantity);
  const unitAmount = exact(price.unit_amount_decimal);
  const { transform_quantity: transform } = price;
  const packs = transform === null ? quantity : inPacks(quantity, transform);
  return [{ amount: times(unitAmount, packs), quantity, tier: null, unitAmount, isFlat: false }];
}

function inPacks(quantity: number, { divide_by: size, round }: Stripe.Price.TransformQuantity): number {
  return round === "up" ? Math.ceil(quantity / size) : Math.floor(quantity / size);
}

/** Every unit costs what the tier that the whole quantity falls into says. */
function volume(tiers: Stripe.Price.Tier[], quantity: number): PriceCharge[] {
  const position = tiers.findIndex(({ up_to: last }) => last === null || quantity <= last);
  const tier = tiers[position];
  return tier ? chargesOfTier(tier, position + 1, quantity) : [];
}

/** Each unit costs what the tier it falls into says. The first tier is charged even when nothing was used. */
function graduated(tiers: Stripe.Price.Tier[], quantity: number): PriceCharge[] {
  return tiers.flatMap((tier, position) => {
    const from = tiers[position - 1]?.up_to ?? 0;
    const inTier = Math.max(0, Math.min(quantity, tier.up_to ?? quantity) - from);
    return inTier > 0 || position === 0 ? chargesOfTier(tier, position + 1, inTier) : [];
  });
}

function chargesOfTier(tier: Stripe.Price.Tier, number: number, quantity: number): PriceCharge[] {
  const unitAmount = exact(tier.unit_amount_decimal);
  const flat = exact(tier.flat_amount_decimal);
  const units = { amount: times(unitAmount, quantity), quantity, tier: number, unitAmount, isFlat: false };
  if (flat.isZero()) return [units];
  const once = { amount: times(flat, 1), quantity: 1, tier: number, unitAmount: flat, isFlat: true };
  return tier.unit_amount_decimal === null ? [once] : [units, once];
}

/** Decimals come back from the journal as strings; both read the same. */
function exact(amount: Stripe.Decimal | null): Stripe.Decimal {
  return Stripe.Decimal.from(amount === null ? "0" : String(amount));
}

function times(unit: Stripe.Decimal, quantity: number): number {
  const amount = unit.mul(Stripe.Decimal.from(String(quantity)));
  return amount.round("half-up", { mode: "decimal-places", value: 0 }).toNumber();
}
