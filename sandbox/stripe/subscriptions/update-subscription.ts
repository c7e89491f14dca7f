import type Stripe from "stripe";
import { findPrice } from "#sandbox/stripe/catalogue/prices.ts";
import { findCustomer } from "#sandbox/stripe/customers/customers.ts";
import { findMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/invoice-items.ts";
import { wholePeriodParts } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { draftInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { refusedPayment } from "#sandbox/stripe/invoices/refused-payment.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  clearable,
  flag,
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { endingPatch } from "#sandbox/stripe/subscriptions/cancel.ts";
import { finalizeAndCollect } from "#sandbox/stripe/subscriptions/collect.ts";
import { planChange, type WantedItem } from "#sandbox/stripe/subscriptions/proration.ts";
import { isRunning, periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

export const itemsParam = list(object({ id: text(), price: text(), quantity: whole(), deleted: flag() }));
export const updateParams = paramsOf<Stripe.SubscriptionUpdateParams>()({
  billing_cycle_anchor: object({ type: oneOf("now", "unchanged") }),
  cancel_at: clearable(whole()),
  cancel_at_period_end: flag(),
  cancellation_details: object({ comment: clearable(text()), feedback: clearable(text()) }),
  default_payment_method: clearable(text()),
  description: clearable(text()),
  items: itemsParam,
  metadata: pairs(),
  off_session: flag(),
  payment_behavior: oneOf("allow_incomplete", "error_if_incomplete"),
  payment_settings: object({ save_default_payment_method: oneOf("off", "on_subscription") }),
  proration_behavior: oneOf("create_prorations", "always_invoice", "none"),
  proration_date: whole(),
});
type UpdateParams = ReturnType<typeof updateParams>;

/** Changes a running subscription: what it bills, how it ends, what it is labelled with. */
export function updateSubscription(
  world: World,
  subscription: Stripe.Subscription,
  params: UpdateParams,
): Stripe.Subscription {
  if (!isRunning(subscription)) {
    throw invalid(
      "A canceled subscription can only update its cancellation_details and metadata.",
      undefined,
      "invalid_canceled_subscription_fields",
    );
  }
  const at = nowFor(world, idOf(subscription.customer));
  const wanted = wantedItems(world, subscription, params.items ?? []);
  const restartsCycle = params.billing_cycle_anchor?.type === "now";
  const changes = wanted.length > 0 || restartsCycle;
  const change = planChange(world, subscription, wanted, params.proration_date ?? at, restartsCycle);
  const patch: Partial<Stripe.Subscription> = {
    ...plainPatch(world, subscription, params),
    ...(changes ? { items: { ...subscription.items, data: change.items } } : {}),
    ...(change.startsPeriod ? { billing_cycle_anchor: at } : {}),
  };
  const ending = wantedEnding({ ...subscription, ...patch }, params, at);
  const updated = amend(
    world,
    world.tables.subscriptions,
    subscription.id,
    { ...patch, ...ending },
    "customer.subscription.updated",
  );
  if (changes) settleChange(world, updated, change, params);
  return world.tables.subscriptions.get(subscription.id) ?? updated;
}

/** Reads wished-for items against what is there. Throws for an item or price that does not exist. */
export function wantedItems(
  world: World,
  subscription: Stripe.Subscription,
  items: NonNullable<UpdateParams["items"]>,
): WantedItem[] {
  return items.map((item, position) => {
    if (item.id !== undefined && !subscription.items.data.some((known) => known.id === item.id)) {
      throw missing("subscription_item", item.id, `items[${position}][id]`);
    }
    const price = item.price === undefined ? null : findPrice(world, item.price, `items[${position}][price]`);
    if (price && !price.recurring) {
      throw invalid("Only recurring prices can be subscribed to.", `items[${position}][price]`);
    }
    return {
      id: item.id ?? null,
      price,
      quantity: item.quantity ?? null,
      isDeleted: item.deleted ?? false,
    };
  });
}

function plainPatch(
  world: World,
  subscription: Stripe.Subscription,
  params: UpdateParams,
): Partial<Stripe.Subscription> {
  const method = params.default_payment_method;
  if (method && findMethod(world, method, "default_payment_method").customer !== subscription.customer) {
    throw missing("PaymentMethod", method, "default_payment_method");
  }
  return {
    ...(method === undefined ? {} : { default_payment_method: method }),
    ...(params.description === undefined ? {} : { description: params.description }),
    metadata: mergeMetadata(subscription.metadata, params.metadata),
  };
}

function wantedEnding(
  subscription: Stripe.Subscription,
  params: UpdateParams,
  at: number,
): Partial<Stripe.Subscription> {
  const { cancel_at: cancelAt, cancel_at_period_end: atPeriodEnd, cancellation_details: details } = params;
  if (cancelAt && atPeriodEnd) {
    throw invalid(
      "You may only specify one of these parameters: cancel_at, cancel_at_period_end.",
      "cancel_at",
    );
  }
  const { end } = periodOf(subscription);
  const patch = atPeriodEnd
    ? endingPatch(subscription, { cancelAt: end, isPeriodEnd: true, at })
    : cancelAt
      ? endingPatch(subscription, { cancelAt, isPeriodEnd: false, at })
      : atPeriodEnd === false || cancelAt === null
        ? endingPatch(subscription, { cancelAt: null, isPeriodEnd: false, at })
        : subscription.cancel_at_period_end
          ? { cancel_at: end }
          : {};
  const present = patch.cancellation_details ?? subscription.cancellation_details;
  if (!details || !present) return patch;
  return {
    ...patch,
    cancellation_details: {
      ...present,
      ...(details.comment === undefined ? {} : { comment: details.comment }),
      ...(details.feedback === undefined ? {} : { feedback: details.feedback }),
    },
  };
}

function settleChange(
  world: World,
  subscription: Stripe.Subscription,
  change: ReturnType<typeof planChange>,
  params: UpdateParams,
): void {
  const behavior = params.proration_behavior ?? "create_prorations";
  const customer = idOf(subscription.customer);
  if (behavior !== "none") {
    for (const part of change.prorations) createInvoiceItem(world, { ...part, customer });
  }
  const invoicesNow = change.startsPeriod || (behavior === "always_invoice" && change.prorations.length > 0);
  if (!invoicesNow) return;
  const { start, end } = periodOf(subscription);
  const at = nowFor(world, customer);
  const invoice = draftInvoice(world, {
    customer: findCustomer(world, customer),
    currency: subscription.currency,
    subscription,
    reason: "subscription_update",
    parts: change.startsPeriod ? wholePeriodParts(world, subscription, subscription.items.data, false) : [],
    period: change.startsPeriod ? { start: at, end: at } : { start, end },
  });
  const outcome = finalizeAndCollect(world, invoice.id, { onSession: true });
  if (outcome !== "paid" && params.payment_behavior === "error_if_incomplete") {
    throw refusedPayment(world, invoice.id, { keepsEffects: false });
  }
}
