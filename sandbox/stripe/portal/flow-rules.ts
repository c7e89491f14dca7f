import type Stripe from "stripe";
import { findPrice } from "#sandbox/stripe/catalog/prices.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { findSubscription } from "#sandbox/stripe/subscriptions/find-subscription.ts";
import { isRunning } from "#sandbox/stripe/subscriptions/subscription-object.ts";

type Features = Stripe.BillingPortal.Configuration.Features;
type FlowItem = { id: string; price?: string | undefined; quantity?: number | undefined };
export type FlowRequest = {
  type:
    | "payment_method_update"
    | "subscription_cancel"
    | "subscription_update"
    | "subscription_update_confirm";
  subscription_cancel?: { subscription: string } | undefined;
  subscription_update?: { subscription: string } | undefined;
  subscription_update_confirm?: { subscription: string; items: FlowItem[] } | undefined;
};

/**
 * Throws for a flow that the configuration does not allow, or whose subscription, item or price does not
 * fit the customer (https://docs.stripe.com/customer-management/portal-deep-links).
 */
export function assertFlow(world: World, flow: FlowRequest, customer: string, features: Features): void {
  if (flow.type === "payment_method_update") {
    if (features.payment_method_update.enabled) return;
    throw invalid(
      "The payment method cannot be updated because the payment method update feature in the portal configuration is disabled.",
      "flow_data[type]",
    );
  }
  const about = flow[flow.type];
  const path = `flow_data[${flow.type}]`;
  if (!about) throw invalid(`Missing required param: ${path}.`, path, "parameter_missing");
  const subscription = findSubscription(world, about.subscription, `${path}[subscription]`);
  if (idOf(subscription.customer) !== customer || !isRunning(subscription)) {
    throw missing("subscription", subscription.id, `${path}[subscription]`);
  }
  if (flow.type === "subscription_cancel") assertCancelable(subscription, features);
  else assertUpdatable(features);
  for (const [position, item] of (flow.subscription_update_confirm?.items ?? []).entries()) {
    assertItem(world, subscription, item, features, `${path}[items][${position}]`);
  }
}

function assertCancelable(subscription: Stripe.Subscription, features: Features): void {
  if (!features.subscription_cancel.enabled) {
    throw invalid(
      "This subscription cannot be canceled because the subscription cancel feature in the portal configuration is disabled.",
    );
  }
  if (subscription.cancel_at === null) return;
  throw invalid(`The subscription \`${subscription.id}\` is already set to be canceled.`);
}

function assertUpdatable(features: Features): void {
  if (features.subscription_update.enabled) return;
  throw invalid(
    "This subscription cannot be updated because the subscription update feature in the portal configuration is disabled.",
  );
}

function assertItem(
  world: World,
  subscription: Stripe.Subscription,
  { id, price, quantity }: FlowItem,
  features: Features,
  path: string,
): void {
  const item = subscription.items.data.find((each) => each.id === id);
  if (!item) throw missing("subscription_item", id, `${path}[id]`);
  const { default_allowed_updates: allowed, products } = features.subscription_update;
  if (price !== undefined && price !== item.price.id) {
    const wanted = findPrice(world, price, `${path}[price]`);
    const isOffered = (products ?? []).some((product) => product.prices.includes(price));
    if (!isOffered || !wanted.active || !allowed.includes("price")) {
      throw invalid(`The price \`${price}\` is not available in the portal configuration.`, `${path}[price]`);
    }
  }
  const changesQuantity = quantity !== undefined && quantity !== item.quantity;
  // A new price may come with any quantity; the quantity alone needs its own permission.
  if (changesQuantity && (price === undefined || price === item.price.id) && !allowed.includes("quantity")) {
    throw invalid("The portal configuration does not allow quantity updates.", `${path}[quantity]`);
  }
}
