import type Stripe from "stripe";
import {
  type ChosenCard,
  cardChangePurpose,
  cardOf,
  chosenCardOf,
  type StripeCard,
} from "#lib/gateways/stripe-card.ts";
import { taxCentsOf, taxLineId } from "#lib/gateways/stripe-tax.ts";

/** Stripe's objects in our words: only what we use, times as Dates, amounts in whole cents. */
export type StripePrice = {
  id: string;
  productId: string;
  lookupKey: string | null;
  unitAmountCents: number | null;
  currency: string;
  interval: string | null;
  /** Whether it is reckoned by what a meter counts, and so has no quantity. */
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
/** What is taken off the invoices of a subscription. */
export type StripeDiscount = {
  id: string;
  /** Null for one that goes on, or that the first invoice uses up. */
  endsAt: Date | null;
  isForOnce: boolean;
};
export type StripeSubscription = {
  id: string;
  status: string;
  cancelAtPeriodEnd: boolean;
  cancelAt: Date | null;
  canceledAt: Date | null;
  endedAt: Date | null;
  trialStartedAt: Date | null;
  trialEndsAt: Date | null;
  /** Whether its trial was sold at a Checkout of ours, and not given by hand at Stripe. */
  soldAsTrial: boolean;
  pausedAt: Date | null;
  latestInvoiceId: string | null;
  /** Until when a change waits for its payment. */
  pendingUntil: Date | null;
  scheduleId: string | null;
  /** What was in store for the period's end before a change that is to be paid first; see settle-store.ts. */
  storeNote: string | null;
  /** The card of its own that it is charged on; null where the customer's is. */
  card: StripeCard | null;
  discounts: StripeDiscount[];
  createdAt: Date;
  items: StripeSubscriptionItem[];
};
export type StripeInvoiceLine = {
  id: string;
  subscriptionItemId: string | null;
  priceId: string | null;
  /** As it stands on the invoice. */
  description: string | null;
  isProration: boolean;
  amountCents: number;
  periodStart: Date;
  periodEnd: Date;
};
export type StripeInvoice = {
  id: string;
  subscriptionId: string | null;
  number: string | null;
  status: string;
  billingReason: string | null;
  currency: string;
  totalCents: number;
  amountPaidCents: number;
  amountDueCents: number;
  periodStart: Date;
  periodEnd: Date;
  hostedUrl: string | null;
  pdfUrl: string | null;
  attemptCount: number;
  nextPaymentAttemptAt: Date | null;
  createdAt: Date;
  finalizedAt: Date | null;
  paidAt: Date | null;
  lines: StripeInvoiceLine[];
  hasMoreLines: boolean;
  /** What was or is to be paid with; empty where payments were not asked for. */
  paymentIntentIds: string[];
};
export type StripeCheckoutSession = {
  id: string;
  customerId: string | null;
  mode: string;
  status: "open" | "complete" | "expired";
  paymentStatus: string;
  subscriptionId: string | null;
  paymentIntentId: string | null;
  lookupKey: string | null;
  url: string | null;
  /** With which our own page shows it, where it is not Stripe's. */
  clientSecret: string | null;
  /** Whether it takes a card in place of the present one. */
  isCardChange: boolean;
  /** The card that such a session was given. */
  chosenCard: ChosenCard | null;
  createdAt: Date;
  expiresAt: Date;
};
/** A payment that succeeded, and what went back of it. */
export type StripeCharge = {
  id: string;
  paymentIntentId: string | null;
  amountCents: number;
  refundedCents: number;
  createdAt: Date;
  disputes: { id: string; status: string; amountCents: number }[];
};

/** Marks the subscriptions whose trial we sold, in their metadata at Stripe. */
export const trialMark = { sold_as: "trial" } as const;

type PriceFacts = Pick<
  Stripe.Price,
  "id" | "product" | "metadata" | "lookup_key" | "unit_amount" | "currency" | "recurring" | "active"
>;

/**
 * A price. Our key stands in its metadata too: when a price is replaced, the lookup key moves on to the new one, and those
 * who bought the old one must still be known.
 */
export function priceOf(price: PriceFacts): StripePrice {
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

/** A subscription. Its period stands on the items. */
export function subscriptionOf(subscription: Stripe.Subscription): StripeSubscription {
  return {
    id: subscription.id,
    status: subscription.status,
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    cancelAt: dateOrNull(subscription.cancel_at),
    canceledAt: dateOrNull(subscription.canceled_at),
    endedAt: dateOrNull(subscription.ended_at),
    trialStartedAt: dateOrNull(subscription.trial_start),
    trialEndsAt: dateOrNull(subscription.trial_end),
    soldAsTrial: subscription.metadata.sold_as === trialMark.sold_as,
    pausedAt: dateOrNull(subscription.status_details?.paused?.transitioned_at ?? null),
    latestInvoiceId: idOrNull(subscription.latest_invoice),
    pendingUntil: dateOrNull(subscription.pending_update?.expires_at ?? null),
    scheduleId: idOrNull(subscription.schedule),
    storeNote: subscription.metadata.in_store || null,
    card: cardOf(subscription.default_payment_method),
    discounts: subscription.discounts.map(discountOf),
    createdAt: dateOf(subscription.created),
    items: subscription.items.data.map((item) => ({
      id: item.id,
      price: priceOf(item.price),
      quantity: item.quantity ?? 1,
      periodStart: dateOf(item.current_period_start),
      periodEnd: dateOf(item.current_period_end),
    })),
  };
}

/** A discount; of one that Stripe only names, no end is known. */
function discountOf(discount: string | Stripe.Discount): StripeDiscount {
  if (typeof discount === "string") return { id: discount, endsAt: null, isForOnce: false };
  const { coupon } = discount.source;
  const isForOnce = typeof coupon === "object" && coupon?.duration === "once";
  return { id: discount.id, endsAt: dateOrNull(discount.end), isForOnce };
}

/** An invoice. Which subscription it bills is said by its parent. */
export function invoiceOf(invoice: Stripe.Invoice): StripeInvoice {
  return {
    id: invoice.id,
    subscriptionId: idOrNull(invoice.parent?.subscription_details?.subscription ?? null),
    number: invoice.number,
    status: invoice.status ?? "draft",
    billingReason: invoice.billing_reason,
    currency: invoice.currency,
    totalCents: invoice.total,
    amountPaidCents: invoice.amount_paid,
    amountDueCents: invoice.amount_due,
    periodStart: dateOf(invoice.period_start),
    periodEnd: dateOf(invoice.period_end),
    hostedUrl: invoice.hosted_invoice_url ?? null,
    pdfUrl: invoice.invoice_pdf ?? null,
    attemptCount: invoice.attempt_count,
    nextPaymentAttemptAt: dateOrNull(invoice.next_payment_attempt),
    createdAt: dateOf(invoice.created),
    finalizedAt: dateOrNull(invoice.status_transitions.finalized_at),
    paidAt: dateOrNull(invoice.status_transitions.paid_at),
    lines: [...invoice.lines.data.map(invoiceLineOf), ...taxLinesOf(invoice)],
    hasMoreLines: invoice.lines.has_more,
    paymentIntentIds: (invoice.payments?.data ?? [])
      .map(({ payment }) => idOrNull(payment.payment_intent ?? null))
      .filter((id) => id !== null),
  };
}

/** Stripe says an invoice's tax beside its lines; ours is one of them, so that they sum to what is paid. */
function taxLinesOf(invoice: Stripe.Invoice): StripeInvoiceLine[] {
  const amountCents = taxCentsOf(invoice);
  if (amountCents === 0) return [];
  const period = { periodStart: dateOf(invoice.period_start), periodEnd: dateOf(invoice.period_end) };
  const nothing = { subscriptionItemId: null, priceId: null, isProration: false };
  return [{ id: taxLineId(invoice.id), description: "Tax", amountCents, ...nothing, ...period }];
}

/** A line of an invoice. */
export function invoiceLineOf(line: Stripe.InvoiceLineItem): StripeInvoiceLine {
  const item = line.parent?.subscription_item_details ?? null;
  const price = line.pricing?.price_details?.price ?? null;
  return {
    id: line.id,
    subscriptionItemId: item?.subscription_item ?? null,
    priceId: idOrNull(price),
    description: line.description,
    isProration: item?.proration ?? false,
    amountCents: line.amount,
    periodStart: dateOf(line.period.start),
    periodEnd: dateOf(line.period.end),
  };
}

/** A Checkout session. */
export function checkoutSessionOf(session: Stripe.Checkout.Session): StripeCheckoutSession {
  return {
    id: session.id,
    customerId: idOrNull(session.customer),
    mode: session.mode,
    status: sessionStatusOf(session.status),
    paymentStatus: session.payment_status,
    subscriptionId: idOrNull(session.subscription),
    paymentIntentId: idOrNull(session.payment_intent),
    lookupKey: session.metadata?.lookup_key ?? null,
    url: session.url,
    clientSecret: session.client_secret,
    isCardChange: session.metadata?.purpose === cardChangePurpose,
    chosenCard: chosenCardOf(session),
    createdAt: dateOf(session.created),
    expiresAt: dateOf(session.expires_at),
  };
}

/** A session whose state has no name of ours cannot be used any more. */
function sessionStatusOf(status: string | null): StripeCheckoutSession["status"] {
  return status === "open" || status === "complete" ? status : "expired";
}

/** A charge, with its disputes, which stand at Stripe by themselves. */
export function chargeOf(charge: Stripe.Charge, disputes: Stripe.Dispute[]): StripeCharge {
  return {
    id: charge.id,
    paymentIntentId: idOrNull(charge.payment_intent),
    amountCents: charge.amount_captured,
    refundedCents: charge.amount_refunded,
    createdAt: dateOf(charge.created),
    disputes: disputes.map(({ id, status, amount }) => ({ id, status, amountCents: amount })),
  };
}

function idOf(reference: string | { id: string }): string {
  return typeof reference === "string" ? reference : reference.id;
}

function idOrNull(reference: string | { id: string } | null): string | null {
  return reference === null ? null : idOf(reference);
}

function dateOf(seconds: number): Date {
  return new Date(seconds * 1_000);
}

function dateOrNull(seconds: number | null): Date | null {
  return seconds === null ? null : dateOf(seconds);
}
