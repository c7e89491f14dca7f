import type { Letter } from "#lib/accounts/letter.ts";
import { chargedCardOf } from "#lib/billing/charged-card.ts";
import { graceMs } from "#lib/billing/entitlements.ts";
import { pastDueSince } from "#lib/billing/past-due.ts";
import {
  actionNeededLetter,
  cardExpiringLetter,
  failedLetter,
  refundedLetter,
} from "#lib/billing/payment-letters.ts";
import {
  canceledLetter,
  endedLetter,
  trialBegunLetter,
  trialEndingLetter,
  trialRefusedLetter,
  welcomeLetter,
} from "#lib/billing/plan-letters.ts";
import { findOffer, type Offer } from "#lib/billing/plans.ts";
import type { SettledState } from "#lib/billing/settle-trials.ts";
import { meteredItemOf } from "#lib/billing/subscription-items.ts";
import { proTrial } from "#lib/billing/trial.ts";
import type { StripeInvoice, StripeSubscription } from "#lib/gateways/stripe-objects.ts";

const dayMs = 86_400_000;
/** What is older is no news: a customer who is synced for the first time after long is not greeted. */
const newsMs = 3 * dayMs;
/** How long before its end a trial is spoken of. */
const trialNoticeMs = 3 * dayMs;
/** Who changes their plan is led to their bank at once; only where that was left is it written about. */
const unattendedMs = 10 * 60_000;

/** A letter, under the key by which it goes out once. */
export type Due = { uniqueKey: string; write: () => Letter };

/** A customer's state, and what letters say beyond it. */
export type LetterFacts = SettledState & {
  /** Ids of open invoices whose payment the bank wants confirmed. */
  asked: ReadonlySet<string>;
  /** Payments of which money went back, with when it last did and what that took of their credit. */
  refunds: Refund[];
};
export type Refund = {
  chargeId: string;
  paidCents: number;
  refundedCents: number;
  at: Date;
  takenBackMicros: number;
};

/** The letters that a customer's state asks for at a moment. Pure: whatever was sent before, the keys tell it apart. */
export function lettersDue(facts: LetterFacts, at: Date): Due[] {
  const ofPlans = facts.subscriptions.flatMap((subscription) => {
    const offer = offerOf(subscription);
    if (offer === undefined) return [];
    const about: About = { subscription, offer, facts, at };
    return [welcomeOf, trialOf, endingOf, endOf, failuresOf, cardOf].flatMap((due) => due(about));
  });
  return [...ofPlans, ...facts.refunds.filter((refund) => isNews(refund.at, at)).map(refundOf)];
}

/**
 * When the next letter falls due that time alone brings: a sync is planned for that moment, so that it does not hang on an
 * event. Null when none is known of.
 */
export function nextLetterAt({ subscriptions, invoices }: SettledState, at: Date): Date | null {
  const moments = subscriptions.flatMap((subscription) => {
    const { status, trialEndsAt, pendingUntil, latestInvoiceId } = subscription;
    const notice =
      status === "trialing" && trialEndsAt !== null && endOfPlan(subscription) === null
        ? [new Date(trialEndsAt.getTime() - trialNoticeMs)]
        : [];
    const waiting = pendingUntil === null ? [] : invoices.filter(({ id }) => id === latestInvoiceId);
    return [...notice, ...waiting.map((invoice) => new Date(finalAt(invoice).getTime() + unattendedMs))];
  });
  const coming = moments.map((moment) => moment.getTime()).filter((ms) => ms > at.getTime());
  return coming.length === 0 ? null : new Date(Math.min(...coming));
}

type About = { subscription: StripeSubscription; offer: Offer; facts: LetterFacts; at: Date };

function isNews(moment: Date, at: Date): boolean {
  return at.getTime() - moment.getTime() < newsMs;
}

/** What runs, at the price that it runs at, which may be an older one than the catalogue's. */
function offerOf({ items }: StripeSubscription): Offer | undefined {
  const item = items.find(({ price }) => findOffer(price.lookupKey) !== undefined);
  const offer = findOffer(item?.price.lookupKey ?? null);
  if (offer === undefined || item === undefined) return undefined;
  const cents = item.price.unitAmountCents;
  return cents === null ? offer : { ...offer, price: { ...offer.price, cents: cents * item.quantity } };
}

function welcomeOf({ subscription, offer, facts, at }: About): Due[] {
  const { id, status, items } = subscription;
  const since = paidSince(subscription, facts.invoices);
  if (status !== "active" || since === null || !isNews(since, at)) return [];
  const renewsAt = items[0]?.periodEnd ?? at;
  return [{ uniqueKey: `welcome:${id}`, write: () => welcomeLetter({ offer, renewsAt }) }];
}

/** After a trial what runs is new when it is paid for, which may be some attempts later; null until then. */
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

