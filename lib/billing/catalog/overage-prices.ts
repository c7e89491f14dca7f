import type { Interval } from "#lib/billing/catalog/plans.ts";
import { usd } from "#lib/core/money.ts";

/** The value of one meter unit, and Stripe's price of it (M16). */
export const unitMicros = 100;

/** The meter that counts overage, and the name of its events. */
export const overageMeter = { name: "Use beyond credit", eventName: "parley_overage" };

/**
 * The lookup key of a unit's price by the plan's interval: Stripe bills all items of a subscription together.
 */
export const overagePrices: Record<Interval, string> = { month: "overage_month", year: "overage_year" };

const overageKeys = new Set(Object.values(overagePrices));

/** Whether a lookup key is that of an overage price, and so of no plan. */
export function isOverageKey(lookupKey: string | null): boolean {
  return lookupKey !== null && overageKeys.has(lookupKey);
}

/** The bounds and the default of a customer's overage cap per period. */
export const capLimits = { minMicros: usd(1), maxMicros: usd(1_000), defaultMicros: usd(20) };
