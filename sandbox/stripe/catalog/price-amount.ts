import Stripe from "stripe";
import type { World } from "#sandbox/stripe/state/world.ts";

/** The cost of a quantity. Graduated pricing produces one charge per tier, other pricing a single charge. */
export type PriceCharge = {
  /** In the currency's minor unit, rounded half up. */
  amount: number;
  quantity: number;
  /** Number of the tier, from 1; null for a price without tiers. */
  tier: number | null;
  /** Price of one unit, in the currency's minor unit or fractions of it. */
  unitAmount: Stripe.Decimal;
  isFlat: boolean;
};

/** Returns the total cost of a quantity, in the currency's minor unit. */
export function amountFor(world: World, price: Stripe.Price, quantity: number): number {
  return chargesFor(world, price, quantity).reduce((sum, charge) => sum + charge.amount, 0);
}

/** Returns the charges for a quantity, in the order an invoice lists them. */
export function chargesFor(world: World, price: Stripe.Price, quantity: number): PriceCharge[] {
  const tiers = price.billing_scheme === "tiered" ? world.tables.priceTiers.get(price.id)?.tiers : undefined;
  if (tiers)
    return price.tiers_mode === "volume" ? volumeCharges(tiers, quantity) : graduatedCharges(tiers, quantity);
  const unitAmount = toDecimal(price.unit_amount_decimal);
  const { transform_quantity: transform } = price;
  const packs = transform === null ? quantity : packageCount(quantity, transform);
  return [{ amount: multiplyRounded(unitAmount, packs), quantity, tier: null, unitAmount, isFlat: false }];
}

function packageCount(quantity: number, { divide_by: size, round }: Stripe.Price.TransformQuantity): number {
  return round === "up" ? Math.ceil(quantity / size) : Math.floor(quantity / size);
}

/** Volume pricing: the tier of the total quantity sets the price of every unit. */
function volumeCharges(tiers: Stripe.Price.Tier[], quantity: number): PriceCharge[] {
  const position = tiers.findIndex(({ up_to: last }) => last === null || quantity <= last);
  const tier = tiers[position];
  return tier ? chargesOfTier(tier, position + 1, quantity) : [];
}

/** Graduated pricing: each unit costs the price of its tier. The first tier is charged even at quantity 0. */
function graduatedCharges(tiers: Stripe.Price.Tier[], quantity: number): PriceCharge[] {
  return tiers.flatMap((tier, position) => {
    const from = tiers[position - 1]?.up_to ?? 0;
    const inTier = Math.max(0, Math.min(quantity, tier.up_to ?? quantity) - from);
    return inTier > 0 || position === 0 ? chargesOfTier(tier, position + 1, inTier) : [];
  });
}

function chargesOfTier(tier: Stripe.Price.Tier, number: number, quantity: number): PriceCharge[] {
  const unitAmount = toDecimal(tier.unit_amount_decimal);
  const flat = toDecimal(tier.flat_amount_decimal);
  const units = {
    amount: multiplyRounded(unitAmount, quantity),
    quantity,
    tier: number,
    unitAmount,
    isFlat: false,
  };
  if (flat.isZero()) return [units];
  const once = {
    amount: multiplyRounded(flat, 1),
    quantity: 1,
    tier: number,
    unitAmount: flat,
    isFlat: true,
  };
  return tier.unit_amount_decimal === null ? [once] : [units, once];
}

/** Decimals restored from the journal are strings, so both forms are accepted. */
function toDecimal(amount: Stripe.Decimal | null): Stripe.Decimal {
  return Stripe.Decimal.from(amount === null ? "0" : String(amount));
}

function multiplyRounded(unit: Stripe.Decimal, quantity: number): number {
  const amount = unit.mul(Stripe.Decimal.from(String(quantity)));
  return amount.round("half-up", { mode: "decimal-places", value: 0 }).toNumber();
}