/** M11: a trial of ours that began, one that ends soon and will be charged, one that was refused. */
function trialOf({ subscription, offer, facts, at }: About): Due[] {
  const { id, status, soldAsTrial, trialStartedAt, trialEndsAt: endsAt, endedAt } = subscription;
  if (facts.refusedTrials.has(id)) {
    const isOld = endedAt !== null && !isNews(endedAt, at);
    return isOld ? [] : [{ uniqueKey: `trial-refused:${id}`, write: () => trialRefusedLetter({ offer }) }];
  }
  if (status !== "trialing" || trialStartedAt === null || endsAt === null || endsAt <= at) return [];
  if (endOfPlan(subscription) !== null) return [];
  const { creditMicros } = proTrial;
  const firstCents = facts.nextPayments.get(id) ?? offer.price.cents;
  const trial = { offer, endsAt, creditMicros, firstCents };
  const begun = { uniqueKey: `trial:${id}`, write: () => trialBegunLetter(trial) };
  const ending = {
    uniqueKey: `trial-ending:${id}:${endsAt.toISOString()}`,
    write: () => trialEndingLetter(trial),
  };
  const endsSoon = endsAt.getTime() - at.getTime() <= trialNoticeMs;
  return [
    ...(soldAsTrial && isNews(trialStartedAt, at) ? [begun] : []),
    ...(endsSoon && chargedCardOf(facts) !== null ? [ending] : []),
  ];
}

const running = new Set(["active", "trialing", "past_due"]);

/** The announced end of a plan; Stripe says it in two ways. */
function endOfPlan({ cancelAt, cancelAtPeriodEnd, items }: StripeSubscription): Date | null {
  return cancelAt ?? (cancelAtPeriodEnd ? (items[0]?.periodEnd ?? null) : null);
}

/** M14: canceled, and kept until then. Who takes it back and cancels again knows this already. */
function endingOf({ subscription, offer, at }: About): Due[] {
  const { id, status, canceledAt } = subscription;
  const endsAt = endOfPlan(subscription);
  if (!running.has(status) || endsAt === null || endsAt <= at || !isNews(canceledAt ?? at, at)) return [];
  const isTrial = status === "trialing";
  const billsUse = meteredItemOf(subscription.items) !== undefined;
  const uniqueKey = `canceled:${id}:${endsAt.toISOString()}`;
  return [{ uniqueKey, write: () => canceledLetter({ offer, endsAt, isTrial, billsUse }) }];
}

/** M14, and the end of all retries: what is over, and what stays. */
function endOf({ subscription: { id, status, endedAt }, offer, facts, at }: About): Due[] {
  if (status !== "canceled" || endedAt === null || !isNews(endedAt, at)) return [];
  if (facts.refusedTrials.has(id)) return [];
  const unpaid = facts.invoices.find(
    ({ subscriptionId, status: said, attemptCount }) =>
      subscriptionId === id && (said === "open" || said === "uncollectible") && attemptCount > 0,
  );
  return [{ uniqueKey: `ended:${id}`, write: () => endedLetter({ offer, unpaid: unpaid ?? null }) }];
}

/** For each attempt that did not succeed: that it failed (M13), or that the bank wants to be asked. */
function failuresOf({ subscription, offer, facts, at }: About): Due[] {
  const { id, status, pendingUntil, latestInvoiceId } = subscription;
  const since = pastDueSince(subscription, facts.invoices);
  const accessUntil = since === null ? null : new Date(since.getTime() + graceMs);
  if (!running.has(status)) return [];
  return facts.invoices
    .filter(
      (invoice) => invoice.subscriptionId === id && invoice.status === "open" && invoice.attemptCount > 0,
    )
    .flatMap((invoice): Due[] => {
      const attempt = `${invoice.id}:${invoice.attemptCount}`;
      if (facts.asked.has(invoice.id)) {
        const isAttended =
          pendingUntil !== null &&
          invoice.id === latestInvoiceId &&
          at.getTime() - finalAt(invoice).getTime() < unattendedMs;
        const write = () => actionNeededLetter({ invoice, offer, accessUntil, at });
        return isAttended ? [] : [{ uniqueKey: `action-needed:${attempt}`, write }];
      }
      if (accessUntil === null) return [];
      return [
        {
          uniqueKey: `payment-failed:${attempt}`,
          write: () => failedLetter({ invoice, offer, accessUntil, at }),
        },
      ];
    });
}

function finalAt({ finalizedAt, createdAt }: StripeInvoice): Date {
  return finalizedAt ?? createdAt;
}

/** The card ends this month or next, and the plan goes on. */
function cardOf({ subscription, offer, facts, at }: About): Due[] {
  const card = chargedCardOf(facts);
  if (card === null || !running.has(subscription.status) || endOfPlan(subscription) !== null) return [];
  const { brand, last4, expMonth, expYear } = card;
  const monthsLeft = expYear * 12 + expMonth - (at.getUTCFullYear() * 12 + at.getUTCMonth() + 1);
  if (monthsLeft !== 0 && monthsLeft !== 1) return [];
  const uniqueKey = `card-expiring:${facts.customerId}:${brand}:${last4}:${expYear}-${expMonth}`;
  return [{ uniqueKey, write: () => cardExpiringLetter({ card, offer }) }];
}

/** M18: once for each sum that a payment's refunds add up to. */
function refundOf({ chargeId, ...refund }: Refund): Due {
  return { uniqueKey: refundKey(chargeId, refund.refundedCents), write: () => refundedLetter(refund) };
}

/** By this key a refund's letter goes out once. */
export function refundKey(chargeId: string, refundedCents: number): string {
  return `refunded:${chargeId}:${refundedCents}`;
}
