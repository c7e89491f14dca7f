import type Stripe from "stripe";
import { findInvoiceIntent } from "#sandbox/stripe/invoices/invoice-intent.ts";
import type { Includable } from "#sandbox/stripe/protocol/expand.ts";
import { isBefore } from "#sandbox/stripe/protocol/versions/known-versions.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { buildPlan } from "#sandbox/stripe/subscriptions/subscription-object.ts";

type Fields = Record<string, unknown>;

/** The fields that objects had before basil (2025-03-31), by object type and field. */
const beforeBasil: Includable = {
  subscription: {
    current_period_end: (world, id) => firstItem(world, id)?.current_period_end,
    current_period_start: (world, id) => firstItem(world, id)?.current_period_start,
    discount: (world, id) => idOrNull(world.tables.subscriptions.get(id)?.discounts[0]),
    plan: (world, id) => firstItem(world, id)?.plan ?? null,
    quantity: (world, id) => firstItem(world, id)?.quantity ?? null,
  },
  invoice: {
    charge: (world, id) => idOrNull(findInvoiceIntent(world, id)?.latest_charge),
    discount: (world, id) => idOrNull(world.tables.invoices.get(id)?.discounts[0]),
    paid: (world, id) => world.tables.invoices.get(id)?.status === "paid",
    payment_intent: (world, id) => findInvoiceIntent(world, id)?.id ?? null,
    subscription: (world, id) => subscriptionOf(world.tables.invoices.get(id)),
    tax: () => null,
    total_tax_amounts: () => [],
  },
  charge: {
    invoice: (world, id) => invoiceOf(world, idOrNull(world.tables.charges.get(id)?.payment_intent)),
  },
  payment_intent: { invoice: (world, id) => invoiceOf(world, id) },
};
/** The fields that objects had before clover (2025-09-30). */
const beforeClover: Includable = {
  discount: { coupon: (world, id) => couponOf(world, world.tables.discounts.get(id)?.source.coupon) },
  promotion_code: {
    coupon: (world, id) => couponOf(world, world.tables.promotionCodes.get(id)?.promotion.coupon),
  },
};

/** Fields of an older version, which can be expanded like the fields of the current one. */
export function olderFields(version: string | undefined): Includable {
  return {
    ...(isBefore(version, "2025-03-31") ? beforeBasil : {}),
    ...(isBefore(version, "2025-09-30") ? beforeClover : {}),
  };
}

/** Adds the fields of an older version to every object of a response; its other fields stay. */
export function toOlderShape(world: World, answer: unknown, version: string | undefined): unknown {
  const older = olderFields(version);
  if (Object.keys(older).length === 0) return answer;
  const isOldLine = isBefore(version, "2025-03-31");
  const reshape = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reshape);
    // Decimals and dates render themselves.
    if (typeof value !== "object" || value === null || "toJSON" in value) return value;
    const fields: Fields = Object.fromEntries(
      Object.entries(value).map(([name, child]) => [name, reshape(child)]),
    );
    for (const [name, load] of Object.entries(older[String(fields.object)] ?? {})) {
      if (fields[name] === undefined) fields[name] = load(world, String(fields.id));
    }
    return isOldLine && (fields.object === "line_item" || fields.object === "invoiceitem")
      ? { ...olderLine(world, fields), ...fields }
      : fields;
  };
  return reshape(answer);
}

function olderLine(world: World, fields: Fields): Fields {
  const at = (value: unknown, ...path: string[]): unknown =>
    path.reduce<unknown>((found, key) => (isFields(found) ? found[key] : undefined), value);
  const details =
    at(fields, "parent", "subscription_item_details") ?? at(fields, "parent", "invoice_item_details");
  const price = world.tables.prices.get(String(at(fields, "pricing", "price_details", "price")));
  const item = at(details, "subscription_item");
  return {
    plan: price?.recurring ? buildPlan(price) : null,
    price: price ?? null,
    proration: at(details, "proration") ?? false,
    subscription:
      at(details, "subscription") ?? at(fields, "parent", "subscription_details", "subscription") ?? null,
    ...(item === undefined ? {} : { subscription_item: item }),
    type: item === undefined ? "invoiceitem" : "subscription",
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function firstItem(world: World, subscription: string): Stripe.SubscriptionItem | undefined {
  return world.tables.subscriptions.get(subscription)?.items.data[0];
}

function subscriptionOf(invoice: Stripe.Invoice | undefined): string | null {
  return idOrNull(invoice?.parent?.subscription_details?.subscription);
}

function invoiceOf(world: World, intent: string | null): string | null {
  const [payment] = world.tables.invoicePayments.filter((row) => row.payment.payment_intent === intent);
  return intent !== null && payment ? idOf(payment.invoice) : null;
}

function couponOf(world: World, coupon: string | Stripe.Coupon | null | undefined): unknown {
  return world.tables.coupons.get(idOrNull(coupon) ?? "") ?? null;
}
