import { usd } from "#lib/core/money.ts";
import type { Gate } from "#lib/usage/price-list.ts";

export type Interval = "month" | "year";

/** A price of our catalog. Stripe's price is looked up by the lookup key, never by an id. */
export type PlanPrice = { lookupKey: string; cents: number };

type PlanDefinition = {
  name: string;
  allowanceMicros: number;
  requestsPerMinute: number;
  /** How many bytes the files of a workspace's chats may have together. */
  storageBytes: number;
  /**
   * The gate that this plan opens, besides those of all lower plans. A model names the gate that it needs.
   */
  gate: Gate;
  /** Monthly and yearly price in cents; null for a plan that is not sold. */
  centsPer: Record<Interval, number> | null;
  /** Whether the pricing page highlights the plan; at most one. */
  isHighlighted: boolean;
};

const mebibyte = 1_048_576;

/**
 * The plans, lowest first: the only place to change for a new plan. Order, gates, lookup keys and
 * Stripe's products derive from it; its texts are in the message files `plans`. `npm run billing:sync` writes
 * the products and prices to Stripe.
 */
const definitions = {
  free: {
    name: "Free",
    allowanceMicros: usd(0.5),
    requestsPerMinute: 60,
    storageBytes: 100 * mebibyte,
    gate: "free",
    centsPer: null,
    isHighlighted: false,
  },
  pro: {
    name: "Pro",
    allowanceMicros: usd(15),
    requestsPerMinute: 60,
    storageBytes: 2_048 * mebibyte,
    gate: "pro",
    centsPer: { month: 1_900, year: 19_000 },
    isHighlighted: true,
  },
  enterprise: {
    name: "Enterprise",
    allowanceMicros: usd(100),
    requestsPerMinute: 600,
    storageBytes: 20_480 * mebibyte,
    gate: "enterprise",
    centsPer: { month: 9_900, year: 99_000 },
    isHighlighted: false,
  },
} as const satisfies Record<string, PlanDefinition>;

export type PlanId = keyof typeof definitions;

export type Plan = {
  id: PlanId;
  name: string;
  /** The credit of one month, in micro-USD. */
  allowanceMicros: number;
  requestsPerMinute: number;
  storageBytes: number;
  /** The gates that this plan opens, its own last. */
  gates: Gate[];
  prices: Partial<Record<Interval, PlanPrice>>;
  /** Whether the plan is sold. */
  isPaid: boolean;
  isHighlighted: boolean;
};

const intervals: readonly Interval[] = ["month", "year"];

/** The plans, lowest first. */
export const planList: Plan[] = toPlans();

/** The plans by id. */
// Object.fromEntries widens the keys; the list has every id.
export const plans = Object.fromEntries(planList.map((plan) => [plan.id, plan])) as Record<PlanId, Plan>;

function toPlans(): Plan[] {
  // Object.entries widens the keys.
  const entries = Object.entries(definitions) as [PlanId, PlanDefinition][];
  return entries.map(([id, definition], index) => {
    const { name, allowanceMicros, requestsPerMinute, storageBytes, centsPer, isHighlighted } = definition;
    return {
      ...{
        id,
        name,
        allowanceMicros,
        requestsPerMinute,
        storageBytes,
        isHighlighted,
        isPaid: centsPer !== null,
      },
      gates: entries.slice(0, index + 1).map(([, { gate }]) => gate),
      prices: centsPer === null ? {} : toPrices(id, centsPer),
    };
  });
}

function toPrices(id: PlanId, centsPer: Record<Interval, number>): Plan["prices"] {
  return Object.fromEntries(
    intervals.map((interval) => [interval, { lookupKey: `${id}_${interval}`, cents: centsPer[interval] }]),
  );
}

/**
 * Returns the lowest plan that opens a gate.
 * @throws Error for a gate that no plan opens; the start of a process rejects such models
 */
export function lowestPlanWith(gate: Gate): Plan {
  const plan = planList.find(({ gates }) => gates.includes(gate));
  if (plan === undefined) throw new Error(`No plan opens the gate "${gate}".`);
  return plan;
}

/** A plan at one interval, and its price. */
export type Offer = { plan: Plan; interval: Interval; price: PlanPrice };

/** Every plan price that can be bought. */
export const offers: Offer[] = planList.flatMap((plan) =>
  intervals.flatMap((interval) => {
    const price = plan.prices[interval];
    return price === undefined ? [] : [{ plan, interval, price }];
  }),
);

/** Returns the offer with a lookup key; undefined for a price that our catalog does not have. */
export function findOffer(lookupKey: string | null): Offer | undefined {
  return offers.find((offer) => offer.price.lookupKey === lookupKey);
}

/**
 * Returns the position of a price's plan among the plans, higher for a higher plan; -1 for a price of no
 * plan.
 */
export function planRank(lookupKey: string | null): number {
  const plan = findOffer(lookupKey)?.plan;
  return plan === undefined ? -1 : planList.indexOf(plan);
}

/** How often an interval is paid, as an adverb. */
export const intervalAdverbs: Record<Interval, string> = { month: "monthly", year: "yearly" };

/** Formats an offer within a sentence ("Pro monthly"). */
export function offerName({ plan, interval }: Offer): string {
  return `${plan.name} ${intervalAdverbs[interval]}`;
}

/** Formats an offer as a list entry ("Pro, monthly"). */
export function offerTitle({ plan, interval }: Offer): string {
  return `${plan.name}, ${intervalAdverbs[interval]}`;
}

/** Credit that is bought once, with or without a plan (M15). It costs as much as it grants. */
export type TopUp = { price: PlanPrice; creditMicros: number };

/** The top-ups, smallest first. */
export const topUps: TopUp[] = [5, 20, 50].map((dollars) => ({
  price: { lookupKey: `top_up_${dollars}`, cents: dollars * 100 },
  creditMicros: usd(dollars),
}));

/** Returns the top-up with a lookup key; undefined for any other price. */
export function findTopUp(lookupKey: string | null): TopUp | undefined {
  return topUps.find((topUp) => topUp.price.lookupKey === lookupKey);
}
