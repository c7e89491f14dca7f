import { appLink, type Letter } from "#lib/accounts/letter.ts";
import { dayOf } from "#lib/billing/letter-day.ts";
import { type Offer, offerTitle } from "#lib/billing/plans.ts";
import { plusTax } from "#lib/billing/plus-tax.ts";
import { env } from "#lib/core/env.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/objects.ts";

/** A plan was paid for, for the first time. */
export const welcomeLetter = ({ offer, renewsAt }: { offer: Offer; renewsAt: Date }): Letter => ({
  subject: `${env().APP_NAME} ${offer.plan.name} is active`,
  preview: `${formatMoney(offer.plan.allowanceMicros)} of credit a month.`,
  heading: `${offer.plan.name} is active`,
  paragraphs: ["Your payment went through, and this month's credit is on your balance."],
  facts: [
    { label: "Plan", value: offerTitle(offer) },
    { label: "Price", value: priceOf(offer) },
    { label: "Credit a month", value: formatMoney(offer.plan.allowanceMicros) },
    { label: "Renews on", value: dayOf(renewsAt) },
  ],
  action: { label: "See your plan", url: appLink("/billing") },
  notes: ["You can cancel at any time; the plan then stays until the end of what you have paid for."],
});

type Trial = {
  offer: Offer;
  endsAt: Date;
  creditMicros: number;
  /** What the first invoice collects, which discounts may have made less than the price. */
  firstCents: number;
};

/** A trial has begun (M11): what is charged when it ends, and how not to be. */
export const trialBegunLetter = ({ offer, endsAt, creditMicros, firstCents }: Trial): Letter => ({
  subject: `Your trial of ${env().APP_NAME} ${offer.plan.name} has begun`,
  preview: `Free until ${dayOf(endsAt)}.`,
  heading: `Try ${offer.plan.name} until ${dayOf(endsAt)}`,
  paragraphs: [
    `Nothing was charged today. On ${dayOf(endsAt)} the trial ends and your card is charged ${chargeOf(firstCents)}. Cancel before that day and you pay nothing.`,
  ],
  facts: [
    { label: "Credit for the trial", value: formatMoney(creditMicros) },
    { label: "First payment", value: `${chargeOf(firstCents)} on ${dayOf(endsAt)}` },
    { label: "Then", value: priceOf(offer) },
  ],
  action: { label: "See your trial", url: appLink("/billing") },
  notes: ["You cancel on your billing page, with one button."],
});

/** A trial ends soon and will be paid for (M11). */
export const trialEndingLetter = ({ offer, endsAt, firstCents }: Omit<Trial, "creditMicros">): Letter => ({
  subject: `Your trial of ${env().APP_NAME} ${offer.plan.name} ends on ${dayOf(endsAt)}`,
  preview: `${chargeOf(firstCents)} is charged then, unless you cancel.`,
  heading: `Your trial ends on ${dayOf(endsAt)}`,
  paragraphs: [
    `On that day your card is charged ${chargeOf(firstCents)}, and ${offer.plan.name} goes on with ${formatMoney(offer.plan.allowanceMicros)} of credit a month.`,
    "If you would rather not, cancel before then: nothing is charged, and nothing of yours is deleted.",
  ],
  facts: [
    { label: "First payment", value: `${chargeOf(firstCents)} on ${dayOf(endsAt)}` },
    { label: "Then", value: priceOf(offer) },
  ],
  action: { label: "Keep or cancel", url: appLink("/billing") },
});

/** A trial was ended at once, because card or address had had one (M11). */
export const trialRefusedLetter = ({ offer }: { offer: Offer }): Letter => ({
  subject: `Your trial of ${env().APP_NAME} ${offer.plan.name} could not begin`,
  preview: "Nothing was charged.",
  heading: "Your trial could not begin",
  paragraphs: [
    "Each card and each address can have one trial, and one of yours has had it. So we ended this one before it began: nothing was charged, and nothing will be.",
    `You can choose ${offer.plan.name} at any time, for ${priceOf(offer)}, paid at once.`,
  ],
  action: { label: "See the plans", url: appLink("/pricing") },
});

type Canceled = {
  offer: Offer;
  endsAt: Date;
  isTrial: boolean;
  /** Whether use beyond credit is still to be billed for the period. */
  billsUse: boolean;
};

/** An end was announced (M14): what is kept until when, and what comes then. */
export const canceledLetter = ({ offer, endsAt, isTrial, billsUse }: Canceled): Letter => ({
  subject: `${env().APP_NAME} ${offer.plan.name} is canceled`,
  preview: `You keep it until ${dayOf(endsAt)}.`,
  heading: `${offer.plan.name} is canceled`,
  paragraphs: [
    `You keep ${isTrial ? "your trial of " : ""}${offer.plan.name} and its credit until ${dayOf(endsAt)}. ${whatIsCharged(isTrial, billsUse)}`,
    "From then on your workspace is on Free. Your conversations, API keys and invoices stay, and so does credit that you bought.",
  ],
  facts: [{ label: `${offer.plan.name} ends on`, value: dayOf(endsAt) }],
  action: { label: `Keep ${offer.plan.name}`, url: appLink("/billing") },
  notes: ["You can change your mind until that day."],
});

function whatIsCharged(isTrial: boolean, billsUse: boolean): string {
  if (isTrial) return "Nothing is charged.";
  return billsUse
    ? "Nothing more is charged, except what you use beyond your credit until then."
    : "Nothing more is charged.";
}

type Ended = { offer: Offer; unpaid: Pick<StripeInvoice, "amountDueCents" | "amountPaidCents"> | null };

/** What is over, why, and what stays. @param ended what ran, and the invoice that was never paid, where that is the reason */
export const endedLetter = ({ offer, unpaid }: Ended): Letter => ({
  subject: `${env().APP_NAME} ${offer.plan.name} has ended`,
  preview: "Your workspace is on Free. Nothing was deleted.",
  heading: `${offer.plan.name} has ended`,
  paragraphs: [
    unpaid === null
      ? "Your workspace is on Free from now on, and nothing more is charged."
      : `Its payment of ${formatMoney(fromCents(unpaid.amountDueCents - unpaid.amountPaidCents))} could not be collected, so your workspace is on Free from now on. We do not try your card again; the invoice stands on your billing page.`,
    "Your conversations, API keys and invoices are still there. Credit that you bought stays until it is used or twelve months old.",
  ],
  action: { label: "See the plans", url: appLink("/pricing") },
});

function priceOf({ price, interval }: Offer): string {
  return `${chargeOf(price.cents)} a ${interval}`;
}

function chargeOf(cents: number): string {
  return `${formatMoney(fromCents(cents))}${plusTax()}`;
}
