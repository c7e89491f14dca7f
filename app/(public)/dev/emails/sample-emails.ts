import * as account from "#lib/accounts/email/account-emails.ts";
import * as personalData from "#lib/accounts/email/data-emails.ts";
import type { Email } from "#lib/accounts/email/email-template.ts";
import * as security from "#lib/accounts/email/security-emails.ts";
import { findOffer, type Offer } from "#lib/billing/catalog/plans.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import type { OverageStatus } from "#lib/billing/credit/overage-status.ts";
import * as payment from "#lib/billing/emails/payment-emails.ts";
import * as plan from "#lib/billing/emails/plan-emails.ts";
import * as warning from "#lib/billing/emails/warning-emails.ts";
import type { Locale } from "#lib/core/locale.ts";

type EmailName =
  | keyof typeof account
  | keyof typeof personalData
  | keyof typeof security
  | keyof typeof plan
  | keyof typeof payment
  | keyof typeof warning;
/** An example of an email, and the event that sends it. */
export type SampleEmail = { when: string; email: Email };

const email = "ada@user.example";
const token = "n3T0aSampleTokenThatOpensNothing";
const code = "1234 5678";
const endsAt = new Date("2026-12-23T09:00:00Z");
const accessUntil = new Date("2026-11-26T09:00:00Z");
/** The time at which the emails are rendered. */
const at = new Date("2026-11-23T09:00:00Z");
const nextPaymentAttemptAt = new Date("2026-11-28T09:00:00Z");
const invoice = { amountDueCents: 1_900, currency: "usd", nextPaymentAttemptAt, hostedUrl: null };
const card = { brand: "visa", last4: "4242", expMonth: 12, expYear: 2026 };
const open: OverageStatus = { access: "open", enabled: false, capMicros: 0, period: null };

const halfUsed = { usedMicros: 7_500_000, limitMicros: 15_000_000, endsAt };
const mostlyUsed = { usedMicros: 12_014_250, limitMicros: 15_000_000, endsAt };
const allUsed = { usedMicros: 15_000_000, limitMicros: 15_000_000, endsAt };
const cap = { limitMicros: 20_000_000, endsAt };

