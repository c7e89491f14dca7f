import type Stripe from "stripe";
import { oneTimePriceData, recurringPriceData } from "#sandbox/stripe/catalog/inline-price.ts";
import {
  assertCurrency,
  assertNoMeteredQuantity,
  requirePrice,
  resolvePrice,
} from "#sandbox/stripe/catalog/resolve-price.ts";
import { discountsParam } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { redeemForItem } from "#sandbox/stripe/discounts/subscription-discounts.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { assertTrialEnd } from "#sandbox/stripe/protocol/moments.ts";
import {
  clearable,
  count,
  either,
  flag,
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  type Reader,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import type { RequestedChange, RequestedItem } from "#sandbox/stripe/subscriptions/plan-change.ts";
import { periodOf, recurringOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

/** The period ends that `cancel_at` accepts instead of a timestamp. */
export const periodEdge = oneOf("min_period_end", "max_period_end", "max_billed_until");
export const prorationBehavior = oneOf("create_prorations", "always_invoice", "none");
export const paymentBehavior = oneOf(
  "allow_incomplete",
  "default_incomplete",
  "error_if_incomplete",
  "pending_if_incomplete",
);
export const addInvoiceItemsParam = list(
  object({
    discounts: discountsParam,
    metadata: pairs(),
    price: text(),
    price_data: oneTimePriceData,
    quantity: count(),
  }),
);
export const trialSettingsParam = object({
  end_behavior: required(
    object({ missing_payment_method: required(oneOf("cancel", "create_invoice", "pause")) }),
  ),
});
export const automaticTaxParam = object({ enabled: required(flag()) });
export const paymentSettingsParam = object({
  payment_method_types: clearable(list(text())),
  save_default_payment_method: oneOf("off", "on_subscription"),
});
/** The billing mode. Only the default mode of this API version is supported. */
export const billingModeParam = object({
  flexible: object({ proration_discounts: onlyMode("included", "itemized") }),
  type: required(onlyMode("flexible", "classic")),
});
export const cancellationDetailsParam = object({
  comment: clearable(text()),
  feedback: clearable(
    oneOf(
      "customer_service",
      "low_quality",
      "missing_features",
      "other",
      "switched_service",
      "too_complex",
      "too_expensive",
      "unused",
    ),
  ),
});
/** Parameters shared by a subscription update and its preview. */
export const changeParams = {
  billing_cycle_anchor: object({ type: required(oneOf("now", "unchanged")) }),
  cancel_at: clearable(either(periodEdge, whole())),
  cancel_at_period_end: flag(),
  items: list(
    object({
      id: text(),
      clear_usage: flag(),
      deleted: flag(),
      discounts: discountsParam,
      metadata: pairs(),
      price: text(),
      price_data: recurringPriceData,
      quantity: count(),
    }),
  ),
  proration_behavior: prorationBehavior,
  proration_date: whole(),
  trial_end: either(oneOf("now"), whole()),
};
export const updateParams = paramsOf<Stripe.SubscriptionUpdateParams>()({
  ...changeParams,
  add_invoice_items: addInvoiceItemsParam,
  automatic_tax: automaticTaxParam,
  cancellation_details: cancellationDetailsParam,
  collection_method: oneOf("charge_automatically", "send_invoice"),
  days_until_due: count(),
  default_payment_method: clearable(text()),
  description: clearable(text()),
  discounts: discountsParam,
  metadata: pairs(),
  off_session: flag(),
  pause_collection: clearable(
    object({ behavior: required(oneOf("keep_as_draft", "mark_uncollectible", "void")), resumes_at: whole() }),
  ),
  payment_behavior: paymentBehavior,
  payment_settings: paymentSettingsParam,
  trial_settings: trialSettingsParam,
});
export type UpdateParams = ReturnType<typeof updateParams>;
type ChangeParams = Pick<UpdateParams, "billing_cycle_anchor" | "items" | "proration_date" | "trial_end">;

/** Accepts supported values; reports values that Stripe accepts and the sandbox does not support. */
function onlyMode<const T extends string>(played: T, unplayed: string): Reader<T | undefined> {
  return (node, path) => {
    if (node !== unplayed) return oneOf(played)(node, path);
    throw invalid(`The sandbox plays \`${path}: ${played}\` only, which is the default.`, path);
  };
}

/** Reads the requested billing change of a subscription; null if there is none. */
export function readChange(
  world: World,
  subscription: Stripe.Subscription,
  params: ChangeParams,
  at: number,
): RequestedChange | null {
  const items = wantedItems(world, subscription, params.items ?? []);
  const restartsCycle = params.billing_cycle_anchor?.type === "now";
  const trialEnd = params.trial_end ?? null;
  const isTrial = subscription.status === "trialing";
  if (typeof trialEnd === "number") assertTrialEnd(trialEnd, at, "trial_end");
  if (restartsCycle && isTrial && trialEnd !== "now") {
    throw invalid(
      "The billing cycle cannot be restarted during a trial. End the trial with `trial_end: now` instead.",
      "billing_cycle_anchor",
    );
  }
  const prorationDate = params.proration_date ?? at;
  const { start, end } = periodOf(subscription);
  if (params.proration_date !== undefined && (prorationDate < start || prorationDate > end)) {
    throw invalid("`proration_date` must be within the current billing period.", "proration_date");
  }
  const endsTrial = trialEnd === "now" && isTrial;
  if (items.length === 0 && !restartsCycle && !endsTrial && typeof trialEnd !== "number") return null;
  return {
    items,
    at,
    prorationDate,
    restartsCycle,
    trialEnd: trialEnd === "now" && !isTrial ? null : trialEnd,
  };
}

/** Reads requested items. Throws for an unknown item or price. */
function wantedItems(
  world: World,
  subscription: Stripe.Subscription,
  items: NonNullable<ChangeParams["items"]>,
): RequestedItem[] {
  return items.map((item, position) => {
    const known = subscription.items.data.find((candidate) => candidate.id === item.id);
    if (item.id !== undefined && !known) {
      throw missing("subscription_item", item.id, `items[${position}][id]`);
    }
    const path = `items[${position}]`;
    const price = known ? resolvePrice(world, item, path, [known.price.id]) : requirePrice(world, item, path);
    if (price) {
      recurringOf(price);
      assertCurrency(price, subscription.currency, `${path}[price]`);
    }
    if (known) assertNoMeteredQuantity(price ?? known.price, item.quantity, path);
    return {
      id: item.id ?? null,
      price,
      quantity: item.quantity ?? null,
      metadata: item.metadata === undefined ? null : mergeMetadata(known?.metadata ?? {}, item.metadata),
      discounts:
        item.discounts === undefined
          ? null
          : redeemForItem(world, subscription, item.discounts, `items[${position}][discounts]`),
      isDeleted: item.deleted ?? false,
      clearsUsage: item.clear_usage ?? false,
    };
  });
}
