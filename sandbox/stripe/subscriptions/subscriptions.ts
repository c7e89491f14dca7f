import type Stripe from "stripe";
import { findPrice } from "#sandbox/stripe/catalogue/prices.ts";
import { findCustomer } from "#sandbox/stripe/customers/customers.ts";
import { findMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { refusedPayment } from "#sandbox/stripe/invoices/refused-payment.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
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
import { createSubscription } from "#sandbox/stripe/subscriptions/create-subscription.ts";
import { isRunning } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { updateParams, updateSubscription } from "#sandbox/stripe/subscriptions/update-subscription.ts";

const createParams = paramsOf<Stripe.SubscriptionCreateParams>()({
  customer: required(text()),
  items: required(list(object({ price: required(text()), quantity: whole(), metadata: pairs() }))),
  cancel_at: whole(),
  cancel_at_period_end: flag(),
  collection_method: oneOf("charge_automatically"),
  default_payment_method: text(),
  description: text(),
  metadata: pairs(),
  off_session: flag(),
  payment_behavior: oneOf("allow_incomplete", "default_incomplete", "error_if_incomplete"),
  payment_settings: object({ save_default_payment_method: oneOf("off", "on_subscription") }),
  trial_end: whole(),
  trial_period_days: whole(),
  trial_settings: object({
    end_behavior: object({ missing_payment_method: oneOf("cancel", "create_invoice", "pause") }),
  }),
});
const cancelParams = paramsOf<Stripe.SubscriptionCancelParams>()({
  cancellation_details: object({ comment: text(), feedback: text() }),
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
  created: range(),
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
    const details = params.cancellation_details;
    return cancelNow(world, id, "cancellation_requested", {
      comment: details?.comment ?? null,
      feedback: details?.feedback ?? null,
    });
  }),
  listRoute("/v1/subscriptions", listParams, ({ world, params }) =>
    world.tables.subscriptions.filter(
      (subscription) =>
        hasStatus(subscription, params.status) &&
        (params.customer === undefined || subscription.customer === params.customer) &&
        (params.test_clock === undefined || subscription.test_clock === params.test_clock) &&
        (params.price === undefined ||
          subscription.items.data.some((item) => item.price.id === params.price)) &&
        inRange(subscription.created, params.created),
    ),
  ),
];

/** A subscription that must exist. */
export function findSubscription(world: World, id: string, param?: string): Stripe.Subscription {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription) throw missing("subscription", id, param);
  return subscription;
}

/** Without a wish, everything that has not ended is listed, as Stripe does. */
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
  const items = params.items.map((item, position) => {
    const price = findPrice(world, item.price, `items[${position}][price]`);
    return { price: price.id, quantity: item.quantity ?? 1, metadata: mergeMetadata({}, item.metadata) };
  });
  const own = params.default_payment_method;
  if (own !== undefined && findMethod(world, own, "default_payment_method").customer !== customer.id) {
    throw invalid(
      "The customer does not have a payment method with this ID.",
      "default_payment_method",
      "resource_missing",
    );
  }
  const at = nowFor(world, customer.id);
  const trialEnd =
    params.trial_end ?? (params.trial_period_days ? at + params.trial_period_days * 86_400 : null);
  const leaveIncomplete = params.payment_behavior === "default_incomplete";
  const hasCard = own !== undefined || customer.invoice_settings.default_payment_method !== null;
  if (!hasCard && trialEnd === null && !leaveIncomplete) {
    throw invalid(
      "This customer has no attached payment source or default payment method. Please consider adding a default payment method.",
      undefined,
      "resource_missing",
    );
  }
  const subscription = createSubscription(
    world,
    {
      customer: customer.id,
      items,
      metadata: mergeMetadata({}, params.metadata),
      description: params.description ?? null,
      defaultPaymentMethod: own ?? null,
      trialEnd,
      missingPaymentMethod: params.trial_settings?.end_behavior?.missing_payment_method ?? "create_invoice",
      cancelAtPeriodEnd: params.cancel_at_period_end ?? false,
      cancelAt: params.cancel_at ?? null,
    },
    { leaveIncomplete },
  );
  if (params.payment_behavior === "error_if_incomplete" && subscription.status === "incomplete") {
    throw refusedPayment(world, idOrNull(subscription.latest_invoice) ?? "", { keepsEffects: false });
  }
  return subscription;
}
