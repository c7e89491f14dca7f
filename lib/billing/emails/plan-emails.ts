import { appLink, type Email } from "#lib/accounts/email/email-template.ts";
import { type Offer, offerTitle } from "#lib/billing/catalog/plans.ts";
import { plusTax } from "#lib/billing/catalog/plus-tax.ts";
import { formatEmailDate } from "#lib/billing/emails/email-date.ts";
import { env } from "#lib/core/env.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";

/** A plan was paid for the first time. */
export const welcomeEmail = ({ offer, renewsAt }: { offer: Offer; renewsAt: Date }): Email => ({
  subject: `${env().APP_NAME} ${offer.plan.name} is active`,
  preview: `${formatMoney(offer.plan.allowanceMicros)} of credit a month.`,
  heading: `${offer.plan.name} is active`,
  paragraphs: ["Your payment went through, and this month's credit is on your balance."],
  facts: [
    { label: "Plan", value: offerTitle(offer) },
    { label: "Price", value: formatPrice(offer) },
    { label: "Credit a month", value: formatMoney(offer.plan.allowanceMicros) },
    { label: "Renews on", value: formatEmailDate(renewsAt) },
  ],
  action: { label: "See your plan", url: appLink("/billing") },
  notes: ["You can cancel at any time; the plan then stays until the end of what you have paid for."],
});

type Trial = {
  offer: Offer;
  endsAt: Date;
  creditMicros: number;
  /** The first invoice's amount, which discounts may have reduced. */
  firstCents: number;
};

/** A trial has started (M11): what is charged at its end, and how to cancel. */
export const trialStartedEmail = ({ offer, endsAt, creditMicros, firstCents }: Trial): Email => ({
  subject: `Your trial of ${env().APP_NAME} ${offer.plan.name} has begun`,
  preview: `Free until ${formatEmailDate(endsAt)}.`,
  heading: `Try ${offer.plan.name} until ${formatEmailDate(endsAt)}`,
  paragraphs: [
    `Nothing was charged today. On ${formatEmailDate(endsAt)} the trial ends and your card is charged ${formatCharge(firstCents)}. Cancel before that day and you pay nothing.`,
  ],
  facts: [
    { label: "Credit for the trial", value: formatMoney(creditMicros) },
    { label: "First payment", value: `${formatCharge(firstCents)} on ${formatEmailDate(endsAt)}` },
    { label: "Then", value: formatPrice(offer) },
  ],
  action: { label: "See your trial", url: appLink("/billing") },
  notes: ["You cancel on your billing page, with one button."],
});

/** A trial ends soon and will be charged (M11). */
export const trialEndingEmail = ({ offer, endsAt, firstCents }: Omit<Trial, "creditMicros">): Email => ({
  subject: `Your trial of ${env().APP_NAME} ${offer.plan.name} ends on ${formatEmailDate(endsAt)}`,
  preview: `${formatCharge(firstCents)} is charged then, unless you cancel.`,
  heading: `Your trial ends on ${formatEmailDate(endsAt)}`,
  paragraphs: [
    `On that day your card is charged ${formatCharge(firstCents)}, and ${offer.plan.name} goes on with ${formatMoney(offer.plan.allowanceMicros)} of credit a month.`,
    "If you would rather not, cancel before then: nothing is charged, and nothing of yours is deleted.",
  ],
  facts: [
    { label: "First payment", value: `${formatCharge(firstCents)} on ${formatEmailDate(endsAt)}` },
    { label: "Then", value: formatPrice(offer) },
  ],
  action: { label: "Keep or cancel", url: appLink("/billing") },
});

/** A trial was refused because the card or email address has had one (M11). */
export const trialRefusedEmail = ({ offer }: { offer: Offer }): Email => ({
  subject: `Your trial of ${env().APP_NAME} ${offer.plan.name} could not begin`,
  preview: "Nothing was charged.",
  heading: "Your trial could not begin",
  paragraphs: [
    "Each card and each address can have one trial, and one of yours has had it. So we ended this one before it began: nothing was charged, and nothing will be.",
    `You can choose ${offer.plan.name} at any time, for ${formatPrice(offer)}, paid at once.`,
  ],
  action: { label: "See the plans", url: appLink("/pricing") },
});

type Canceled = {
  offer: Offer;
  endsAt: Date;
  isTrial: boolean;
  /** Whether overage of the period is still billed. */
  billsUse: boolean;
};

/** The plan was canceled (M14): until when it is kept, and what follows. */
export const canceledEmail = ({ offer, endsAt, isTrial, billsUse }: Canceled): Email => ({
  subject: `${env().APP_NAME} ${offer.plan.name} is canceled`,
  preview: `You keep it until ${formatEmailDate(endsAt)}.`,
  heading: `${offer.plan.name} is canceled`,
  paragraphs: [
    `You keep ${isTrial ? "your trial of " : ""}${offer.plan.name} and its credit until ${formatEmailDate(endsAt)}. ${chargeText(isTrial, billsUse)}`,
    "From then on your workspace is on Free. Your conversations, API keys and invoices stay, and so does credit that you bought.",
  ],
  facts: [{ label: `${offer.plan.name} ends on`, value: formatEmailDate(endsAt) }],
  action: { label: `Keep ${offer.plan.name}`, url: appLink("/billing") },
  notes: ["You can change your mind until that day."],
});

function chargeText(isTrial: boolean, billsUse: boolean): string {
  if (isTrial) return "Nothing is charged.";
  return billsUse
    ? "Nothing more is charged, except what you use beyond your credit until then."
    : "Nothing more is charged.";
}

type PlanEnded = { offer: Offer; unpaid: Pick<StripeInvoice, "amountDueCents" | "amountPaidCents"> | null };

/** A plan has ended. `unpaid` is the invoice that was never paid, if that is the reason. */
export const planEndedEmail = ({ offer, unpaid }: PlanEnded): Email => ({
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

function formatPrice({ price, interval }: Offer): string {
  return `${formatCharge(price.cents)} a ${interval}`;
}

function formatCharge(cents: number): string {
  return `${formatMoney(fromCents(cents))}${plusTax()}`;
}
