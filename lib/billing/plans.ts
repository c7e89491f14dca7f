import { usd } from "#lib/core/money.ts";
import type { Gate } from "#lib/usage/price-list.ts";

export type PlanId = "free" | "pro" | "enterprise";
export type Interval = "month" | "year";

/** A price as our catalogue has it; Stripe's price is found by the lookup key, never by an id. */
export type PlanPrice = { lookupKey: string; cents: number };

export type Plan = {
  id: PlanId;
  name: string;
  /** Who it is for, in a few words. */
  summary: string;
  allowanceMicros: number;
  requestsPerMinute: number;
  /** The models this plan opens; a model names the lowest gate that it needs. */
  gates: Gate[];
  prices: Partial<Record<Interval, PlanPrice>>;
  features: string[];
};

/** What is sold, in one place. `npm run billing:sync` brings Stripe's catalogue to it. */
export const plans: Record<PlanId, Plan> = {
  free: {
    id: "free",
    name: "Free",
    summary: "To find out whether this is for you.",
    allowanceMicros: usd(0.5),
    requestsPerMinute: 60,
    gates: ["free"],
    prices: {},
    features: [
      "$0.50 of credit every month",
      "The everyday models",
      "60 requests a minute",
      "Your own API keys",
    ],
  },
  pro: {
    id: "pro",
    name: "Pro",
    summary: "For work, every day.",
    allowanceMicros: usd(15),
    requestsPerMinute: 60,
    gates: ["free", "pro"],
    prices: {
      month: { lookupKey: "pro_month", cents: 1_900 },
      year: { lookupKey: "pro_year", cents: 19_000 },
    },
    features: [
      "$15 of credit every month",
      "The strongest chat models",
      "60 requests a minute",
      "Your own API keys",
    ],
  },
  enterprise: {
    id: "enterprise",
    name: "Enterprise",
    summary: "For heavy use, and for programs.",
    allowanceMicros: usd(100),
    requestsPerMinute: 600,
    gates: ["free", "pro", "enterprise"],
    prices: {
      month: { lookupKey: "enterprise_month", cents: 9_900 },
      year: { lookupKey: "enterprise_year", cents: 99_000 },
    },
    features: [
      "$100 of credit every month",
      "Every model there is",
      "600 requests a minute",
      "Your own API keys",
    ],
  },
};

/** The plans in the order of their price. */
export const planList: Plan[] = [plans.free, plans.pro, plans.enterprise];

/** What a lookup key stands for in our catalogue. */
export type Offer = { plan: Plan; interval: Interval; price: PlanPrice };

/** Every price that can be bought. */
export const offers: Offer[] = planList.flatMap((plan) =>
  (["month", "year"] as const).flatMap((interval) => {
    const price = plan.prices[interval];
    return price === undefined ? [] : [{ plan, interval, price }];
  }),
);

/** The offer with this lookup key; undefined for a price that our catalogue does not know. */
export function findOffer(lookupKey: string | null): Offer | undefined {
  return offers.find((offer) => offer.price.lookupKey === lookupKey);
}

/** How often an interval is paid for, as people say it. */
export const howOften: Record<Interval, string> = { month: "monthly", year: "yearly" };

/** An offer as a sentence names it ("Pro monthly"). */
export function offerName({ plan, interval }: Offer): string {
  return `${plan.name} ${howOften[interval]}`;
}

/** An offer as a list names it ("Pro, monthly"). */
export function offerTitle({ plan, interval }: Offer): string {
  return `${plan.name}, ${howOften[interval]}`;
}

/** Credit that is bought once, beside a plan or without one (M15). It costs what it gives. */
export type Pack = { price: PlanPrice; creditMicros: number };

/** The packs, smallest first. */
export const packs: Pack[] = [5, 20, 50].map((dollars) => ({
  price: { lookupKey: `top_up_${dollars}`, cents: dollars * 100 },
  creditMicros: usd(dollars),
}));

/** The pack with this lookup key. */
export function findPack(lookupKey: string | null): Pack | undefined {
  return packs.find((pack) => pack.price.lookupKey === lookupKey);
}
