import type { Email } from "#lib/accounts/email/email-template.ts";
import { findTopUp, type Offer } from "#lib/billing/catalog/plans.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import type { TrialCheckedState } from "#lib/billing/customer/customer-state.ts";
import { findDefaultCard } from "#lib/billing/customer/default-card.ts";
import { isUnpaid } from "#lib/billing/customer/invoice-statuses.ts";
import { finalizedAtOf, pastDueSince } from "#lib/billing/customer/past-due.ts";
import { meteredItemOf, planItemOf } from "#lib/billing/customer/subscription-items.ts";
import { isRunning } from "#lib/billing/customer/subscription-statuses.ts";
import {
  actionRequiredEmail,
  cardExpiringEmail,
  paymentFailedEmail,
  refundedEmail,
  topUpFailedEmail,
} from "#lib/billing/emails/payment-emails.ts";
import {
  canceledEmail,
  planEndedEmail,
  trialEndingEmail,
  trialRefusedEmail,
  trialStartedEmail,
  welcomeEmail,
} from "#lib/billing/emails/plan-emails.ts";
import { graceMs } from "#lib/billing/entitlements/entitlements.ts";
import type { Locale } from "#lib/core/locale.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";
import type { StripeCheckoutSession, StripeSubscription } from "#lib/gateways/stripe/objects.ts";

const dayMs = 86_400_000;
/** Older occasions send no email, so that the first sync of an old customer does not welcome them. */
const newsMs = 3 * dayMs;
/** Banks decline a debit up to two weeks after the Checkout. */
const longestDelayMs = 14 * dayMs;
/** How long before a trial's end its email is sent. */
const trialNoticeMs = 3 * dayMs;
/**
 * A plan change asks for the bank's confirmation on the page; the email is sent only if that is not
 * completed.
 */
const unattendedMs = 10 * 60_000;

/** An email, and the unique key by which it is sent once. */
export type DueEmail = { uniqueKey: string; write: (locale: Locale) => Email };

/** A customer's state, and further facts that emails contain. */
export type EmailFacts = TrialCheckedState & {
  /** Ids of open invoices whose payment the bank must confirm. */
  awaitingConfirmation: ReadonlySet<string>;
  /** Refunded payments, with the time of the last refund and the credit clawed back. */
  refunds: Refund[];
};
export type Refund = {
  chargeId: string;
  paidCents: number;
  refundedCents: number;
  /** ISO 4217. */
  currency: string;
  at: Date;
  takenBackMicros: number;
};

/**
 * Returns the emails that a customer's state calls for at a moment. Pure. The keys prevent sending one twice.
 */
export function emailsDue(facts: EmailFacts, at: Date): DueEmail[] {
  const planEmails = facts.subscriptions.flatMap((subscription) => {
    const offer = billedOffer(subscription);
    if (offer === undefined) return [];
    const context: Context = { subscription, offer, facts, at };
    return [welcomeDue, trialEmailsDue, cancellationDue, endDue, failuresDue, cardExpiryDue].flatMap((due) =>
      due(context),
    );
  });
  return [
    ...planEmails,
    ...facts.sessions.flatMap((session) => topUpFailureDue(session, at)),
    ...facts.refunds.filter((refund) => isNews(refund.at, at)).map(refundDue),
  ];
}

/**
 * Returns when the next email becomes due by time alone, so that a sync can be scheduled for it; null for
 * none.
 */
export function nextEmailAt({ subscriptions, invoices }: TrialCheckedState, at: Date): Date | null {
  const moments = subscriptions.flatMap((subscription) => {
    const { status, trialEndsAt, pendingUntil, latestInvoiceId } = subscription;
    const notice =
      status === "trialing" && trialEndsAt !== null && cancellationDate(subscription) === null
        ? [new Date(trialEndsAt.getTime() - trialNoticeMs)]
        : [];
    const unconfirmed = pendingUntil === null ? [] : invoices.filter(({ id }) => id === latestInvoiceId);
    return [
      ...notice,
      ...unconfirmed.map((invoice) => new Date(finalizedAtOf(invoice).getTime() + unattendedMs)),
    ];
  });
  const coming = moments.map((moment) => moment.getTime()).filter((ms) => ms > at.getTime());
  return coming.length === 0 ? null : new Date(Math.min(...coming));
}

