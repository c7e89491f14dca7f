import { appLink, type EmailTemplate } from "#lib/accounts/email/email-template.ts";
import type { Offer } from "#lib/billing/catalog/plans.ts";
import { emailTexts } from "#lib/billing/emails/email-texts.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";

/** A plan was paid for the first time. */
export const welcomeEmail: EmailTemplate<{ offer: Offer; renewsAt: Date }> = (
  { offer, renewsAt },
  locale,
) => {
  const { t, app, money, date, price } = emailTexts(locale);
  const plan = offer.plan.name;
  const credit = money(offer.plan.allowanceMicros);
  return {
    subject: t("welcome.subject", { app, plan }),
    preview: t("welcome.preview", { credit }),
    heading: t("welcome.heading", { plan }),
    paragraphs: [t("welcome.body")],
    facts: [
      { label: t("labels.plan"), value: t(`offer.${offer.interval}`, { plan }) },
      { label: t("labels.price"), value: price(offer) },
      { label: t("labels.monthlyCredit"), value: credit },
      { label: t("labels.renews"), value: date(renewsAt) },
    ],
    action: { label: t("welcome.action"), url: appLink("/billing") },
    notes: [t("welcome.note")],
  };
};

type Trial = {
  offer: Offer;
  endsAt: Date;
  creditMicros: number;
  /** The first invoice's amount, which discounts may have reduced. */
  firstCents: number;
};

/** A trial has started (M11): what is charged at its end, and how to cancel. */
export const trialStartedEmail: EmailTemplate<Trial> = (
  { offer, endsAt, creditMicros, firstCents },
  locale,
) => {
  const { t, app, money, date, charge, price } = emailTexts(locale);
  const plan = offer.plan.name;
  const charged = { date: date(endsAt), amount: charge(firstCents) };
  return {
    subject: t("trialStarted.subject", { app, plan }),
    preview: t("trialStarted.preview", { date: date(endsAt) }),
    heading: t("trialStarted.heading", { plan }),
    paragraphs: [t("trialStarted.body", charged)],
    facts: [
      { label: t("labels.trialCredit"), value: money(creditMicros) },
      { label: t("labels.firstPayment"), value: t("amountOn", charged) },
      { label: t("labels.afterwards"), value: price(offer) },
    ],
    action: { label: t("trialStarted.action"), url: appLink("/billing") },
    notes: [t("trialStarted.note")],
  };
};

/** A trial ends soon and will be charged (M11). */
export const trialEndingEmail: EmailTemplate<Omit<Trial, "creditMicros">> = (trial, locale) => {
  const { offer, endsAt, firstCents } = trial;
  const { t, app, money, date, charge, price } = emailTexts(locale);
  const plan = offer.plan.name;
  const charged = { date: date(endsAt), amount: charge(firstCents) };
  return {
    subject: t("trialEnding.subject", { app, plan, date: charged.date }),
    preview: t("trialEnding.preview", { amount: charged.amount }),
    heading: t("trialEnding.heading", { date: charged.date }),
    paragraphs: [
      t("trialEnding.body", { amount: charged.amount, plan, credit: money(offer.plan.allowanceMicros) }),
      t("trialEnding.cancel"),
    ],
    facts: [
      { label: t("labels.firstPayment"), value: t("amountOn", charged) },
      { label: t("labels.afterwards"), value: price(offer) },
    ],
    action: { label: t("trialEnding.action"), url: appLink("/billing") },
  };
};

/** A trial was refused because the card or email address has had one (M11). */
export const trialRefusedEmail: EmailTemplate<{ offer: Offer }> = ({ offer }, locale) => {
  const { t, app, price } = emailTexts(locale);
  const plan = offer.plan.name;
  return {
    subject: t("trialRefused.subject", { app, plan }),
    preview: t("trialRefused.preview"),
    heading: t("trialRefused.heading"),
    paragraphs: [t("trialRefused.body"), t("trialRefused.offer", { plan, price: price(offer) })],
    action: { label: t("trialRefused.action"), url: appLink("/pricing") },
  };
};

type Canceled = {
  offer: Offer;
  endsAt: Date;
  isTrial: boolean;
  /** Whether overage of the period is still billed. */
  billsUse: boolean;
};

/** The plan was canceled (M14): until when it is kept, and what follows. */
export const canceledEmail: EmailTemplate<Canceled> = ({ offer, endsAt, isTrial, billsUse }, locale) => {
  const { t, app, date } = emailTexts(locale);
  const plan = offer.plan.name;
  const end = { plan, date: date(endsAt) };
  return {
    subject: t("canceled.subject", { app, plan }),
    preview: t("canceled.preview", { date: end.date }),
    heading: t("canceled.heading", { plan }),
    paragraphs: [
      billsUse && !isTrial
        ? t("canceled.keepWithUsage", end)
        : t("canceled.keep", { ...end, isTrial: isTrial ? "yes" : "no" }),
      t("canceled.afterwards"),
    ],
    facts: [{ label: t("labels.endsOn", { plan }), value: end.date }],
    action: { label: t("canceled.action", { plan }), url: appLink("/billing") },
    notes: [t("canceled.note")],
  };
};

type PlanEnded = {
  offer: Offer;
  unpaid: Pick<StripeInvoice, "amountDueCents" | "amountPaidCents" | "currency"> | null;
};

/** A plan has ended. `unpaid` is the invoice that was never paid, if that is the reason. */
export const planEndedEmail: EmailTemplate<PlanEnded> = ({ offer, unpaid }, locale) => {
  const { t, app, cents } = emailTexts(locale);
  const plan = offer.plan.name;
  return {
    subject: t("planEnded.subject", { app, plan }),
    preview: t("planEnded.preview"),
    heading: t("planEnded.heading", { plan }),
    paragraphs: [
      unpaid === null
        ? t("planEnded.body")
        : t("planEnded.unpaid", {
            amount: cents(unpaid.amountDueCents - unpaid.amountPaidCents, unpaid.currency),
          }),
      t("planEnded.kept"),
    ],
    action: { label: t("planEnded.action"), url: appLink("/pricing") },
  };
};
