import type Stripe from "stripe";
import { assertCurrency, requirePrice } from "#sandbox/stripe/catalog/resolve-price.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { discountsOfSubscription, readPhaseDiscounts } from "#sandbox/stripe/schedules/phase-discounts.ts";
import type { PhaseParams } from "#sandbox/stripe/schedules/schedule-params.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { assertDistinct, assertOneRhythm } from "#sandbox/stripe/subscriptions/item-rules.ts";
import { type Interval, intervalsAfter } from "#sandbox/stripe/subscriptions/periods.ts";
import { periodOf, recurringOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

type Phase = Stripe.SubscriptionSchedule.Phase;
/** The customer, position and previously bought prices of a phase. */
type Place = { customer: string; start: number; now: number; path: string; boughtBefore: string[] };

/**
 * Reads consecutive phases. Throws for gaps, overlaps, phases without items, and archived prices that the
 * customer did not buy before.
 * @param beginning the customer (for restricted discounts), the start (seconds) and the previously bought
 * prices
 */
export function readPhases(
  world: World,
  wanted: PhaseParams[],
  beginning: { customer: string; start: number; now: number; boughtBefore?: string[] },
): Phase[] {
  const { customer, start, now, boughtBefore = [] } = beginning;
  const place = { customer, now, boughtBefore };
  let from = start;
  return wanted.map((params, position) => {
    const named = params.start_date === "now" ? now : params.start_date;
    if (named !== undefined && named !== from) {
      throw invalid(
        "The `start_date` of a phase must be the `end_date` of the phase before it.",
        `phases[${position}][start_date]`,
      );
    }
    const phase = readPhase(world, params, { ...place, start: from, path: `phases[${position}]` });
    from = phase.end_date;
    return phase;
  });
}

/** The current phase of a subscription when a schedule is created from it. */
export function phaseOfSubscription(subscription: Stripe.Subscription): Phase {
  const { start, end } = periodOf(subscription);
  const isTrial = subscription.status === "trialing";
  return {
    ...emptyPhase,
    collection_method: subscription.collection_method,
    currency: subscription.currency,
    default_payment_method: idOrNull(subscription.default_payment_method),
    description: subscription.description,
    discounts: discountsOfSubscription(subscription),
    end_date: end,
    items: itemsOfSubscription(subscription),
    metadata: {},
    start_date: start,
    trial_end: isTrial ? subscription.trial_end : null,
  };
}

/** The items of a subscription in the form of a phase. */
export function itemsOfSubscription(subscription: Stripe.Subscription): Phase["items"] {
  return subscription.items.data.map((item) => phaseItem(item.price, item.quantity, item.metadata));
}

/** The end of a phase's trial, which is the whole phase or part of it; null without a trial. */
export function trialEndOf(phase: Phase): number | null {
  return phase.trial ? phase.end_date : phase.trial_end;
}

const emptyPhase = {
  add_invoice_items: [],
  application_fee_percent: null,
  billing_cycle_anchor: null,
  billing_thresholds: null,
  default_tax_rates: [],
  invoice_settings: null,
  on_behalf_of: null,
  proration_behavior: "create_prorations",
  transfer_data: null,
} satisfies Partial<Phase>;

function readPhase(world: World, params: PhaseParams, place: Place): Phase {
  const { customer, start, now, path } = place;
  const prices = pricesOf(world, params, place);
  const [first] = prices;
  if (!first) throw invalid("A phase must have at least one item.", `${path}[items]`, "parameter_missing");
  const end = endOf(params, recurringOf(first), start, now, path);
  if (params.trial && params.trial_end !== undefined) {
    throw invalid("You may only specify one of these parameters: trial, trial_end.", `${path}[trial_end]`);
  }
  const trialEnd = params.trial_end === "now" ? null : (params.trial_end ?? null);
  if (trialEnd !== null && (trialEnd <= start || trialEnd > end)) {
    throw invalid("`trial_end` must lie within its phase.", `${path}[trial_end]`);
  }
  const days = params.invoice_settings?.days_until_due ?? null;
  const currency = params.currency ?? first.currency;
  const amounts = params.items.map(
    ({ quantity }, index) => (prices[index]?.unit_amount ?? 0) * (quantity ?? 1),
  );
  const amount = amounts.reduce((sum, each) => sum + each, 0);
  return {
    ...emptyPhase,
    add_invoice_items: (params.add_invoice_items ?? []).map((item, index) => ({
      discountable: null,
      discounts: [],
      metadata: mergeMetadata({}, item.metadata),
      period: { start: { type: "phase_start" }, end: { type: "phase_end" } },
      price: requirePrice(world, item, `${path}[add_invoice_items][${index}]`, place.boughtBefore).id,
      quantity: item.quantity ?? 1,
    })),
    billing_cycle_anchor: params.billing_cycle_anchor ?? null,
    collection_method: params.collection_method ?? null,
    currency,
    default_payment_method: params.default_payment_method ?? null,
    description: params.description ?? null,
    discounts: readPhaseDiscounts(world, params.discounts, { customer, currency, amount }),
    end_date: end,
    invoice_settings:
      days === null
        ? null
        : {
            account_tax_ids: null,
            custom_fields: null,
            days_until_due: days,
            description: null,
            footer: null,
            issuer: null,
          },
    items: params.items.map((item, index) =>
      phaseItem(prices[index] ?? first, item.quantity, mergeMetadata({}, item.metadata)),
    ),
    metadata: mergeMetadata({}, params.metadata),
    proration_behavior: params.proration_behavior ?? "create_prorations",
    start_date: start,
    ...(params.trial === undefined ? {} : { trial: params.trial }),
    trial_end: trialEnd,
  };
}

/** The prices of a phase. */
function pricesOf(
  world: World,
  { currency, items }: PhaseParams,
  { path, boughtBefore }: Place,
): Stripe.Price[] {
  const prices = items.map((item, index) =>
    requirePrice(world, item, `${path}[items][${index}]`, boughtBefore),
  );
  assertDistinct(prices, `${path}[items]`);
  assertOneRhythm(prices, `${path}[items]`);
  for (const [index, price] of prices.entries()) {
    recurringOf(price);
    assertCurrency(price, currency ?? prices[0]?.currency, `${path}[items][${index}][price]`);
  }
  return prices;
}

/** The end of a phase: its end date, its duration, or one interval of its price. */
function endOf(params: PhaseParams, every: Interval, start: number, now: number, path: string): number {
  if (params.end_date !== undefined && params.duration !== undefined) {
    throw invalid("You may only specify one of these parameters: end_date, duration.", `${path}[end_date]`);
  }
  const named = params.end_date === "now" ? now : params.end_date;
  const { interval, interval_count: count = 1 } = params.duration ?? {};
  if (count < 1) {
    const param = `${path}[duration][interval_count]`;
    throw invalid("Invalid positive integer", param, "parameter_invalid_integer");
  }
  const length = interval === undefined ? every : { interval, interval_count: 1 };
  const end = named ?? intervalsAfter(start, length, count);
  if (end <= start)
    throw invalid("The `end_date` of a phase must be after its `start_date`.", `${path}[end_date]`);
  return end;
}

function phaseItem(
  price: Stripe.Price,
  quantity: number | undefined,
  metadata: Record<string, string>,
): Phase["items"][number] {
  const isMetered = price.recurring?.usage_type === "metered";
  return {
    billing_thresholds: null,
    discounts: [],
    metadata,
    plan: idOf(price),
    price: price.id,
    ...(isMetered ? {} : { quantity: quantity ?? 1 }),
    tax_rates: [],
  };
}
