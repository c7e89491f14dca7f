import type Stripe from "stripe";
import {
  type ChosenCard,
  cardChangePurpose,
  type StripeCard,
  toCard,
  toChosenCard,
} from "#lib/gateways/stripe/card.ts";

/** Stripe's objects reduced to the fields we use. Times are Dates, amounts are whole cents. */
export type StripePrice = {
  id: string;
  productId: string;
  lookupKey: string | null;
  unitAmountCents: number | null;
  currency: string;
  interval: string | null;
  /** Whether a meter determines the amount, so that the item has no quantity. */
  isMetered: boolean;
  active: boolean;
};
export type StripeSubscriptionItem = {
  id: string;
  price: StripePrice;
  quantity: number;
  periodStart: Date;
  periodEnd: Date;
};
/** A discount on a subscription's invoices. */
export type StripeDiscount = {
  id: string;
  /** Null for a discount without an end, and for one that applies once. */
  endsAt: Date | null;
  appliesOnce: boolean;
};
export type StripeSubscription = {
  id: string;
  customerId: string;
  status: string;
  cancelAtPeriodEnd: boolean;
  cancelAt: Date | null;
  canceledAt: Date | null;
  endedAt: Date | null;
  trialStartedAt: Date | null;
  trialEndsAt: Date | null;
  /** Whether our Checkout sold the trial; false for trials created on Stripe's dashboard. */
  soldAsTrial: boolean;
  pausedAt: Date | null;
  /** What Stripe does with invoices while their collection is paused; null when it collects them. */
  collectionPause: "keep_as_draft" | "mark_uncollectible" | "void" | null;
  /** When Stripe collects again by itself; null without a date. */
  collectionResumesAt: Date | null;
  /** Whether Stripe charges the card or sends invoices that are due later. */
  collectionMethod: "charge_automatically" | "send_invoice";
  latestInvoiceId: string | null;
  /** When a change that waits for its payment expires; null without one. */
  pendingUntil: Date | null;
  scheduleId: string | null;
  /** The suspended scheduled change, from our metadata; see lib/billing/sync/scheduled-changes.ts. */
  suspendedChange: string | null;
  /** The subscription's own card; null when the customer's card is charged. */
  card: StripeCard | null;
  discounts: StripeDiscount[];
  createdAt: Date;
  items: StripeSubscriptionItem[];
};
export type StripeCheckoutSession = {
  id: string;
  customerId: string | null;
  mode: string;
  status: "open" | "complete" | "expired";
  paymentStatus: string;
  /** Whether a delayed payment (a bank debit) failed after the Checkout was completed. */
  delayedPaymentFailed: boolean;
  subscriptionId: string | null;
  paymentIntentId: string | null;
  lookupKey: string | null;
  url: string | null;
  /** The secret for embedding the session in our page; null for a hosted session. */
  clientSecret: string | null;
  /** Whether the session replaces the card. */
  isCardChange: boolean;
  /** The card that a completed card change saved. */
  chosenCard: ChosenCard | null;
  createdAt: Date;
  expiresAt: Date;
};
/** A successful payment with its refunds and disputes. */
export type StripeCharge = {
  id: string;
  paymentIntentId: string | null;
  amountCents: number;
  refundedCents: number;
  createdAt: Date;
  disputes: { id: string; status: string; amountCents: number }[];
};

/** The metadata of subscriptions whose trial our Checkout sold. */
export const trialMetadata = { sold_as: "trial" } as const;

type PriceFacts = Pick<
  Stripe.Price,
  "id" | "product" | "metadata" | "lookup_key" | "unit_amount" | "currency" | "recurring" | "active"
>;

/**
 * Converts a price. The lookup key is also stored in the metadata: when a price is replaced, the lookup key
 * moves to the new price, and subscriptions to the old one must still be recognized.
 */
export function toPrice(price: PriceFacts): StripePrice {
  return {
    id: price.id,
    productId: idOf(price.product),
    lookupKey: price.metadata.lookup_key ?? price.lookup_key,
    unitAmountCents: price.unit_amount,
    currency: price.currency,
    interval: price.recurring?.interval ?? null,
    isMetered: price.recurring?.usage_type === "metered",
    active: price.active,
  };
}

