import type Stripe from "stripe";
import { recurringPriceData } from "#sandbox/stripe/catalog/inline-price.ts";
import { findPrice } from "#sandbox/stripe/catalog/prices.ts";
import { assertCurrency, requirePrice } from "#sandbox/stripe/catalog/resolve-price.ts";
import { assertClockSubscriptionLimit } from "#sandbox/stripe/clocks/clock-limits.ts";
import { assertSingleCurrency } from "#sandbox/stripe/customers/assert-single-currency.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { findMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { discountsParam } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { toPaymentFailure } from "#sandbox/stripe/invoices/payment-failure.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { assertTrialDays, assertTrialEnd } from "#sandbox/stripe/protocol/moments.ts";
import {
  count,
  either,
  flag,
  inRange,
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  range,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { cancelNow } from "#sandbox/stripe/subscriptions/cancel.ts";
import {
  addInvoiceItemsParam,
  automaticTaxParam,
  billingModeParam,
  cancellationDetailsParam,
  paymentBehavior,
  paymentSettingsParam,
  periodEdge,
  prorationBehavior,
  trialSettingsParam,
  updateParams,
} from "#sandbox/stripe/subscriptions/change-params.ts";
import { createSubscription } from "#sandbox/stripe/subscriptions/create-subscription.ts";
import { assertEnding } from "#sandbox/stripe/subscriptions/ending.ts";
import { findSubscription } from "#sandbox/stripe/subscriptions/find-subscription.ts";
import { pauseParams, pauseSubscription } from "#sandbox/stripe/subscriptions/pause.ts";
import { resumeParams, resumeSubscription } from "#sandbox/stripe/subscriptions/resume.ts";
import {
  anchorParams,
  assertPastStart,
  requestedAnchor,
} from "#sandbox/stripe/subscriptions/start/billing-anchor.ts";
import {
  type ItemInput,
  isRunning,
  periodOf,
  recurringOf,
} from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { updateSubscription } from "#sandbox/stripe/subscriptions/update-subscription.ts";

const createParams = paramsOf<Stripe.SubscriptionCreateParams>()({
  customer: required(text()),
  items: required(
    list(
      object({
        discounts: discountsParam,
        metadata: pairs(),
        price: text(),
        price_data: recurringPriceData,
        quantity: count(),
      }),
    ),
  ),
  ...anchorParams,
  add_invoice_items: addInvoiceItemsParam,
  automatic_tax: automaticTaxParam,
  billing_mode: billingModeParam,
  cancel_at: either(periodEdge, whole()),
  cancel_at_period_end: flag(),
  collection_method: oneOf("charge_automatically", "send_invoice"),
  currency: currency(),
  days_until_due: count(),
  default_payment_method: text(),
  description: text(),
  discounts: discountsParam,
  metadata: pairs(),
  off_session: flag(),
  payment_behavior: paymentBehavior,
  payment_settings: paymentSettingsParam,
  proration_behavior: prorationBehavior,
  trial_end: either(oneOf("now"), whole()),
  trial_from_plan: flag(),
  trial_period_days: whole(),
  trial_settings: trialSettingsParam,
});
const cancelParams = paramsOf<Stripe.SubscriptionCancelParams>()({
  cancellation_details: cancellationDetailsParam,
  invoice_now: flag(),
  prorate: flag(),
});
const statuses = [
  "active",
  "all",
  "canceled",
  "ended",
  "incomplete",
  "incomplete_expired",
  "past_due",
  "paused",
  "trialing",
  "unpaid",
] as const;
const listParams = paramsOf<Stripe.SubscriptionListParams>()({
  collection_method: oneOf("charge_automatically", "send_invoice"),
  created: range(),
  current_period_end: range(),
  current_period_start: range(),
  customer: text(),
  price: text(),
  status: oneOf(...statuses),
  test_clock: text(),
});

export const subscriptionRoutes: Route[] = [
  route("POST", "/v1/subscriptions", createParams, ({ world, params }) => create(world, params)),
  route("GET", "/v1/subscriptions/:id", paramsOf<object>()({}), ({ world, id }) =>
    findSubscription(world, id),
  ),
  route("POST", "/v1/subscriptions/:id", updateParams, ({ world, id, params }) =>
    updateSubscription(world, findSubscription(world, id), params),
  ),
  route("DELETE", "/v1/subscriptions/:id", cancelParams, ({ world, id, params }) => {
    const subscription = findSubscription(world, id);
    if (!isRunning(subscription)) throw missing("subscription", id);
    return cancelNow(world, id, "cancellation_requested", {
      details: given(params.cancellation_details ?? {}),
      prorates: params.prorate ?? false,
      invoicesNow: params.invoice_now ?? false,
    });
  }),
  route("POST", "/v1/subscriptions/:id/pause", pauseParams, ({ world, id, params }) =>
    pauseSubscription(world, findSubscription(world, id), params),
  ),
  route("POST", "/v1/subscriptions/:id/resume", resumeParams, ({ world, id, params }) =>
    resumeSubscription(world, findSubscription(world, id), params),
  ),
  listRoute("/v1/subscriptions", listParams, ({ world, params }) =>
    world.tables.subscriptions.filter(
      (subscription) =>
        hasStatus(subscription, params.status) &&
        (params.customer === undefined || subscription.customer === params.customer) &&
        (params.test_clock === undefined || subscription.test_clock === params.test_clock) &&
        (params.price === undefined ||
          subscription.items.data.some((item) => item.price.id === params.price)) &&
        (params.collection_method === undefined ||
          subscription.collection_method === params.collection_method) &&
        inRange(subscription.created, params.created) &&
        inRange(periodOf(subscription).start, params.current_period_start) &&
        inRange(periodOf(subscription).end, params.current_period_end),
    ),
  ),
];

/** Without a status, all subscriptions that have not ended are listed, as Stripe does. */
function hasStatus(
  subscription: Stripe.Subscription,
  wanted: (typeof statuses)[number] | undefined,
): boolean {
  if (wanted === "all") return true;
  if (wanted === "ended") return !isRunning(subscription);
  return wanted === undefined ? subscription.status !== "canceled" : subscription.status === wanted;
}

function create(world: World, params: ReturnType<typeof createParams>): Stripe.Subscription {
  const customer = findCustomer(world, params.customer, "customer");
  assertClockSubscriptionLimit(world, customer);
  assertCollectable(world, customer, params);
  const at = nowFor(world, customer.id);
  assertEnding(params, at);
  const items = params.items.map((item, position) => readItem(world, item, params.currency, position));
  const [first] = items;
  if (!first) throw invalid("Missing required param: items.", "items", "parameter_missing");
  const firstPrice = findPrice(world, first.price);
  assertSingleCurrency(world, customer.id, firstPrice.currency);
  assertPastStart(params.backdate_start_date, at);
  const trialEnd = trialEndOf(world, params, at);
  const anchor = requestedAnchor(params, recurringOf(firstPrice), trialEnd ?? at, at);
  const isSent = params.collection_method === "send_invoice";
  const subscription = createSubscription(
    world,
    {
      customer: customer.id,
      items,
      metadata: mergeMetadata({}, params.metadata),
      description: params.description ?? null,
      defaultPaymentMethod: params.default_payment_method ?? null,
      trialEnd,
      billingCycleAnchor: anchor,
      startDate: params.backdate_start_date ?? at,
      missingPaymentMethod: params.trial_settings?.end_behavior.missing_payment_method ?? "create_invoice",
      cancelAtPeriodEnd: params.cancel_at_period_end ?? false,
      cancelAt: params.cancel_at ?? null,
      daysUntilDue: isSent ? (params.days_until_due ?? null) : null,
      discounts: params.discounts ?? [],
      automaticTax: params.automatic_tax?.enabled ?? false,
      paymentMethodTypes: params.payment_settings?.payment_method_types ?? null,
      saveDefaultMethod: params.payment_settings?.save_default_payment_method ?? "off",
    },
    {
      startsFree: params.proration_behavior === "none",
      leaveIncomplete: params.payment_behavior === "default_incomplete",
      oneTimeItems: params.add_invoice_items ?? [],
    },
  );
  if (params.payment_behavior === "error_if_incomplete" && subscription.status === "incomplete") {
    throw toPaymentFailure(world, idOrNull(subscription.latest_invoice) ?? "", { keepsEffects: false });
  }
  return subscription;
}

function readItem(
  world: World,
  item: ReturnType<typeof createParams>["items"][number],
  currency: string | undefined,
  position: number,
): ItemInput {
  const path = `items[${position}]`;
  const price = requirePrice(world, item, path);
  assertCurrency(price, currency, `${path}[price]`);
  return {
    price: price.id,
    quantity: item.quantity ?? null,
    metadata: mergeMetadata({}, item.metadata),
    discounts: item.discounts ?? [],
  };
}

/** Throws without a card, or without days_until_due for sent invoices. */
function assertCollectable(
  world: World,
  customer: Stripe.Customer,
  params: ReturnType<typeof createParams>,
): void {
  const own = params.default_payment_method;
  if (own !== undefined && findMethod(world, own, "default_payment_method").customer !== customer.id) {
    throw invalid(
      "The customer does not have a payment method with this ID.",
      "default_payment_method",
      "resource_missing",
    );
  }
  if (params.payment_behavior === "pending_if_incomplete") {
    throw invalid(
      "`pending_if_incomplete` can only be used when updating a subscription.",
      "payment_behavior",
    );
  }
  const isSent = params.collection_method === "send_invoice";
  if (isSent !== (params.days_until_due !== undefined)) {
    throw invalid(
      "`days_until_due` must be set when `collection_method` is `send_invoice`, and only then.",
      "days_until_due",
    );
  }
  const hasTrial = params.trial_end !== undefined || params.trial_period_days !== undefined;
  const leavesIncomplete = params.payment_behavior === "default_incomplete";
  const hasCard = own !== undefined || customer.invoice_settings.default_payment_method !== null;
  if (hasCard || hasTrial || leavesIncomplete || isSent) return;
  throw invalid(
    "This customer has no attached payment source or default payment method. Please consider adding a default payment method.",
    undefined,
    "resource_missing",
  );
}

function trialEndOf(world: World, params: ReturnType<typeof createParams>, at: number): number | null {
  if (params.trial_end !== undefined && params.trial_period_days !== undefined) {
    throw invalid("You may only specify one of these parameters: trial_end, trial_period_days.", "trial_end");
  }
  if (params.trial_end === "now") return null;
  if (params.trial_end !== undefined) {
    assertTrialEnd(params.trial_end, at, "trial_end");
    return params.trial_end;
  }
  assertTrialDays(params.trial_period_days, "trial_period_days");
  const fromPrice = params.trial_from_plan
    ? findPrice(world, params.items[0]?.price ?? "").recurring?.trial_period_days
    : null;
  const days = params.trial_period_days ?? fromPrice ?? 0;
  return days > 0 ? at + days * 86_400 : null;
}
