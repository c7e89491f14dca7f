import type Stripe from "stripe";
import { findMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { assignItemDiscounts, changeDiscounts } from "#sandbox/stripe/discounts/subscription-discounts.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { assertFuture } from "#sandbox/stripe/protocol/moments.ts";
import { mirrorItems } from "#sandbox/stripe/schedules/mirror-items.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { applyChange } from "#sandbox/stripe/subscriptions/apply-change.ts";
import { readChange, type UpdateParams } from "#sandbox/stripe/subscriptions/change-params.ts";
import { dropPendingUpdate } from "#sandbox/stripe/subscriptions/drop-pending-update.ts";
import { wantedEnding } from "#sandbox/stripe/subscriptions/ending.ts";
import { addInvoiceItems } from "#sandbox/stripe/subscriptions/one-time-items.ts";

import { planChange } from "#sandbox/stripe/subscriptions/plan-change.ts";
import { endTrialWithoutCard } from "#sandbox/stripe/subscriptions/renew.ts";
import { automaticTax, isRunning } from "#sandbox/stripe/subscriptions/subscription-object.ts";

/** Updates a subscription: items, scheduled end, metadata. */
export function updateSubscription(
  world: World,
  subscription: Stripe.Subscription,
  params: UpdateParams,
): Stripe.Subscription {
  assertChangeable(subscription, params);
  const at = nowFor(world, idOf(subscription.customer));
  const requested = readChange(world, subscription, params, at);
  const { id } = subscription;
  if (requested) dropPendingUpdate(world, id);
  if (requested?.trialEnd === "now" && endTrialWithoutCard(world, subscription)) {
    return world.tables.subscriptions.get(id) ?? subscription;
  }
  addInvoiceItems(world, subscription, params.add_invoice_items ?? [], at);
  const plain = plainPatch(world, subscription, params);
  const present = world.tables.subscriptions.get(id) ?? subscription;
  if (requested) {
    const change = planChange(world, { ...present, ...plain }, requested);
    const after = { ...present, ...plain, ...change.patch };
    applyChange(
      world,
      present,
      { ...plain, ...change.patch, ...wantedEnding(after, params, at) },
      change,
      params,
    );
    mirrorItems(world, id);
  } else {
    const patch = { ...plain, ...wantedEnding(present, params, at) };
    amend(world, world.tables.subscriptions, id, patch, "customer.subscription.updated");
  }
  assignItemDiscounts(world, present);
  return world.tables.subscriptions.get(id) ?? present;
}

const alwaysAllowed = new Set(["metadata", "cancellation_details"]);
const allowedWhileIncomplete = new Set([
  ...alwaysAllowed,
  "default_payment_method",
  "description",
  "payment_settings",
]);
const pendable = new Set([
  "add_invoice_items",
  "billing_cycle_anchor",
  "items",
  "off_session",
  "payment_behavior",
  "proration_behavior",
  "proration_date",
  "trial_end",
]);

/** Throws if the state of the subscription or of its schedule does not allow the update. */
function assertChangeable(subscription: Stripe.Subscription, params: UpdateParams): void {
  const given = Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (!isRunning(subscription) && given.some((name) => !alwaysAllowed.has(name))) {
    throw invalid(
      "A canceled subscription can only update its cancellation_details and metadata.",
      undefined,
      "invalid_canceled_subscription_fields",
    );
  }
  const refused = given.find((name) => !allowedWhileIncomplete.has(name));
  if (subscription.status === "incomplete" && refused !== undefined) {
    throw invalid(
      `You cannot update \`${refused}\` of a subscription in \`incomplete\` status. Pay its first invoice first.`,
      refused,
    );
  }
  if (subscription.status === "paused" && (params.items || params.trial_end || params.billing_cycle_anchor)) {
    throw invalid("You cannot change what a `paused` subscription bills. Resume it first.");
  }
  if (
    subscription.schedule !== null &&
    (params.cancel_at !== undefined || params.cancel_at_period_end !== undefined)
  ) {
    throw invalid(
      `The subscription is managed by the subscription schedule \`${idOf(subscription.schedule)}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
    );
  }
  const unpendable = given.find((name) => !pendable.has(name));
  if (params.payment_behavior === "pending_if_incomplete" && unpendable !== undefined) {
    throw invalid(
      `When \`payment_behavior\` is set to \`pending_if_incomplete\`, you cannot pass \`${unpendable}\`.`,
      unpendable,
    );
  }
}

/** The fields that are copied from the request. */
function plainPatch(
  world: World,
  subscription: Stripe.Subscription,
  params: UpdateParams,
): Partial<Stripe.Subscription> {
  const { default_payment_method: method, pause_collection: pause, trial_settings: trial } = params;
  if (pause?.resumes_at !== undefined) {
    const at = nowFor(world, idOf(subscription.customer));
    assertFuture(pause.resumes_at, at, "pause_collection[resumes_at]");
  }
  if (method && findMethod(world, method, "default_payment_method").customer !== subscription.customer) {
    throw missing("PaymentMethod", method, "default_payment_method");
  }
  return {
    ...given({ default_payment_method: method, description: params.description }),
    ...(params.automatic_tax === undefined
      ? {}
      : { automatic_tax: automaticTax(params.automatic_tax.enabled) }),
    ...collectionPatch(subscription, params),
    ...(params.discounts === undefined
      ? {}
      : { discounts: changeDiscounts(world, subscription, params.discounts) }),
    metadata: mergeMetadata(subscription.metadata, params.metadata),
    ...(pause === undefined
      ? {}
      : { pause_collection: pause && { behavior: pause.behavior, resumes_at: pause.resumes_at ?? null } }),
    ...(params.payment_settings && subscription.payment_settings
      ? { payment_settings: { ...subscription.payment_settings, ...given(params.payment_settings) } }
      : {}),
    ...(trial
      ? {
          trial_settings: {
            end_behavior: {
              billing_cycle_anchor: subscription.trial_settings?.end_behavior.billing_cycle_anchor ?? null,
              missing_payment_method: trial.end_behavior.missing_payment_method,
            },
          },
        }
      : {}),
  };
}

function collectionPatch(
  subscription: Stripe.Subscription,
  params: UpdateParams,
): Partial<Stripe.Subscription> {
  const method = params.collection_method ?? subscription.collection_method;
  const days = params.days_until_due ?? subscription.days_until_due;
  if (method === "send_invoice" && days === null) {
    throw invalid(
      "You must set `days_until_due` when `collection_method` is `send_invoice`.",
      "days_until_due",
      "parameter_missing",
    );
  }
  if (method !== "send_invoice" && params.days_until_due !== undefined) {
    throw invalid(
      "`days_until_due` can only be set when `collection_method` is `send_invoice`.",
      "days_until_due",
    );
  }
  return { collection_method: method, days_until_due: method === "send_invoice" ? days : null };
}
