import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { type LinePart, toItemPart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { buildInvoice } from "#sandbox/stripe/invoices/invoice-object.ts";
import { draftSeconds, pendingItems } from "#sandbox/stripe/invoices/lifecycle.ts";
import {
  createPreviewItems,
  previewedDiscountTerms,
  previewPendingItems,
} from "#sandbox/stripe/invoices/preview-items.ts";
import type { PreviewParams } from "#sandbox/stripe/invoices/preview-params.ts";
import {
  isItemsOnlyPreview,
  subscriptionToPreview,
} from "#sandbox/stripe/invoices/previewed-subscription.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { readChange } from "#sandbox/stripe/subscriptions/change-params.ts";
import { wantedEnding } from "#sandbox/stripe/subscriptions/ending.ts";
import { planChange } from "#sandbox/stripe/subscriptions/plan-change.ts";
import { restOfPeriodParts } from "#sandbox/stripe/subscriptions/proration.ts";
import { renewalParts, renewedSubscription } from "#sandbox/stripe/subscriptions/renew.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { usageParts } from "#sandbox/stripe/usage/usage-lines.ts";

/**
 * The subscription and lines of the previewed invoice, without pending items, and whether it is billed now.
 */
type Preview = { subscription: Stripe.Subscription; parts: LinePart[]; isBilledNow: boolean };

/**
 * Previews the next invoice of a subscription, unchanged or with the given changes. It runs the real code,
 * including coupon redemptions, and rolls everything back.
 */
export function previewInvoice(world: World, params: PreviewParams): Stripe.Invoice {
  return world.dryRun(() => buildPreview(world, params));
}

function buildPreview(world: World, params: PreviewParams): Stripe.Invoice {
  if (isItemsOnlyPreview(world, params)) return previewPendingItems(world, params.customer ?? "", params);
  const { subscription, isNew } = subscriptionToPreview(world, params);
  createPreviewItems(world, idOf(subscription.customer), params.invoice_items ?? []);
  const customer = findCustomer(world, idOf(subscription.customer));
  const now = nowFor(world, customer.id);
  const preview = isNew
    ? previewCreation(world, subscription)
    : params.subscription_details?.cancel_now
      ? previewCancellation(world, subscription, params, now)
      : previewChange(world, subscription, params, now);
  const pending = pendingItems(world, customer.id, subscription.id, subscription.currency).map((item) =>
    toItemPart(world, item),
  );
  const { start, end } = periodOf(preview.subscription);
  const created = preview.isBilledNow ? now : end;
  const parts = [...pending, ...preview.parts];
  const billed = {
    customer: customer.id,
    subscription: preview.subscription,
    currency: subscription.currency,
  };
  const invoice = buildInvoice(
    world,
    {
      customer,
      currency: subscription.currency,
      subscription: preview.subscription,
      reason: "upcoming",
      parts,
      discounts: previewedDiscountTerms(world, params, billed, parts),
      period: preview.isBilledNow ? { start: now, end: now } : { start, end },
    },
    created,
    newStripeId("upcoming_in"),
  );
  return { ...invoice, next_payment_attempt: preview.isBilledNow ? now : end + draftSeconds };
}

/** Previews the first invoice of a new subscription. */
function previewCreation(world: World, subscription: Stripe.Subscription): Preview {
  const parts = subscription.status === "trialing" ? [] : renewalParts(world, subscription, subscription);
  return { subscription, parts, isBilledNow: true };
}

function previewCancellation(
  world: World,
  subscription: Stripe.Subscription,
  params: PreviewParams,
  now: number,
): Preview {
  const { proration_behavior: behavior, proration_date: date } = params.subscription_details ?? {};
  const prorates = behavior !== "none" && subscription.status !== "trialing";
  const unused = prorates
    ? restOfPeriodParts(world, subscription, subscription.items.data, date ?? now, -1)
    : [];
  return { subscription, parts: [...usageParts(world, subscription, now), ...unused], isBilledNow: true };
}

function previewChange(
  world: World,
  subscription: Stripe.Subscription,
  params: PreviewParams,
  now: number,
): Preview {
  const details = params.subscription_details;
  const requestedChange = details ? readChange(world, subscription, details, now) : null;
  const change = requestedChange && planChange(world, subscription, requestedChange);
  const changed = { ...subscription, ...change?.patch };
  const after = { ...changed, ...(details ? wantedEnding(changed, details, now) : {}) };
  const changeParts = [
    ...(change?.usage ?? []),
    ...(details?.proration_behavior === "none" ? [] : (change?.prorations ?? [])),
  ];
  if (change?.startsPeriod || details?.proration_behavior === "always_invoice") {
    return { subscription: after, parts: [...changeParts, ...(change?.period ?? [])], isBilledNow: true };
  }
  const { end } = periodOf(after);
  const endsFirst = after.cancel_at !== null && after.cancel_at <= end;
  const remainingParts = endsFirst
    ? usageParts(world, after, end)
    : renewalParts(world, after, renewedSubscription(after));
  if (endsFirst && remainingParts.length === 0) {
    throw invalid(
      "No upcoming invoices for customer: the subscription is canceled before it renews.",
      undefined,
      "invoice_upcoming_none",
    );
  }
  return { subscription: after, parts: [...changeParts, ...remainingParts], isBilledNow: false };
}
