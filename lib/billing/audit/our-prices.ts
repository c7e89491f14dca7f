import { type Interval, offers, planList, topUps } from "#lib/billing/catalog/plans.ts";
import { callStripe, stripe } from "#lib/gateways/stripe/client.ts";

/** What one of our prices sells. */
export type OurPrice =
  | { kind: "plan"; plan: string; rank: number; allowanceMicros: number; interval: Interval }
  | { kind: "top_up"; micros: number };

/** Our prices by Stripe's id; every other price belongs to another product. */
export type PricesById = ReadonlyMap<string, OurPrice>;

const catalog = new Map<string, OurPrice>([
  ...offers.map(({ plan, interval, price }): [string, OurPrice] => [
    price.lookupKey,
    {
      ...{ kind: "plan", plan: plan.id, rank: planList.indexOf(plan), interval },
      allowanceMicros: plan.allowanceMicros,
    },
  ]),
  ...topUps.map(({ price, creditMicros }): [string, OurPrice] => [
    price.lookupKey,
    { kind: "top_up", micros: creditMicros },
  ]),
]);

/** Stripe's list accepts ten lookup keys. */
const keysPerCall = 10;

/** Reads the ids of our prices, also archived ones. @throws AppError billing_unavailable */
export async function readPrices(): Promise<PricesById> {
  const found = new Map<string, OurPrice>();
  const keys = [...catalog.keys()];
  while (keys.length > 0) {
    const lookup_keys = keys.splice(0, keysPerCall);
    const page = await callStripe(() => stripe().prices.list({ lookup_keys, limit: 100 }));
    for (const { id, lookup_key: key } of page.data) {
      const ours = catalog.get(key ?? "");
      if (ours !== undefined) found.set(id, ours);
    }
  }
  return found;
}
