import { appLink, type EmailTemplate } from "#lib/accounts/email/email-template.ts";
import type { Offer } from "#lib/billing/catalog/plans.ts";
import { type EmailTexts, emailTexts } from "#lib/billing/emails/email-texts.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";

type DueInvoice = Pick<StripeInvoice, "amountDueCents" | "currency" | "nextPaymentAttemptAt" | "hostedUrl">;
type Failure = { invoice: DueInvoice; offer: Offer; accessUntil: Date; at: Date };

/** A payment attempt failed (M13). */
export const paymentFailedEmail: EmailTemplate<Failure> = ({ invoice, offer, accessUntil, at }, locale) => {
  const texts = emailTexts(locale);
  const { t, app, cents, date } = texts;
  const plan = offer.plan.name;
  return {
    subject: t("paymentFailed.subject", { app, plan }),
    preview: t("paymentFailed.preview"),
    heading: t("paymentFailed.heading"),
    paragraphs: [
      t("paymentFailed.body", { amount: cents(invoice.amountDueCents, invoice.currency), plan }),
      accessText(texts, offer, accessUntil, at),
    ],
    ...(invoice.nextPaymentAttemptAt !== null && {
      facts: [{ label: t("labels.nextAttempt"), value: date(invoice.nextPaymentAttemptAt) }],
    }),
    action: { label: t("paymentFailed.action"), url: invoice.hostedUrl ?? appLink("/billing") },
  };
};

type Unconfirmed = {
  invoice: Pick<DueInvoice, "amountDueCents" | "currency">;
  offer: Offer;
  accessUntil: Date | null;
  at: Date;
};

/** The bank must confirm a payment (3-D Secure). */
export const actionRequiredEmail: EmailTemplate<Unconfirmed> = (unconfirmed, locale) => {
  const { invoice, offer, accessUntil, at } = unconfirmed;
  const texts = emailTexts(locale);
  const { t, app, cents } = texts;
  const plan = offer.plan.name;
  const amount = cents(invoice.amountDueCents, invoice.currency);
  return {
    subject: t("actionRequired.subject", { app, plan }),
    preview: t("actionRequired.preview"),
    heading: t("actionRequired.heading"),
    paragraphs: [
      t("actionRequired.body", { amount, plan }),
      accessUntil === null ? t("access.unchanged") : accessText(texts, offer, accessUntil, at),
    ],
    facts: [{ label: t("labels.toConfirm"), value: amount }],
    action: { label: t("actionRequired.action"), url: appLink("/billing") },
  };
};

type Card = { brand: string; last4: string; expMonth: number; expYear: number };

/** The card expires this month or next, and the plan renews. */
export const cardExpiringEmail: EmailTemplate<{ card: Card; offer: Offer }> = ({ card, offer }, locale) => {
  const { t, app } = emailTexts(locale);
  const expiry = formatExpiry(card);
  const { last4 } = card;
  return {
    subject: t("cardExpiring.subject", { app }),
    preview: t("cardExpiring.preview", { last4 }),
    heading: t("cardExpiring.heading"),
    paragraphs: [t("cardExpiring.body", { plan: offer.plan.name, expiry })],
    facts: [
      { label: t("labels.card"), value: t("cardExpiring.cardName", { brand: formatBrand(card), last4 }) },
      { label: t("labels.cardExpires"), value: expiry },
    ],
    action: { label: t("cardExpiring.action"), url: appLink("/billing") },
  };
};

/** A top-up's bank debit or other delayed payment failed after the Checkout (M15). */
export const topUpFailedEmail: EmailTemplate<{ cents: number }> = ({ cents: amountCents }, locale) => {
  const { t, app, cents } = emailTexts(locale);
  const amount = cents(amountCents, "usd");
  return {
    subject: t("topUpFailed.subject", { app }),
    preview: t("topUpFailed.preview"),
    heading: t("topUpFailed.heading"),
    paragraphs: [t("topUpFailed.body", { amount })],
    action: { label: t("topUpFailed.action"), url: appLink("/billing") },
  };
};

type Refund = { paidCents: number; refundedCents: number; currency: string; takenBackMicros: number };

/**
 * A payment was refunded, and the same share of its credit clawed back (M18). Amounts are totals of the
 * payment.
 */
export const refundedEmail: EmailTemplate<Refund> = (refund, locale) => {
  const { paidCents, refundedCents, currency, takenBackMicros } = refund;
  const { t, app, cents, money } = emailTexts(locale);
  const amount = cents(refundedCents, currency);
  return {
    subject: t("refunded.subject", { app }),
    preview: t("refunded.preview", { amount }),
    heading: t("refunded.heading", { isWhole: refundedCents >= paidCents ? "yes" : "no" }),
    paragraphs: [
      t("refunded.body"),
      takenBackMicros > 0 ? t("refunded.creditRemoved") : t("refunded.creditKept"),
    ],
    facts: [
      { label: t("labels.payment"), value: cents(paidCents, currency) },
      { label: t("labels.refunded"), value: amount },
      ...(takenBackMicros > 0 ? [{ label: t("labels.creditRemoved"), value: money(takenBackMicros) }] : []),
    ],
    action: { label: t("refunded.action"), url: appLink("/usage") },
  };
};

function accessText({ t, date }: EmailTexts, offer: Offer, accessUntil: Date, at: Date): string {
  return accessUntil <= at
    ? t("access.lost")
    : t("access.kept", { plan: offer.plan.name, date: date(accessUntil) });
}

function formatExpiry({ expMonth, expYear }: Card): string {
  return `${String(expMonth).padStart(2, "0")}/${expYear}`;
}

function formatBrand({ brand }: Card): string {
  return brand.charAt(0).toUpperCase() + brand.slice(1);
}
