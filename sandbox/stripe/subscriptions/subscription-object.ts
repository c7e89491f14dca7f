import type Stripe from "stripe";
import { findPrice } from "#sandbox/stripe/catalog/prices.ts";
import type { DiscountRequest } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { assertTogether } from "#sandbox/stripe/subscriptions/item-rules.ts";
import { type Interval, periodAround } from "#sandbox/stripe/subscriptions/periods.ts";

export type ItemInput = {
  price: string;
  quantity: number | null;
  metadata?: Record<string, string>;
  discounts?: DiscountRequest[];
};
export type SubscriptionInput = {
  customer: string;
  items: ItemInput[];
  metadata: Record<string, string>;
  description: string | null;
  defaultPaymentMethod: string | null;
  trialEnd: number | null;
  missingPaymentMethod: "cancel" | "create_invoice" | "pause";
  cancelAtPeriodEnd: boolean;
  cancelAt: number | PeriodEdge | null;
  /** Days until a sent invoice is due; null if the card is charged. */
  daysUntilDue?: number | null;
  saveDefaultMethod?: "off" | "on_subscription";
  discounts?: DiscountRequest[];
  /** Whether the discounts were validated before the payment. */
  areDiscountsValidated?: boolean;
  /** Whether it is active before its first invoice is paid, as with schedules. */
  isActiveAtOnce?: boolean;
  automaticTax?: boolean;
  paymentMethodTypes?: string[] | null;
  /** The first full billing date in seconds; by default the start, or the end of the trial. */
  billingCycleAnchor?: number | null;
  /** The earlier start date of a backdated subscription, in seconds. */
  startDate?: number;
};
/** Names of the period end. All items end together here, so all names mean the same time. */
export type PeriodEdge = "min_period_end" | "max_period_end" | "max_billed_until";

/** Whether a subscription is neither canceled nor incomplete_expired. */
export function isRunning(subscription: Stripe.Subscription): boolean {
  return subscription.status !== "canceled" && subscription.status !== "incomplete_expired";
}

/** The billing interval of a subscription, which all items share here. */
export function intervalOf(subscription: Stripe.Subscription): Interval {
  const recurring = subscription.items.data[0]?.price.recurring;
  if (!recurring) throw new Error(`${subscription.id} has no recurring item`);
  return recurring;
}

/** The current period of a subscription. */
export function periodOf(subscription: Stripe.Subscription): { start: number; end: number } {
  const item = subscription.items.data[0];
  if (!item) throw new Error(`${subscription.id} has no item`);
  return { start: item.current_period_start, end: item.current_period_end };
}

/** Builds a new subscription: trialing, or incomplete until its first invoice is paid. */
export function buildSubscription(world: World, input: SubscriptionInput, at: number): Stripe.Subscription {
  const id = newStripeId("sub");
  const prices = input.items.map((item) => findPrice(world, item.price, "items[0][price]"));
  const first = prices[0];
  if (!first) throw invalid("Missing required param: items.", "items", "parameter_missing");
  const isTrial = input.trialEnd !== null && input.trialEnd > at;
  const trialEnd = isTrial ? input.trialEnd : null;
  const anchor = input.billingCycleAnchor ?? trialEnd ?? at;
  const startDate = input.startDate ?? at;
  const natural = periodAround(anchor, recurringOf(first), at);
  const period = trialEnd
    ? { start: at, end: trialEnd }
    : { start: Math.max(startDate, natural.start), end: natural.end };
  const items = input.items.map((item, index) => {
    const price = prices[index] ?? first;
    return buildItem(id, price, item.quantity, period, at, item.metadata ?? {});
  });
  assertTogether(items);
  const atEdge = input.cancelAtPeriodEnd || typeof input.cancelAt === "string";
  const cancelAt = atEdge ? period.end : Number(input.cancelAt) || null;
  const daysUntilDue = input.daysUntilDue ?? null;
  // With sent invoices, the first payment is not required to start.
  const isActiveAtOnce = daysUntilDue !== null || input.isActiveAtOnce === true;
  return {
    id,
    object: "subscription",
    application: null,
    application_fee_percent: null,
    automatic_tax: automaticTax(input.automaticTax === true),
    billing_cycle_anchor: anchor,
    billing_cycle_anchor_config: null,
    billing_mode: { type: "flexible", flexible: { proration_discounts: "included" }, updated_at: at },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: cancelAt,
    cancel_at_period_end: input.cancelAtPeriodEnd,
    canceled_at: cancelAt === null ? null : at,
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      reason: cancelAt === null ? null : "cancellation_requested",
    },
    collection_method: daysUntilDue === null ? "charge_automatically" : "send_invoice",
    created: at,
    currency: first.currency,
    customer: input.customer,
    customer_account: null,
    days_until_due: daysUntilDue,
    default_payment_method: input.defaultPaymentMethod,
    default_source: null,
    default_tax_rates: [],
    description: input.description,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: "self" },
    },
    items: {
      object: "list",
      data: items,
      has_more: false,
      url: `/v1/subscription_items?subscription=${id}`,
    },
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: input.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: input.paymentMethodTypes ?? null,
      save_default_payment_method: input.saveDefaultMethod ?? "off",
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: startDate,
    status: isTrial ? "trialing" : isActiveAtOnce ? "active" : "incomplete",
    test_clock: world.tables.customers.get(input.customer)?.test_clock ?? null,
    transfer_data: null,
    trial_end: trialEnd,
    trial_settings: {
      end_behavior: { billing_cycle_anchor: null, missing_payment_method: input.missingPaymentMethod },
    },
    trial_start: isTrial ? at : null,
  };
}

/** The automatic tax of a subscription, which is always zero here. */
export function automaticTax(enabled: boolean): Stripe.Subscription.AutomaticTax {
  return { disabled_reason: null, enabled, liability: enabled ? { type: "self" } : null };
}

/** Builds a subscription item with its period. */
export function buildItem(
  subscription: string,
  price: Stripe.Price,
  quantity: number | null,
  period: { start: number; end: number },
  at: number,
  metadata: Record<string, string>,
): Stripe.SubscriptionItem {
  return {
    id: newStripeId("si", 14),
    object: "subscription_item",
    billing_thresholds: null,
    created: at,
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata,
    plan: buildPlan(price),
    price,
    // Metered items have no quantity.
    ...(price.recurring?.usage_type === "metered" ? {} : { quantity: quantity ?? 1 }),
    subscription,
    tax_rates: [],
  };
}

/** The interval of a recurring price. Throws for a one-time price. */
export function recurringOf(price: Stripe.Price): Stripe.Price.Recurring {
  if (!price.recurring) {
    throw invalid(
      "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
      "items[0][price]",
    );
  }
  return price.recurring;
}

/** Builds the legacy plan object that Stripe returns beside each price. */
export function buildPlan(price: Stripe.Price): Stripe.Plan {
  const recurring = recurringOf(price);
  return {
    id: price.id,
    object: "plan",
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: recurring.interval,
    interval_count: recurring.interval_count,
    livemode: false,
    metadata: price.metadata,
    meter: recurring.meter,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: price.tiers_mode,
    transform_usage: price.transform_quantity,
    trial_period_days: recurring.trial_period_days,
    usage_type: recurring.usage_type,
  };
}
