import { accountDeletedLetter } from "#lib/accounts/delete-account.ts";
import type { Letter } from "#lib/accounts/letter.ts";
import * as account from "#lib/accounts/letters.ts";
import type { OverageView } from "#lib/billing/overage-overview.ts";
import * as payment from "#lib/billing/payment-letters.ts";
import * as plan from "#lib/billing/plan-letters.ts";
import { findOffer, type Offer } from "#lib/billing/plans.ts";
import { proTrial } from "#lib/billing/trial.ts";
import * as warning from "#lib/billing/warning-letters.ts";

type LetterName =
  | keyof typeof account
  | keyof typeof plan
  | keyof typeof payment
  | keyof typeof warning
  | "accountDeletedLetter";
/** One letter as somebody could get it, and when they would. */
export type SampleLetter = { when: string; letter: Letter };

const email = "ada@person.example";
const token = "n3T0aSampleTokenThatOpensNothing";
const endsAt = new Date("2026-12-23T09:00:00Z");
const accessUntil = new Date("2026-11-26T09:00:00Z");
/** When the letters are written. */
const at = new Date("2026-11-23T09:00:00Z");
const nextPaymentAttemptAt = new Date("2026-11-28T09:00:00Z");
const invoice = { amountDueCents: 1_900, nextPaymentAttemptAt, hostedUrl: null };
const card = { brand: "visa", last4: "4242", expMonth: 12, expYear: 2026 };
const open: OverageView = { access: "open", enabled: false, capMicros: 0, period: null };

const used = { usedMicros: 7_500_000, limitMicros: 15_000_000, endsAt };
const fourFifths = { usedMicros: 12_014_250, limitMicros: 15_000_000, endsAt };
const all = { usedMicros: 15_000_000, limitMicros: 15_000_000, endsAt };
const cap = { limitMicros: 20_000_000, endsAt };

/** Every letter that the product writes, with sample facts: a letter without a sample is a type error. */
export function sampleLetters(): Record<LetterName, SampleLetter[]> {
  const pro = offerOf("pro_month");
  const proYear = offerOf("pro_year");
  const trial = { offer: pro, endsAt, firstCents: pro.price.cents };
  return {
    verifyEmailLetter: [{ when: "Somebody signs up", letter: account.verifyEmailLetter({ email, token }) }],
    magicLinkLetter: [
      {
        when: "Somebody asks for a sign-in link",
        letter: account.magicLinkLetter({ token, next: "/billing" }),
      },
    ],
    resetPasswordLetter: [
      { when: "Somebody forgot a password", letter: account.resetPasswordLetter({ token }) },
    ],
    noAccountLetter: [
      {
        when: "A password is asked for where there is no account",
        letter: account.noAccountLetter({ email }),
      },
    ],
    alreadyMemberLetter: [
      { when: "Somebody signs up a second time", letter: account.alreadyMemberLetter({ email }) },
    ],
    passwordChangedLetter: [
      { when: "A password was changed", letter: account.passwordChangedLetter({ email }) },
    ],
    accountDeletedLetter: [{ when: "An account was deleted", letter: accountDeletedLetter(undefined) }],
    welcomeLetter: [
      { when: "A plan is paid for, monthly", letter: plan.welcomeLetter({ offer: pro, renewsAt: endsAt }) },
      {
        when: "A plan is paid for, yearly",
        letter: plan.welcomeLetter({ offer: proYear, renewsAt: endsAt }),
      },
    ],
    trialBegunLetter: [
      {
        when: "A trial begins",
        letter: plan.trialBegunLetter({ ...trial, creditMicros: proTrial.creditMicros }),
      },
    ],
    trialEndingLetter: [{ when: "A trial ends in three days", letter: plan.trialEndingLetter(trial) }],
    trialRefusedLetter: [
      { when: "Card or address had a trial before", letter: plan.trialRefusedLetter({ offer: pro }) },
    ],
    canceledLetter: [
      {
        when: "A plan is canceled",
        letter: plan.canceledLetter({ offer: pro, endsAt, isTrial: false, billsUse: false }),
      },
      {
        when: "A plan is canceled, and use beyond credit is still to be billed",
        letter: plan.canceledLetter({ offer: pro, endsAt, isTrial: false, billsUse: true }),
      },
      {
        when: "A trial is canceled",
        letter: plan.canceledLetter({ offer: pro, endsAt, isTrial: true, billsUse: false }),
      },
    ],
    endedLetter: [
      { when: "A plan has ended", letter: plan.endedLetter({ offer: pro, unpaid: null }) },
      {
        when: "A plan has ended because it was not paid",
        letter: plan.endedLetter({ offer: pro, unpaid: { amountDueCents: 1_900, amountPaidCents: 0 } }),
      },
    ],
    failedLetter: [
      {
        when: "A payment fails, and is tried again",
        letter: payment.failedLetter({ invoice, offer: pro, accessUntil, at }),
      },
      {
        when: "A payment fails for the last time",
        letter: payment.failedLetter({
          invoice: { ...invoice, nextPaymentAttemptAt: null },
          offer: pro,
          accessUntil,
          at: accessUntil,
        }),
      },
    ],
    actionNeededLetter: [
      {
        when: "The bank asks, at a renewal",
        letter: payment.actionNeededLetter({ invoice, offer: pro, accessUntil, at }),
      },
      {
        when: "The bank asks, at a change of plan",
        letter: payment.actionNeededLetter({
          invoice: { amountDueCents: 4_033 },
          offer: offerOf("enterprise_month"),
          accessUntil: null,
          at,
        }),
      },
    ],
    cardExpiringLetter: [
      { when: "The card expires soon", letter: payment.cardExpiringLetter({ card, offer: pro }) },
    ],
    refundedLetter: [
      {
        when: "A part is refunded",
        letter: payment.refundedLetter({
          paidCents: 1_900,
          refundedCents: 950,
          takenBackMicros: 7_500_000,
        }),
      },
      {
        when: "All is refunded, and nothing had been given for it",
        letter: payment.refundedLetter({ paidCents: 1_900, refundedCents: 1_900, takenBackMicros: 0 }),
      },
    ],
    allowanceLetter: [
      {
        when: "Half of the allowance is used",
        letter: warning.allowanceLetter({ percent: 50, ...used, overage: open }),
      },
      {
        when: "Credit is low",
        letter: warning.allowanceLetter({
          percent: 80,
          ...fourFifths,
          overage: { ...open, enabled: true, capMicros: 20_000_000 },
        }),
      },
      {
        when: "The allowance is used up, on Free",
        letter: warning.allowanceLetter({
          percent: 100,
          ...all,
          usedMicros: 500_000,
          limitMicros: 500_000,
          overage: { ...open, access: "free" },
        }),
      },
      {
        when: "The allowance is used up, in a trial",
        letter: warning.allowanceLetter({ percent: 100, ...all, overage: { ...open, access: "trial" } }),
      },
    ],
    capLetter: [
      {
        when: "Half of the limit is used",
        letter: warning.capLetter({ percent: 50, usedMicros: 10_000_000, ...cap }),
      },
      {
        when: "Four fifths of the limit are used",
        letter: warning.capLetter({ percent: 80, usedMicros: 16_210_000, ...cap }),
      },
      {
        when: "The limit is reached",
        letter: warning.capLetter({ percent: 100, usedMicros: 20_000_000, ...cap }),
      },
    ],
  };
}

function offerOf(lookupKey: string): Offer {
  const offer = findOffer(lookupKey);
  if (offer === undefined) throw new Error(`The catalogue has no ${lookupKey}.`);
  return offer;
}
