import type { Tx } from "#db/client.ts";
import { appLink, type Letter } from "#lib/accounts/letter.ts";
import { queueMail } from "#lib/accounts/mail.ts";
import { findPayerAddress } from "#lib/billing/customers.ts";
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
  state: CustomerState,
  at: Date,
): Promise<void> {
  const letters = [
    ...state.subscriptions.flatMap((subscription) => welcomeOf(subscription, at)),
    ...state.subscriptions.flatMap((subscription) => failuresOf(subscription, state.invoices)),
    ...state.subscriptions.flatMap((subscription) => endOf(subscription, at)),
  ];
  if (letters.length === 0) return;
  const to = await findPayerAddress(tx, workspaceId);
  // Whoever had their account deleted gets no more letters.
  if (to === null) return;
  for (const { uniqueKey, write } of letters)
    await queueMail(tx, { to, template: write, uniqueKey, data: undefined });
}

/** A letter, under the key by which it goes out once. */
type Due = { uniqueKey: string; write: () => Letter };

function isNews(moment: Date, at: Date): boolean {
  return at.getTime() - moment.getTime() < newsMs;
}

function welcomeOf({ id, status, createdAt, items }: StripeSubscription, at: Date): Due[] {
  const offer = offerOf(items);
  if (status !== "active" || offer === undefined || !isNews(createdAt, at)) return [];
  const renewsAt = items[0]?.periodEnd ?? at;
  return [{ uniqueKey: `welcome:${id}`, write: () => welcomeLetter({ offer, renewsAt }) }];
}

/** M14, and the end of all retries: what is over, and what stays. */
function endOf({ id, status, endedAt, items }: StripeSubscription, at: Date): Due[] {
  const offer = offerOf(items);
  if (status !== "canceled" || endedAt === null || offer === undefined || !isNews(endedAt, at)) return [];
  return [{ uniqueKey: `ended:${id}`, write: () => endedLetter({ offer }) }];
}

function offerOf(items: StripeSubscription["items"]): Offer | undefined {
  return items.map((item) => findOffer(item.price.lookupKey)).find((offer) => offer !== undefined);
}

/** A letter for each attempt that failed. */
function failuresOf(subscription: StripeSubscription, invoices: StripeInvoice[]): Due[] {
  const since = pastDueSince(subscription, invoices);
  const offer = offerOf(subscription.items);
  if (since === null || offer === undefined) return [];
  const accessUntil = new Date(since.getTime() + graceMs);
  return invoices
    .filter(({ subscriptionId, status }) => subscriptionId === subscription.id && status === "open")
    .filter(({ attemptCount }) => attemptCount > 0)
    .map((invoice) => ({
      uniqueKey: `payment-failed:${invoice.id}:${invoice.attemptCount}`,
      write: () => failedLetter({ invoice, offer, accessUntil }),
    }));
}

const welcomeLetter = ({ offer, renewsAt }: { offer: Offer; renewsAt: Date }): Letter => ({
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

const failedLetter = ({ invoice, offer, accessUntil }: Failure): Letter => ({
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

const endedLetter = ({ offer }: { offer: Offer }): Letter => ({
  subject: `${env().APP_NAME} ${offer.plan.name} has ended`,
  preview: "Your workspace is on Free. Nothing was deleted.",
  heading: `${offer.plan.name} has ended`,
  paragraphs: [
    "Your workspace is on Free from now on, and nothing more is charged.",
    "Your conversations, API keys and invoices are still there. Credit that you bought stays until it is used or twelve months old.",
  ],
  action: { label: "See the plans", url: appLink("/pricing") },
});

function dayOf(date: Date): string {
  return date.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}
