import { appLink, type Letter } from "#lib/accounts/letter.ts";
import { dayOf } from "#lib/billing/letter-day.ts";
import type { Offer } from "#lib/billing/plans.ts";
import { env } from "#lib/core/env.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/objects.ts";

type Owed = Pick<StripeInvoice, "amountDueCents" | "nextPaymentAttemptAt" | "hostedUrl">;

/** An attempt to collect an invoice failed (M13). */
export const failedLetter = (failure: {
  invoice: Owed;
  offer: Offer;
  accessUntil: Date;
  at: Date;
}): Letter => {
  const { invoice, offer, accessUntil, at } = failure;
  return {
    subject: `Your payment for ${env().APP_NAME} ${offer.plan.name} failed`,
    preview: "Nothing is lost. Please check your card.",
    heading: "Your payment failed",
    paragraphs: [
      `We could not collect ${dueOf(invoice)} for ${offer.plan.name}. The payment on the card on file did not go through.`,
      keptUntil(offer, accessUntil, "the payment succeeds", at),
    ],
    ...(invoice.nextPaymentAttemptAt !== null && {
      facts: [{ label: "We try again on", value: dayOf(invoice.nextPaymentAttemptAt) }],
    }),
    action: { label: "Pay now", url: invoice.hostedUrl ?? appLink("/billing") },
  };
};

type Asked = { invoice: Pick<Owed, "amountDueCents">; offer: Offer; accessUntil: Date | null; at: Date };

/** The bank wants its customer to confirm a payment (3-D Secure). */
export const actionNeededLetter = ({ invoice, offer, accessUntil, at }: Asked): Letter => ({
  subject: `Confirm your payment for ${env().APP_NAME} ${offer.plan.name}`,
  preview: "Your bank wants to be asked. It takes a minute.",
  heading: "Your bank wants you to confirm a payment",
  paragraphs: [
    `We tried to collect ${dueOf(invoice)} for ${offer.plan.name}, and your bank asks whether it was you. Until you confirm it on your billing page, nothing is charged.`,
    accessUntil === null
      ? "Your plan stays as it is until then."
      : keptUntil(offer, accessUntil, "it is confirmed", at),
  ],
  facts: [{ label: "To confirm", value: dueOf(invoice) }],
  action: { label: "Confirm the payment", url: appLink("/billing") },
});

type Card = { brand: string; last4: string; expMonth: number; expYear: number };

/** The card on file ends this month or next, and something is still to be charged on it. */
export const cardExpiringLetter = ({ card, offer }: { card: Card; offer: Offer }): Letter => ({
  subject: `Your card for ${env().APP_NAME} expires soon`,
  preview: `The card that ends in ${card.last4}.`,
  heading: "Your card expires soon",
  paragraphs: [
    `The card that pays for ${offer.plan.name} is good until ${expiryOf(card)}. Give us another one before that, so that nothing is interrupted.`,
  ],
  facts: [
    { label: "Card", value: `${brandOf(card)}, ends in ${card.last4}` },
    { label: "Good until", value: expiryOf(card) },
  ],
  action: { label: "Change the card", url: appLink("/billing") },
});

type Refund = { paidCents: number; refundedCents: number; takenBackMicros: number };

/** Money went back (M18), and with it a share of the credit that it had paid for. The sums are those of the whole payment. */
export const refundedLetter = ({ paidCents, refundedCents, takenBackMicros }: Refund): Letter => {
  const isWhole = refundedCents >= paidCents;
  const refunded = formatMoney(fromCents(refundedCents));
  return {
    subject: `Your refund from ${env().APP_NAME}`,
    preview: `${refunded} is on its way back to you.`,
    heading: isWhole ? "Your payment was refunded" : "A part of your payment was refunded",
    paragraphs: [
      "The money goes back the way it came. Your bank may take five to ten days to show it.",
      takenBackMicros > 0
        ? "The same share of the credit that it had paid for was taken back."
        : "No credit was taken back with it.",
    ],
    facts: [
      { label: "Your payment", value: formatMoney(fromCents(paidCents)) },
      { label: isWhole ? "Refunded" : "Refunded of it", value: refunded },
      { label: "Credit taken back", value: formatMoney(takenBackMicros) },
    ],
    action: { label: "See your balance", url: appLink("/usage") },
  };
};

function dueOf({ amountDueCents }: Pick<Owed, "amountDueCents">): string {
  return formatMoney(fromCents(amountDueCents));
}

function keptUntil(offer: Offer, accessUntil: Date, until: string, at: Date): string {
  if (accessUntil <= at) return `Your workspace is on Free until ${until}; nothing is deleted.`;
  return `You keep ${offer.plan.name} until ${dayOf(accessUntil)}. After that your workspace moves to Free until ${until}; nothing is deleted.`;
}

function expiryOf({ expMonth, expYear }: Card): string {
  return `${String(expMonth).padStart(2, "0")}/${expYear}`;
}

function brandOf({ brand }: Card): string {
  return brand.charAt(0).toUpperCase() + brand.slice(1);
}
