import type { Interval } from "#lib/billing/plans.ts";
import { usd } from "#lib/core/money.ts";

/** What one unit of the meter stands for; Stripe's price of a unit is this much (M16). */
export const unitMicros = 100;

/** The meter that counts what is used beyond credit, and what events to it are called. */
export const overageMeter = { name: "Use beyond credit", eventName: "parley_overage" };

/** The price of a unit, by the interval of the plan it stands beside: the items of a subscription are billed together. */
export const overagePrices: Record<Interval, string> = { month: "overage_month", year: "overage_year" };

const overageKeys = new Set(Object.values(overagePrices));

/** Whether a lookup key is that of a price of use, and so of no plan. */
export function isOverageKey(lookupKey: string | null): boolean {
  return lookupKey !== null && overageKeys.has(lookupKey);
}

/** What a customer may choose as the most that is used beyond credit in a period, and what is proposed. */
export const capBounds = { leastMicros: usd(1), mostMicros: usd(1_000), proposedMicros: usd(20) };
