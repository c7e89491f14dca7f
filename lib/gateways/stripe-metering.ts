import Stripe from "stripe";
import { ask, stripe, stripeErrorOf } from "#lib/gateways/stripe-client.ts";
import { priceOf, type StripePrice } from "#lib/gateways/stripe-objects.ts";

const pageSize = 100;

/** The active meter that counts events of a name; null when there is none. @returns its id */
export async function findMeter(eventName: string): Promise<string | null> {
  return ask(async () => {
    for await (const meter of stripe().billing.meters.list({ status: "active", limit: pageSize }))
      if (meter.event_name === eventName) return meter.id;
    return null;
  });
}

/** Makes a meter that adds up what events of a name say of a customer. @returns its id */
export async function createMeter(meter: { name: string; eventName: string }): Promise<string> {
  const made = await ask(() =>
    stripe().billing.meters.create({
      display_name: meter.name,
      event_name: meter.eventName,
      default_aggregation: { formula: "sum" },
      customer_mapping: { type: "by_id", event_payload_key: "stripe_customer_id" },
      value_settings: { event_payload_key: "value" },
    }),
  );
  return made.id;
}

export type MeteredPrice = {
  productId: string;
  lookupKey: string;
  meterId: string;
  interval: "month" | "year";
  /** What a unit costs, in cents and fractions of them ("0.01"). */
  centsAUnit: string;
};

/** The active price of use that holds a lookup key; null when there is none that is as wished. */
export async function findMeteredPrice(wish: MeteredPrice): Promise<StripePrice | null> {
  const page = await ask(() =>
    stripe().prices.list({ lookup_keys: [wish.lookupKey], active: true, limit: 1 }),
  );
  const [price] = page.data;
  const fits =
    price?.recurring?.meter === wish.meterId &&
    price.recurring.interval === wish.interval &&
    price.product === wish.productId &&
    price.unit_amount_decimal !== null &&
    Stripe.Decimal.from(String(price.unit_amount_decimal)).eq(Stripe.Decimal.from(wish.centsAUnit));
  return price !== undefined && fits ? priceOf(price) : null;
}

/** Makes a price of use that takes over its lookup key from an older one. */
export async function createMeteredPrice(price: MeteredPrice): Promise<void> {
  const { productId, lookupKey, meterId, interval, centsAUnit } = price;
  await ask(() =>
    stripe().prices.create({
      product: productId,
      currency: "usd",
      unit_amount_decimal: Stripe.Decimal.from(centsAUnit),
      recurring: { interval, usage_type: "metered", meter: meterId },
      lookup_key: lookupKey,
      transfer_lookup_key: true,
      metadata: { lookup_key: lookupKey },
    }),
  );
}

/** Puts a price of use beside a subscription's plan: nothing is charged for it, and nothing changes but that. */
export async function addMeteredItem(subscriptionId: string, priceId: string): Promise<void> {
  await ask(() =>
    stripe().subscriptionItems.create({
      subscription: subscriptionId,
      price: priceId,
      proration_behavior: "none",
    }),
  );
}

export type MeterEvent = {
  eventName: string;
  /** By which Stripe knows a repetition, for a day. */
  identifier: string;
  customerId: string;
  units: number;
  /** Whole seconds; at most 35 days ago. */
  usedAt: Date;
};

/** Tells Stripe of use. An event that it has already is a success. */
export async function sendMeterEvent(event: MeterEvent): Promise<void> {
  const { eventName, identifier, customerId, units, usedAt } = event;
  try {
    await ask(() =>
      stripe().billing.meterEvents.create(
        {
          event_name: eventName,
          identifier,
          payload: { stripe_customer_id: customerId, value: String(units) },
          timestamp: Math.floor(usedAt.getTime() / 1_000),
        },
        { idempotencyKey: identifier },
      ),
    );
  } catch (error) {
    if (isKnownAlready(error, identifier)) return;
    throw error;
  }
}

function isKnownAlready(error: unknown, identifier: string): boolean {
  const said = stripeErrorOf(error);
  return (
    said instanceof Stripe.errors.StripeInvalidRequestError &&
    said.message.includes("already exists") &&
    said.message.includes(identifier)
  );
}
