import Stripe from "stripe";
import { callStripe, stripe, stripeErrorOf } from "#lib/gateways/stripe/client.ts";
import { type StripePrice, toPrice } from "#lib/gateways/stripe/objects.ts";

const pageSize = 100;

/** Returns the id of the active meter for an event name; null when there is none. */
export async function findMeter(eventName: string): Promise<string | null> {
  return callStripe(async () => {
    for await (const meter of stripe().billing.meters.list({ status: "active", limit: pageSize }))
      if (meter.event_name === eventName) return meter.id;
    return null;
  });
}

/** Creates a meter that sums the values of an event per customer. @returns its id */
export async function createMeter(meter: { name: string; eventName: string }): Promise<string> {
  const created = await callStripe(() =>
    stripe().billing.meters.create({
      display_name: meter.name,
      event_name: meter.eventName,
      default_aggregation: { formula: "sum" },
      customer_mapping: { type: "by_id", event_payload_key: "stripe_customer_id" },
      value_settings: { event_payload_key: "value" },
    }),
  );
  return created.id;
}

export type MeteredPrice = {
  productId: string;
  lookupKey: string;
  meterId: string;
  interval: "month" | "year";
  /** The price of a unit in cents, with decimals ("0.01"). */
  centsPerUnit: string;
};

/** Returns the active metered price with this lookup key; null when there is none, or when it differs. */
export async function findMeteredPrice(wanted: MeteredPrice): Promise<StripePrice | null> {
  const page = await callStripe(() =>
    stripe().prices.list({ lookup_keys: [wanted.lookupKey], active: true, limit: 1 }),
  );
  const [price] = page.data;
  const isSame =
    price?.recurring?.meter === wanted.meterId &&
    price.recurring.interval === wanted.interval &&
    price.product === wanted.productId &&
    price.unit_amount_decimal !== null &&
    Stripe.Decimal.from(String(price.unit_amount_decimal)).eq(Stripe.Decimal.from(wanted.centsPerUnit));
  return price !== undefined && isSame ? toPrice(price) : null;
}

/** Creates a metered price. It takes over its lookup key from an older price. */
export async function createMeteredPrice(price: MeteredPrice): Promise<void> {
  const { productId, lookupKey, meterId, interval, centsPerUnit } = price;
  await callStripe(() =>
    stripe().prices.create({
      product: productId,
      currency: "usd",
      unit_amount_decimal: Stripe.Decimal.from(centsPerUnit),
      recurring: { interval, usage_type: "metered", meter: meterId },
      lookup_key: lookupKey,
      transfer_lookup_key: true,
      metadata: { lookup_key: lookupKey },
    }),
  );
}

/** Adds a metered item to a subscription. It charges nothing by itself and changes no other item. */
export async function addMeteredItem(subscriptionId: string, priceId: string): Promise<void> {
  await callStripe(() =>
    stripe().subscriptionItems.create({
      subscription: subscriptionId,
      price: priceId,
      proration_behavior: "none",
    }),
  );
}

export type MeterEvent = {
  eventName: string;
  /** Stripe deduplicates by it for a day. */
  identifier: string;
  customerId: string;
  units: number;
  /** Whole seconds; at most 35 days ago. */
  usedAt: Date;
};

/** Sends a meter event. An event that Stripe already has counts as sent. */
export async function sendMeterEvent(event: MeterEvent): Promise<void> {
  const { eventName, identifier, customerId, units, usedAt } = event;
  try {
    await callStripe(() =>
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
    if (isDuplicate(error, identifier)) return;
    throw error;
  }
}

function isDuplicate(error: unknown, identifier: string): boolean {
  const rejection = stripeErrorOf(error);
  return (
    rejection instanceof Stripe.errors.StripeInvalidRequestError &&
    rejection.message.includes("already exists") &&
    rejection.message.includes(identifier)
  );
}