/** Every email of the product in a language, with sample data. An email without a sample is a type error. */
export function sampleEmails(locale: Locale): Record<EmailName, SampleEmail[]> {
  const pro = offerOf("pro_month");
  const proYear = offerOf("pro_year");
  const trial = { offer: pro, endsAt, firstCents: pro.price.cents };
  return {
    confirmAddressEmail: [
      { when: "Somebody signs up", email: account.confirmAddressEmail({ email, token }, locale) },
    ],
    magicLinkEmail: [
      {
        when: "Somebody asks for a sign-in link",
        email: account.magicLinkEmail({ token, code, next: "/billing" }, locale),
      },
    ],
    resetPasswordEmail: [
      { when: "Somebody forgot a password", email: account.resetPasswordEmail({ token, code }, locale) },
    ],
    newDeviceEmail: [
      {
        when: "An account is used on a new device",
        email: security.newDeviceEmail({ device: "Chrome · Windows", network: "203.0.113.7", at }, locale),
      },
    ],
    proofCodeEmail: [
      { when: "A sensitive action needs a proof by email", email: security.proofCodeEmail({ code }, locale) },
    ],
    secondFactorsChangedEmail: [
      {
        when: "A second factor is added or removed",
        email: security.secondFactorsChangedEmail({ change: "passkeyAdded" }, locale),
      },
    ],
    noAccountEmail: [
      {
        when: "A password is asked for where there is no account",
        email: account.noAccountEmail({ email }, locale),
      },
    ],
    accountExistsEmail: [
      { when: "Somebody signs up a second time", email: account.accountExistsEmail({ email }, locale) },
    ],
    passwordChangedEmail: [
      { when: "A password was changed", email: account.passwordChangedEmail({ email }, locale) },
    ],
    accountDeletedEmail: [
      { when: "An account was deleted", email: account.accountDeletedEmail(undefined, locale) },
    ],
    dataExportReadyEmail: [
      {
        when: "The archive of a user's data is ready",
        email: personalData.dataExportReadyEmail(
          { exportId: "0193", token, sizeBytes: 1_440_000, expiresAt: endsAt },
          locale,
        ),
      },
    ],
    dataExportFailedEmail: [
      {
        when: "The archive could not be built",
        email: personalData.dataExportFailedEmail(undefined, locale),
      },
    ],
    deletionScheduledEmail: [
      {
        when: "A deletion is requested",
        email: personalData.deletionScheduledEmail({ dueAt: endsAt }, locale),
      },
    ],
    deletionCanceledEmail: [
      { when: "A deletion is canceled", email: personalData.deletionCanceledEmail(undefined, locale) },
    ],
    welcomeEmail: [
      {
        when: "A plan is paid for, monthly",
        email: plan.welcomeEmail({ offer: pro, renewsAt: endsAt }, locale),
      },
      {
        when: "A plan is paid for, yearly",
        email: plan.welcomeEmail({ offer: proYear, renewsAt: endsAt }, locale),
      },
    ],
    trialStartedEmail: [
      {
        when: "A trial begins",
        email: plan.trialStartedEmail({ ...trial, creditMicros: proTrial.creditMicros }, locale),
      },
    ],
    trialEndingEmail: [{ when: "A trial ends in three days", email: plan.trialEndingEmail(trial, locale) }],
    trialRefusedEmail: [
      { when: "Card or address had a trial before", email: plan.trialRefusedEmail({ offer: pro }, locale) },
    ],
    canceledEmail: [
      {
        when: "A plan is canceled",
        email: plan.canceledEmail({ offer: pro, endsAt, isTrial: false, billsUse: false }, locale),
      },
      {
        when: "A plan is canceled, and use beyond credit is still to be billed",
        email: plan.canceledEmail({ offer: pro, endsAt, isTrial: false, billsUse: true }, locale),
      },
      {
        when: "A trial is canceled",
        email: plan.canceledEmail({ offer: pro, endsAt, isTrial: true, billsUse: false }, locale),
      },
    ],
    planEndedEmail: [
      { when: "A plan has ended", email: plan.planEndedEmail({ offer: pro, unpaid: null }, locale) },
      {
        when: "A plan has ended because it was not paid",
        email: plan.planEndedEmail(
          { offer: pro, unpaid: { amountDueCents: 1_900, amountPaidCents: 0, currency: "usd" } },
          locale,
        ),
      },
    ],
    paymentFailedEmail: [
      {
        when: "A payment fails, and is tried again",
        email: payment.paymentFailedEmail({ invoice, offer: pro, accessUntil, at }, locale),
      },
      {
        when: "A payment fails for the last time",
        email: payment.paymentFailedEmail(
          {
            invoice: { ...invoice, nextPaymentAttemptAt: null },
            offer: pro,
            accessUntil,
            at: accessUntil,
          },
          locale,
        ),
      },
    ],
    actionRequiredEmail: [
      {
        when: "The bank asks, at a renewal",
        email: payment.actionRequiredEmail({ invoice, offer: pro, accessUntil, at }, locale),
      },
      {
        when: "The bank asks, at a change of plan",
        email: payment.actionRequiredEmail(
          {
            invoice: { amountDueCents: 4_033, currency: "usd" },
            offer: offerOf("enterprise_month"),
            accessUntil: null,
            at,
          },
          locale,
        ),
      },
    ],
    cardExpiringEmail: [
      { when: "The card expires soon", email: payment.cardExpiringEmail({ card, offer: pro }, locale) },
    ],
    topUpFailedEmail: [
      { when: "A top-up by bank debit fails", email: payment.topUpFailedEmail({ cents: 2_000 }, locale) },
    ],
    refundedEmail: [
      {
        when: "A part is refunded",
        email: payment.refundedEmail(
          {
            paidCents: 1_900,
            refundedCents: 950,
            currency: "usd",
            takenBackMicros: 7_500_000,
          },
          locale,
        ),
      },
      {
        when: "All is refunded, and nothing had been given for it",
        email: payment.refundedEmail(
          { paidCents: 1_900, refundedCents: 1_900, currency: "usd", takenBackMicros: 0 },
          locale,
        ),
      },
    ],
    allowanceWarningEmail: [
      {
        when: "Half of the allowance is used",
        email: warning.allowanceWarningEmail({ percent: 50, ...halfUsed, overage: open }, locale),
      },
      {
        when: "Credit is low",
        email: warning.allowanceWarningEmail(
          {
            percent: 80,
            ...mostlyUsed,
            overage: { ...open, enabled: true, capMicros: 20_000_000 },
          },
          locale,
        ),
      },
      {
        when: "The allowance is used up, on Free",
        email: warning.allowanceWarningEmail(
          {
            percent: 100,
            ...allUsed,
            usedMicros: 500_000,
            limitMicros: 500_000,
            overage: { ...open, access: "free" },
          },
          locale,
        ),
      },
      {
        when: "The allowance is used up, in a trial",
        email: warning.allowanceWarningEmail(
          {
            percent: 100,
            ...allUsed,
            overage: { ...open, access: "trial" },
          },
          locale,
        ),
      },
    ],
    capWarningEmail: [
      {
        when: "Half of the limit is used",
        email: warning.capWarningEmail({ percent: 50, usedMicros: 10_000_000, ...cap }, locale),
      },
      {
        when: "Four fifths of the limit are used",
        email: warning.capWarningEmail({ percent: 80, usedMicros: 16_210_000, ...cap }, locale),
      },
      {
        when: "The limit is reached",
        email: warning.capWarningEmail({ percent: 100, usedMicros: 20_000_000, ...cap }, locale),
      },
    ],
  };
}

function offerOf(lookupKey: string): Offer {
  const offer = findOffer(lookupKey);
  if (offer === undefined) throw new Error(`The catalog has no ${lookupKey}.`);
  return offer;
}