/** Converts a subscription. Its period is on the items. */
export function toSubscription(subscription: Stripe.Subscription): StripeSubscription {
  return {
    id: subscription.id,
    customerId: idOf(subscription.customer),
    status: subscription.status,
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    cancelAt: dateOrNull(subscription.cancel_at),
    canceledAt: dateOrNull(subscription.canceled_at),
    endedAt: dateOrNull(subscription.ended_at),
    trialStartedAt: dateOrNull(subscription.trial_start),
    trialEndsAt: dateOrNull(subscription.trial_end),
    soldAsTrial: subscription.metadata.sold_as === trialMetadata.sold_as,
    pausedAt: dateOrNull(subscription.status_details?.paused?.transitioned_at ?? null),
    collectionPause: toCollectionPause(subscription.pause_collection),
    collectionResumesAt: dateOrNull(subscription.pause_collection?.resumes_at ?? null),
    collectionMethod:
      subscription.collection_method === "send_invoice" ? "send_invoice" : "charge_automatically",
    latestInvoiceId: idOrNull(subscription.latest_invoice),
    pendingUntil: dateOrNull(subscription.pending_update?.expires_at ?? null),
    scheduleId: idOrNull(subscription.schedule),
    suspendedChange: subscription.metadata.in_store || null,
    card: toCard(subscription.default_payment_method),
    discounts: subscription.discounts.map(toDiscount),
    createdAt: dateOf(subscription.created),
    items: subscription.items.data.map((item) => ({
      id: item.id,
      price: toPrice(item.price),
      quantity: item.quantity ?? 1,
      periodStart: dateOf(item.current_period_start),
      periodEnd: dateOf(item.current_period_end),
    })),
  };
}

/** Treats unknown behaviors like voiding: the customer is not charged. */
function toCollectionPause(pause: Stripe.Subscription.PauseCollection | null) {
  if (pause === null) return null;
  const { behavior } = pause;
  if (behavior === "keep_as_draft") return "keep_as_draft";
  return behavior === "mark_uncollectible" ? "mark_uncollectible" : "void";
}

/** Converts a discount; one that was not expanded has no known end. */
function toDiscount(discount: string | Stripe.Discount): StripeDiscount {
  if (typeof discount === "string") return { id: discount, endsAt: null, appliesOnce: false };
  const { coupon } = discount.source;
  const appliesOnce = typeof coupon === "object" && coupon?.duration === "once";
  return { id: discount.id, endsAt: dateOrNull(discount.end), appliesOnce };
}

/** Converts a Checkout session. */
export function toCheckoutSession(session: Stripe.Checkout.Session): StripeCheckoutSession {
  return {
    id: session.id,
    customerId: idOrNull(session.customer),
    mode: session.mode,
    status: toSessionStatus(session.status),
    paymentStatus: session.payment_status,
    delayedPaymentFailed: hasDelayedFailure(session),
    subscriptionId: idOrNull(session.subscription),
    paymentIntentId: idOrNull(session.payment_intent),
    lookupKey: session.metadata?.lookup_key ?? null,
    url: session.url,
    clientSecret: session.client_secret,
    isCardChange: session.metadata?.purpose === cardChangePurpose,
    chosenCard: toChosenCard(session),
    createdAt: dateOf(session.created),
    expiresAt: dateOf(session.expires_at),
  };
}

/** False where the payment was not read with the session. */
function hasDelayedFailure({
  status,
  payment_status,
  payment_intent: payment,
}: Stripe.Checkout.Session): boolean {
  if (status !== "complete" || payment_status !== "unpaid") return false;
  if (payment === null || typeof payment === "string") return false;
  return payment.status === "requires_payment_method" || payment.status === "canceled";
}

/** Treats unknown statuses as expired. */
function toSessionStatus(status: string | null): StripeCheckoutSession["status"] {
  return status === "open" || status === "complete" ? status : "expired";
}

/** Converts a charge and its disputes, which Stripe lists separately. */
export function toCharge(charge: Stripe.Charge, disputes: Stripe.Dispute[]): StripeCharge {
  return {
    id: charge.id,
    paymentIntentId: idOrNull(charge.payment_intent),
    amountCents: charge.amount_captured,
    refundedCents: charge.amount_refunded,
    createdAt: dateOf(charge.created),
    disputes: disputes.map(({ id, status, amount }) => ({ id, status, amountCents: amount })),
  };
}

/** Returns the id of a reference, expanded or not. */
export function idOf(reference: string | { id: string }): string {
  return typeof reference === "string" ? reference : reference.id;
}

/** Returns the id of a reference, expanded or not; null without one. */
export function idOrNull(reference: string | { id: string } | null): string | null {
  return reference === null ? null : idOf(reference);
}

/** Converts Stripe's seconds since 1970. */
export function dateOf(seconds: number): Date {
  return new Date(seconds * 1_000);
}

/** Converts Stripe's seconds since 1970; null stays null. */
export function dateOrNull(seconds: number | null): Date | null {
  return seconds === null ? null : dateOf(seconds);
}