type Context = { subscription: StripeSubscription; offer: Offer; facts: EmailFacts; at: Date };

function isNews(moment: Date, at: Date): boolean {
  return at.getTime() - moment.getTime() < newsMs;
}

/** Returns the plan of a subscription at its actual price, which may be older than the catalog's. */
function billedOffer({ items }: StripeSubscription): Offer | undefined {
  const plan = planItemOf(items);
  if (plan === undefined) return undefined;
  const { item, offer } = plan;
  const cents = item.price.unitAmountCents;
  return cents === null ? offer : { ...offer, price: { ...offer.price, cents: cents * item.quantity } };
}

function welcomeDue({ subscription, offer, facts, at }: Context): DueEmail[] {
  const { id, status, items } = subscription;
  const since = paidSince(subscription, facts.invoices);
  if (status !== "active" || since === null || !isNews(since, at)) return [];
  const renewsAt = items[0]?.periodEnd ?? at;
  return [{ uniqueKey: `welcome:${id}`, write: (locale) => welcomeEmail({ offer, renewsAt }, locale) }];
}

/**
 * Returns since when a subscription is paid: after a trial, since its first successful payment; null before
 * it.
 */
function paidSince(
  { id, createdAt, trialEndsAt }: StripeSubscription,
  invoices: StripeInvoice[],
): Date | null {
  if (trialEndsAt === null) return createdAt;
  const paid = invoices
    .filter((invoice) => invoice.subscriptionId === id && invoice.status === "paid")
    .filter((invoice) => invoice.createdAt >= trialEndsAt)
    .map((invoice) => (invoice.paidAt ?? invoice.createdAt).getTime());
  return paid.length === 0 ? null : new Date(Math.min(...paid));
}

/** M11: a trial has started, ends soon and will be charged, or was refused. */
function trialEmailsDue({ subscription, offer, facts, at }: Context): DueEmail[] {
  const { id, status, soldAsTrial, trialStartedAt, trialEndsAt: endsAt, endedAt } = subscription;
  if (facts.refusedTrials.has(id)) {
    const isOld = endedAt !== null && !isNews(endedAt, at);
    return isOld
      ? []
      : [
          {
            uniqueKey: `trial-refused:${id}`,
            write: (locale) => trialRefusedEmail({ offer }, locale),
          },
        ];
  }
  if (status !== "trialing" || trialStartedAt === null || endsAt === null || endsAt <= at) return [];
  if (cancellationDate(subscription) !== null) return [];
  const { creditMicros } = proTrial;
  const firstCents = facts.nextPayments.get(id) ?? offer.price.cents;
  const trial = { offer, endsAt, creditMicros, firstCents };
  const started: DueEmail = { uniqueKey: `trial:${id}`, write: (locale) => trialStartedEmail(trial, locale) };
  const ending: DueEmail = {
    uniqueKey: `trial-ending:${id}:${endsAt.toISOString()}`,
    write: (locale) => trialEndingEmail(trial, locale),
  };
  const endsSoon = endsAt.getTime() - at.getTime() <= trialNoticeMs;
  return [
    ...(soldAsTrial && isNews(trialStartedAt, at) ? [started] : []),
    ...(endsSoon && findDefaultCard(facts) !== null ? [ending] : []),
  ];
}

/**
 * Returns when a canceled plan ends: Stripe sets a date, or cancels at the period's end; null without a
 * cancellation.
 */
function cancellationDate({ cancelAt, cancelAtPeriodEnd, items }: StripeSubscription): Date | null {
  return cancelAt ?? (cancelAtPeriodEnd ? (items[0]?.periodEnd ?? null) : null);
}

/**
 * M14: the plan is canceled and kept until its end. Undoing and repeating the cancellation sends no second
 * email.
 */
function cancellationDue({ subscription, offer, at }: Context): DueEmail[] {
  const { id, status, canceledAt } = subscription;
  const endsAt = cancellationDate(subscription);
  if (!isRunning(subscription) || endsAt === null || endsAt <= at || !isNews(canceledAt ?? at, at)) return [];
  const isTrial = status === "trialing";
  const billsUse = meteredItemOf(subscription.items) !== undefined;
  const uniqueKey = `canceled:${id}:${endsAt.toISOString()}`;
  return [{ uniqueKey, write: (locale) => canceledEmail({ offer, endsAt, isTrial, billsUse }, locale) }];
}

