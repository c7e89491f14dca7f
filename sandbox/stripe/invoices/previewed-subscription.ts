import type Stripe from "stripe";
import { requirePrice } from "#sandbox/stripe/catalog/resolve-price.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { withDiscounts } from "#sandbox/stripe/discounts/subscription-discounts.ts";
import type { PreviewParams } from "#sandbox/stripe/invoices/preview-params.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { assertTrialEnd } from "#sandbox/stripe/protocol/moments.ts";
import { asOfNextPeriod } from "#sandbox/stripe/schedules/enter-phase.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { buildSubscription, isRunning } from "#sandbox/stripe/subscriptions/subscription-object.ts";

/** Returns the subscription to preview: the requested one, the customer's running one, or a new one. */
export function subscriptionToPreview(
  world: World,
  params: PreviewParams,
): { subscription: Stripe.Subscription; isNew: boolean } {
  if (params.schedule !== undefined)
    return { subscription: scheduledSubscription(world, params), isNew: false };
  if (params.subscription !== undefined) {
    const subscription = world.tables.subscriptions.get(params.subscription);
    if (!subscription) throw missing("subscription", params.subscription, "subscription");
    if (!isRunning(subscription)) throw noUpcomingInvoice(params.subscription);
    return { subscription, isNew: false };
  }
  const { customer, subscription_details: details } = params;
  if (customer === undefined) {
    throw invalid("You must pass one of `subscription` or `customer`.", "customer");
  }
  if (details?.items) return { subscription: buildNewSubscription(world, customer, details), isNew: true };
  const [running] = world.tables.subscriptions.filter((row) => row.customer === customer && isRunning(row));
  if (!running) throw noUpcomingInvoice(customer);
  return { subscription: running, isNew: false };
}

/** Returns the running subscription of a schedule, as it will be in its next period. */
function scheduledSubscription(world: World, params: PreviewParams): Stripe.Subscription {
  const { schedule: id = "", subscription: subscriptionId, subscription_details: details } = params;
  const conflictingParam =
    subscriptionId !== undefined ? "subscription" : details !== undefined ? "subscription_details" : null;
  if (conflictingParam !== null)
    throw invalid(
      `You may only specify one of these parameters: schedule, ${conflictingParam}.`,
      conflictingParam,
    );
  const schedule = world.tables.subscriptionSchedules.get(id);
  if (!schedule) throw missing("subscription schedule", id, "schedule");
  const subscription = world.tables.subscriptions.get(idOrNull(schedule.subscription) ?? "");
  if (!subscription || !isRunning(subscription)) throw noUpcomingInvoice(id);
  return asOfNextPeriod(world, schedule, subscription);
}

/** Returns whether a preview has invoice items but no subscription. */
export function isItemsOnlyPreview(world: World, params: PreviewParams): boolean {
  const { customer, invoice_items: items, subscription, subscription_details: details } = params;
  if (params.schedule !== undefined) return false;
  if (subscription !== undefined || details !== undefined || customer === undefined || !items) return false;
  return !world.tables.subscriptions.filter((row) => row.customer === customer).some(isRunning);
}

function buildNewSubscription(
  world: World,
  customerId: string,
  details: NonNullable<PreviewParams["subscription_details"]>,
): Stripe.Subscription {
  const customer = findCustomer(world, customerId, "customer");
  const at = nowFor(world, customer.id);
  if (typeof details.trial_end === "number") {
    assertTrialEnd(details.trial_end, at, "subscription_details[trial_end]");
  }
  const items = (details.items ?? []).map((item, position) => {
    const price = requirePrice(world, item, `subscription_details[items][${position}]`).id;
    return { price, quantity: item.quantity ?? null, discounts: item.discounts ?? [] };
  });
  const input = {
    customer: customer.id,
    items,
    metadata: {},
    description: null,
    defaultPaymentMethod: null,
    trialEnd: typeof details.trial_end === "number" ? details.trial_end : null,
    missingPaymentMethod: "create_invoice" as const,
    cancelAtPeriodEnd: false,
    cancelAt: null,
  };
  return withDiscounts(world, buildSubscription(world, input, at), input);
}

function noUpcomingInvoice(id: string) {
  return invalid(`No upcoming invoices for customer: ${id}`, undefined, "invoice_upcoming_none");
}
