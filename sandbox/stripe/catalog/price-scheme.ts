import Stripe from "stripe";
import { assertInterval } from "#sandbox/stripe/catalog/price-interval.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { assertTrialDays } from "#sandbox/stripe/protocol/moments.ts";
import {
  decimal,
  either,
  list,
  object,
  oneOf,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const tier = object({
  up_to: required(either(oneOf("inf"), whole())),
  flat_amount: whole(),
  flat_amount_decimal: decimal(),
  unit_amount: whole(),
  unit_amount_decimal: decimal(),
});
/** Price parameters that define how an amount is computed from a quantity. */
export const billingSchemeParams = {
  billing_scheme: oneOf("per_unit", "tiered"),
  tiers: list(tier),
  tiers_mode: oneOf("graduated", "volume"),
  transform_quantity: object({ divide_by: required(whole()), round: required(oneOf("down", "up")) }),
  unit_amount: whole(),
  unit_amount_decimal: decimal(),
};
/** The `recurring` parameter: the billing interval, and licensed or metered usage. */
export const recurringParams = object({
  interval: required(oneOf("day", "week", "month", "year")),
  interval_count: whole(),
  meter: text(),
  trial_period_days: whole(),
  usage_type: oneOf("licensed", "metered"),
});

type BillingSchemeParams = {
  [K in keyof typeof billingSchemeParams]: ReturnType<(typeof billingSchemeParams)[K]>;
};
type BillingScheme = Pick<
  Stripe.Price,
  "billing_scheme" | "tiers_mode" | "transform_quantity" | "unit_amount" | "unit_amount_decimal"
>;

/**
 * Reads the billing scheme of a new price. Tiers are returned separately: Stripe shows them only on `expand`.
 */
export function readBillingScheme(params: BillingSchemeParams): {
  scheme: BillingScheme;
  tiers: Stripe.Price.Tier[];
} {
  const tiers = (params.tiers ?? []).map(readTier);
  if (params.billing_scheme !== "tiered") return { scheme: readPerUnit(params), tiers: [] };
  if (params.tiers_mode === undefined) {
    throw invalid("Missing required param: tiers_mode.", "tiers_mode", "parameter_missing");
  }
  const bounds = tiers.map((row) => row.up_to ?? Number.POSITIVE_INFINITY);
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY) {
    throw invalid("The last tier in `tiers` must be a catch-all tier with `up_to=inf`.", "tiers");
  }
  if (bounds.some((bound, position) => position > 0 && bound <= (bounds[position - 1] ?? 0))) {
    throw invalid("Tiers must be in ascending order of `up_to`.", "tiers");
  }
  const scheme: BillingScheme = {
    billing_scheme: "tiered",
    tiers_mode: params.tiers_mode,
    transform_quantity: null,
    unit_amount: null,
    unit_amount_decimal: null,
  };
  return { scheme, tiers };
}

/** Reads `recurring` of a new price. Throws for a metered price without a meter and for an unknown meter. */
export function readRecurring(
  world: World,
  params: ReturnType<typeof recurringParams>,
): Stripe.Price.Recurring | null {
  if (!params) return null;
  assertInterval(params, "recurring");
  assertTrialDays(params.trial_period_days, "recurring[trial_period_days]");
  const usage = params.usage_type ?? "licensed";
  if (usage === "metered" && params.meter === undefined) {
    throw invalid(
      "You must specify a `meter` when `usage_type` is `metered`.",
      "recurring[meter]",
      "parameter_missing",
    );
  }
  if (usage === "licensed" && params.meter !== undefined) {
    throw invalid("`meter` can only be set when `usage_type` is `metered`.", "recurring[meter]");
  }
  const meter = params.meter === undefined ? null : world.tables.meters.get(params.meter);
  if (meter === undefined || meter?.status === "inactive") {
    throw invalid(`No such meter: '${params.meter}'`, "recurring[meter]", "resource_missing");
  }
  return {
    interval: params.interval,
    interval_count: params.interval_count ?? 1,
    meter: idOrNull(meter),
    trial_period_days: params.trial_period_days ?? null,
    usage_type: usage,
  };
}

/** Reads the amount of a price per unit. */
export function readPerUnit({
  unit_amount: whole,
  unit_amount_decimal: exact,
  ...params
}: Partial<BillingSchemeParams>): BillingScheme {
  if (whole === undefined && exact === undefined) {
    throw invalid("Missing required param: unit_amount.", "unit_amount", "parameter_missing");
  }
  if (whole !== undefined && exact !== undefined) {
    throw invalid(
      "You may only specify one of these parameters: unit_amount, unit_amount_decimal.",
      "unit_amount",
    );
  }
  const amount = exact ?? Stripe.Decimal.from(whole ?? 0);
  if (amount.isNegative())
    throw invalid("Invalid non-negative integer", "unit_amount", "parameter_invalid_integer");
  return {
    billing_scheme: "per_unit",
    tiers_mode: null,
    transform_quantity: params.transform_quantity ?? null,
    unit_amount: integerOrNull(amount),
    unit_amount_decimal: amount,
  };
}

function readTier(params: NonNullable<ReturnType<typeof tier>>): Stripe.Price.Tier {
  const unit = params.unit_amount_decimal ?? toDecimalOrNull(params.unit_amount);
  const flat = params.flat_amount_decimal ?? toDecimalOrNull(params.flat_amount);
  if (unit === null && flat === null) {
    throw invalid("Each tier needs a `unit_amount` or a `flat_amount`.", "tiers");
  }
  return {
    flat_amount: flat && integerOrNull(flat),
    flat_amount_decimal: flat,
    unit_amount: unit && integerOrNull(unit),
    unit_amount_decimal: unit,
    up_to: params.up_to === "inf" ? null : params.up_to,
  };
}

function toDecimalOrNull(amount: number | undefined): Stripe.Decimal | null {
  return amount === undefined ? null : Stripe.Decimal.from(amount);
}

function integerOrNull(amount: Stripe.Decimal): number | null {
  const value = amount.toNumber();
  return Number.isInteger(value) ? value : null;
}