/** The plan has ended, by cancellation (M14) or after the last payment retry. */
function endDue({ subscription: { id, status, endedAt }, offer, facts, at }: Context): DueEmail[] {
  if (status !== "canceled" || endedAt === null || !isNews(endedAt, at)) return [];
  if (facts.refusedTrials.has(id)) return [];
  const unpaid = facts.invoices.find(
    (invoice) => invoice.subscriptionId === id && isUnpaid(invoice) && invoice.attemptCount > 0,
  );
  return [
    {
      uniqueKey: `ended:${id}`,
      write: (locale) => planEndedEmail({ offer, unpaid: unpaid ?? null }, locale),
    },
  ];
}

/** For each unsuccessful attempt: the payment failed (M13), or the bank must confirm it. */
function failuresDue({ subscription, offer, facts, at }: Context): DueEmail[] {
  const { id, pendingUntil, latestInvoiceId } = subscription;
  const since = pastDueSince(subscription, facts.invoices);
  const accessUntil = since === null ? null : new Date(since.getTime() + graceMs);
  if (!isRunning(subscription)) return [];
  return facts.invoices
    .filter(
      (invoice) => invoice.subscriptionId === id && invoice.status === "open" && invoice.attemptCount > 0,
    )
    .flatMap((invoice): DueEmail[] => {
      const attempt = `${invoice.id}:${invoice.attemptCount}`;
      if (facts.awaitingConfirmation.has(invoice.id)) {
        const isUserPresent =
          pendingUntil !== null &&
          invoice.id === latestInvoiceId &&
          at.getTime() - finalizedAtOf(invoice).getTime() < unattendedMs;
        const write: DueEmail["write"] = (locale) =>
          actionRequiredEmail({ invoice, offer, accessUntil, at }, locale);
        return isUserPresent ? [] : [{ uniqueKey: `action-needed:${attempt}`, write }];
      }
      if (accessUntil === null) return [];
      return [
        {
          uniqueKey: `payment-failed:${attempt}`,
          write: (locale) => paymentFailedEmail({ invoice, offer, accessUntil, at }, locale),
        },
      ];
    });
}

/** The card expires this month or next, and the plan renews. */
function cardExpiryDue({ subscription, offer, facts, at }: Context): DueEmail[] {
  const card = findDefaultCard(facts);
  if (card === null || !isRunning(subscription) || cancellationDate(subscription) !== null) return [];
  const { brand, last4, expMonth, expYear } = card;
  const monthsLeft = expYear * 12 + expMonth - (at.getUTCFullYear() * 12 + at.getUTCMonth() + 1);
  if (monthsLeft !== 0 && monthsLeft !== 1) return [];
  const uniqueKey = `card-expiring:${facts.customerId}:${brand}:${last4}:${expYear}-${expMonth}`;
  return [{ uniqueKey, write: (locale) => cardExpiringEmail({ card, offer }, locale) }];
}

/** The bank declined a delayed payment of a top-up, which no page shows any more (M15). */
function topUpFailureDue(
  { id, lookupKey, delayedPaymentFailed, createdAt }: StripeCheckoutSession,
  at: Date,
): DueEmail[] {
  const cents = findTopUp(lookupKey)?.price.cents;
  const isOld = at.getTime() - createdAt.getTime() > newsMs + longestDelayMs;
  if (cents === undefined || !delayedPaymentFailed || isOld) return [];
  return [{ uniqueKey: `top-up-failed:${id}`, write: (locale) => topUpFailedEmail({ cents }, locale) }];
}

/** M18: one email for each total of a payment's refunds. */
function refundDue({ chargeId, ...refund }: Refund): DueEmail {
  return {
    uniqueKey: refundKey(chargeId, refund.refundedCents),
    write: (locale) => refundedEmail(refund, locale),
  };
}

/** The unique key of the email about a refund. */
export function refundKey(chargeId: string, refundedCents: number): string {
  return `refunded:${chargeId}:${refundedCents}`;
}
