import type { Tx } from "#db/client.ts";
import { appLink, type LetterTemplate } from "#lib/accounts/letter.ts";
import { queueMail } from "#lib/accounts/mail.ts";
import { readPayer } from "#lib/billing/customers.ts";
import { graceMs } from "#lib/billing/entitlements.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { pastDueSince } from "#lib/billing/past-due.ts";
import { findOffer, type Offer } from "#lib/billing/plans.ts";
import type { StripeInvoice, StripeSubscription } from "#lib/gateways/stripe-objects.ts";
import { env } from "#lib/ground/env.ts";
import { formatMoney, fromCents } from "#lib/ground/money.ts";

/** What is older is no news: a customer who is synced for the first time after long is not greeted. */
const newsMs = 3 * 86_400_000;

/** Writes the letters that a customer's state asks for. The business keys make each of them go out once. */
export async function queueBillingLetters(
  tx: Tx,
  workspaceId: string,
  { subscriptions, invoices }: CustomerState,
  at: Date,
): Promise<void> {
  const recent = subscriptions.filter(
    ({ status, createdAt }) => status === "active" && at.getTime() - createdAt.getTime() < newsMs,
  );
  const failed = subscriptions.flatMap((subscription) => failuresOf(subscription, invoices));
  if (recent.length === 0 && failed.length === 0) return;
  const { email: to } = await readPayer(tx, workspaceId);
  for (const { id, items } of recent) {
    const offer = offerOf(items);
    if (offer === undefined) continue;
    const renewsAt = items[0]?.periodEnd ?? at;
    await queueMail(tx, {
      to,
      template: welcomeLetter,
      uniqueKey: `welcome:${id}`,
      data: { offer, renewsAt },
    });
  }
  for (const { invoice, offer, accessUntil } of failed) {
    const uniqueKey = `payment-failed:${invoice.id}:${invoice.attemptCount}`;
    await queueMail(tx, { to, template: failedLetter, uniqueKey, data: { invoice, offer, accessUntil } });
  }
}

function offerOf(items: StripeSubscription["items"]): Offer | undefined {
  return items.map((item) => findOffer(item.price.lookupKey)).find((offer) => offer !== undefined);
}

function failuresOf(subscription: StripeSubscription, invoices: StripeInvoice[]) {
  const since = pastDueSince(subscription, invoices);
  const offer = offerOf(subscription.items);
  if (since === null || offer === undefined) return [];
  const accessUntil = new Date(since.getTime() + graceMs);
  return invoices
    .filter(({ subscriptionId, status }) => subscriptionId === subscription.id && status === "open")
    .filter(({ attemptCount }) => attemptCount > 0)
    .map((invoice) => ({ invoice, offer, accessUntil }));
}

const welcomeLetter: LetterTemplate<{ offer: Offer; renewsAt: Date }> = ({ offer, renewsAt }) => ({
  subject: `${env().APP_NAME} ${offer.plan.name} is active`,
  preview: `${formatMoney(offer.plan.allowanceMicros)} of credit a month.`,
  heading: `${offer.plan.name} is active`,
  paragraphs: ["Your payment went through, and this month's credit is on your balance."],
  facts: [
    { label: "Plan", value: `${offer.plan.name}, ${offer.interval === "year" ? "yearly" : "monthly"}` },
    { label: "Price", value: `${formatMoney(fromCents(offer.price.cents))} a ${offer.interval}` },
    { label: "Credit a month", value: formatMoney(offer.plan.allowanceMicros) },
    { label: "Renews on", value: dayOf(renewsAt) },
  ],
  action: { label: "See your plan", url: appLink("/billing") },
  notes: ["You can cancel at any time; the plan then stays until the end of what you have paid for."],
});

type Failure = { invoice: StripeInvoice; offer: Offer; accessUntil: Date };

const failedLetter: LetterTemplate<Failure> = ({ invoice, offer, accessUntil }) => ({
  subject: `Your payment for ${env().APP_NAME} ${offer.plan.name} failed`,
  preview: "Nothing is lost. Please check your card.",
  heading: "Your payment failed",
  paragraphs: [
    `We could not collect ${formatMoney(fromCents(invoice.amountDueCents))} for ${offer.plan.name}. The card on file was declined.`,
    `You keep ${offer.plan.name} until ${dayOf(accessUntil)}. After that your workspace moves to Free until the payment succeeds; nothing is deleted.`,
  ],
  ...(invoice.nextPaymentAttemptAt !== null && {
    facts: [{ label: "We try again on", value: dayOf(invoice.nextPaymentAttemptAt) }],
  }),
  action: { label: "Pay now", url: invoice.hostedUrl ?? appLink("/billing") },
});

function dayOf(date: Date): string {
  return date.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}
