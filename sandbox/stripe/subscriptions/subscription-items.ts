import type Stripe from "stripe";
import { recurringPriceData } from "#sandbox/stripe/catalog/inline-price.ts";
import { discountsParam } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { count, flag, pairs, paramsOf, required, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import {
  paymentBehavior,
  prorationBehavior,
  updateParams,
} from "#sandbox/stripe/subscriptions/change-params.ts";
import { findSubscription } from "#sandbox/stripe/subscriptions/find-subscription.ts";
import { updateSubscription } from "#sandbox/stripe/subscriptions/update-subscription.ts";

const terms = {
  payment_behavior: paymentBehavior,
  proration_behavior: prorationBehavior,
  proration_date: whole(),
};
const createParams = paramsOf<Stripe.SubscriptionItemCreateParams>()({
  ...terms,
  discounts: discountsParam,
  metadata: pairs(),
  price: text(),
  price_data: recurringPriceData,
  quantity: count(),
  subscription: required(text()),
});
const updateItemParams = paramsOf<Stripe.SubscriptionItemUpdateParams>()({
  ...terms,
  discounts: discountsParam,
  metadata: pairs(),
  off_session: flag(),
  price: text(),
  price_data: recurringPriceData,
  quantity: count(),
});
const deleteParams = paramsOf<Stripe.SubscriptionItemDeleteParams>()({ ...terms, clear_usage: flag() });
const listParams = paramsOf<Stripe.SubscriptionItemListParams>()({ subscription: required(text()) });
/** The SDK has no type for it: Stripe removed usage records in version 2025-03-31.basil. */
const usageRecordParams = paramsOf<{ quantity: number; timestamp?: string; action?: string }>()({
  quantity: whole(),
  timestamp: text(),
  action: text(),
});
const path = "/v1/subscription_items";
const unchanged = updateParams({});
type UpdateParams = typeof unchanged;
type Terms = Pick<UpdateParams, keyof typeof terms>;
type ItemRequest = NonNullable<UpdateParams["items"]>[number];

/** Subscription item endpoints; each call is executed as an update of the subscription. */
export const subscriptionItemRoutes: Route[] = [
  route("POST", path, createParams, ({ world, params }) => {
    const subscription = findSubscription(world, params.subscription, "subscription");
    const { price, price_data, quantity, metadata, discounts } = params;
    const request = { ...blank, price, price_data, quantity, metadata, discounts };
    const after = changeItem(world, subscription, request, params);
    const known = new Set(subscription.items.data.map((item) => item.id));
    return after.items.data.find((item) => !known.has(item.id));
  }),
  route("GET", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => findItem(world, id).item),
  route("POST", `${path}/:id`, updateItemParams, ({ world, id, params }) => {
    const { price, price_data, quantity, metadata, discounts } = params;
    const { subscription } = findItem(world, id);
    const request = { ...blank, id, price, price_data, quantity, metadata, discounts };
    const after = changeItem(world, subscription, request, params);
    return after.items.data.find((item) => item.id === id);
  }),
  route("DELETE", `${path}/:id`, deleteParams, ({ world, id, params }) => {
    const { subscription } = findItem(world, id);
    changeItem(world, subscription, { ...blank, id, deleted: true, clear_usage: params.clear_usage }, params);
    return { id, object: "subscription_item", deleted: true } satisfies Stripe.DeletedSubscriptionItem;
  }),
  route("POST", `${path}/:id/usage_records`, usageRecordParams, ({ world, id }) => {
    findItem(world, id);
    throw invalid(
      `Cannot create a usage record for \`${id}\` because it is not on the legacy metered billing system. Call /v1/billing/meter_events instead.`,
    );
  }),
  listRoute(path, listParams, ({ world, params }) =>
    // Lists are returned newest first; items keep their order on the subscription.
    findSubscription(world, params.subscription, "subscription").items.data.toReversed(),
  ),
];

const blank: ItemRequest = {
  id: undefined,
  clear_usage: undefined,
  deleted: undefined,
  discounts: undefined,
  metadata: undefined,
  price: undefined,
  price_data: undefined,
  quantity: undefined,
};

function changeItem(
  world: World,
  subscription: Stripe.Subscription,
  item: ItemRequest,
  { payment_behavior, proration_behavior, proration_date }: Terms,
): Stripe.Subscription {
  const params = { ...unchanged, items: [item], payment_behavior, proration_behavior, proration_date };
  return updateSubscription(world, subscription, params);
}

function findItem(
  world: World,
  id: string,
): { item: Stripe.SubscriptionItem; subscription: Stripe.Subscription } {
  for (const subscription of world.tables.subscriptions.all()) {
    const item = subscription.items.data.find((candidate) => candidate.id === id);
    if (item) return { item, subscription };
  }
  throw missing("subscription_item", id);
}
