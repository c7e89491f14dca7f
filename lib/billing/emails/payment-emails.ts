import { appLink, type Email } from "#lib/accounts/email/email-template.ts";
import type { Offer } from "#lib/billing/catalog/plans.ts";
import { formatEmailDate } from "#lib/billing/emails/email-date.ts";
import { env } from "#lib/core/env.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";

type DueInvoice = Pick<StripeInvoice, "amountDueCents" | "nextPaymentAttemptAt" | "hostedUrl">;

/** A payment attempt failed (M13). */
export const paymentFailedEmail = (failure: {
  invoice: DueInvoice;
  offer: Offer;
  accessUntil: Date;
  at: Date;
}): Email => {
  const { invoice, offer, accessUntil, at } = failure;
  return {
    subject: `Your payment for ${env().APP_NAME} ${offer.plan.name} failed`,
    preview: "Nothing is lost. Please check your card.",
    heading: "Your payment failed",
    paragraphs: [
      `We could not collect ${formatDue(invoice)} for ${offer.plan.name}. The payment on the card on file did not go through.`,
      accessText(offer, accessUntil, "the payment succeeds", at),
    ],
    ...(invoice.nextPaymentAttemptAt !== null && {
      facts: [{ label: "We try again on", value: formatEmailDate(invoice.nextPaymentAttemptAt) }],
    }),
    action: { label: "Pay now", url: invoice.hostedUrl ?? appLink("/billing") },
  };
};

type Unconfirmed = {
  invoice: Pick<DueInvoice, "amountDueCents">;
  offer: Offer;
  accessUntil: Date | null;
  at: Date;
};

/** The bank must confirm a payment (3-D Secure). */
export const actionRequiredEmail = ({ invoice, offer, accessUntil, at }: Unconfirmed): Email => ({
  subject: `Confirm your payment for ${env().APP_NAME} ${offer.plan.name}`,
  preview: "Your bank wants to be asked. It takes a minute.",
  heading: "Your bank wants you to confirm a payment",
  paragraphs: [
    `We tried to collect ${formatDue(invoice)} for ${offer.plan.name}, and your bank asks whether it was you. Until you confirm it on your billing page, nothing is charged.`,
    accessUntil === null
      ? "Your plan stays as it is until then."
      : accessText(offer, accessUntil, "it is confirmed", at),
  ],
  facts: [{ label: "To confirm", value: formatDue(invoice) }],
  action: { label: "Confirm the payment", url: appLink("/billing") },
});

type Card = { brand: string; last4: string; expMonth: number; expYear: number };

/** The card expires this month or next, and the plan renews. */
export const cardExpiringEmail = ({ card, offer }: { card: Card; offer: Offer }): Email => ({
  subject: `Your card for ${env().APP_NAME} expires soon`,
  preview: `The card that ends in ${card.last4}.`,
  heading: "Your card expires soon",
  paragraphs: [
    `The card that pays for ${offer.plan.name} is good until ${formatExpiry(card)}. Give us another one before that, so that nothing is interrupted.`,
  ],
  facts: [
    { label: "Card", value: `${formatBrand(card)}, ends in ${card.last4}` },
    { label: "Good until", value: formatExpiry(card) },
  ],
  action: { label: "Change the card", url: appLink("/billing") },
});

type Refund = { paidCents: number; refundedCents: number; takenBackMicros: number };

/**
 * A payment was refunded, and the same share of its credit clawed back (M18). Amounts are totals of the
 * payment.
 */
export const refundedEmail = ({ paidCents, refundedCents, takenBackMicros }: Refund): Email => {
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

function formatDue({ amountDueCents }: Pick<DueInvoice, "amountDueCents">): string {
  return formatMoney(fromCents(amountDueCents));
}

function accessText(offer: Offer, accessUntil: Date, until: string, at: Date): string {
  if (accessUntil <= at) return `Your workspace is on Free until ${until}; nothing is deleted.`;
  return `You keep ${offer.plan.name} until ${formatEmailDate(accessUntil)}. After that your workspace moves to Free until ${until}; nothing is deleted.`;
}

function formatExpiry({ expMonth, expYear }: Card): string {
  return `${String(expMonth).padStart(2, "0")}/${expYear}`;
}

function formatBrand({ brand }: Card): string {
  return brand.charAt(0).toUpperCase() + brand.slice(1);
}
