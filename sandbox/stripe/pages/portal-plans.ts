import type Stripe from "stripe";
import { productNameOf } from "#sandbox/stripe/catalogue/prices.ts";
import { moneyText, priceText } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import { type Offer, offersFor, previewOffer, takeOffer } from "#sandbox/stripe/portal/change-plan.ts";
import { findConfiguration } from "#sandbox/stripe/portal/configurations.ts";
import { StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

type Visit = { world: World; session: Stripe.BillingPortal.Session; path: string };

/** The plans one may change to, each with the way to its confirmation. */
export function offerList(visit: Visit, subscription: Stripe.Subscription): Html {
  const offers = offersFor(visit.world, subscription, rulesOf(visit));
  if (offers.length === 0) return html``;
  return html`<h3>Other plans</h3><ul>${offers.map(
    ({ price }) => html`<li>${productNameOf(visit.world, price)} ${priceText(price)}
<a href="${visit.path}?subscription=${subscription.id}&amp;price=${price.id}">Change to this plan</a></li>`,
  )}</ul>`;
}

/** The price a visitor is asked to confirm, by the address or by the session's flow; null when by neither. */
export function askedPrice(visit: Visit, query: URLSearchParams): string | null {
  const confirm = visit.session.flow?.subscription_update_confirm;
  return query.get("price") ?? confirm?.items[0]?.price ?? null;
}

/** What a change costs and when it comes, with a button that makes it; null for a price that is not offered. */
export function confirmation(visit: Visit, subscription: Stripe.Subscription, priceId: string): Html | null {
  const { world, path } = visit;
  const offer = findOffer(visit, subscription, priceId);
  if (!offer) return null;
  const day = new Date(periodOf(subscription).end * 1000).toISOString().slice(0, 10);
  return html`<h2>Confirm your change</h2><section class="card">
<p><strong>${productNameOf(world, offer.price)}</strong> ${priceText(offer.price)}</p>
${offer.waitsForPeriodEnd ? html`<p>Your plan changes on ${day}. Nothing is due today.</p>` : cost(visit, subscription, offer)}
<form method="post" action="${path}" class="actions">
<input type="hidden" name="subscription" value="${subscription.id}"><input type="hidden" name="price" value="${offer.price.id}">
<button type="submit" name="action" value="change" class="primary">Confirm</button> <a href="${path}">Back</a></form></section>`;
}

/** Makes a confirmed change. Returns what stood in its way, or null. */
export function changePlan(visit: Visit, subscription: Stripe.Subscription, priceId: string): string | null {
  const offer = findOffer(visit, subscription, priceId);
  if (!offer) return "That plan cannot be chosen here.";
  try {
    takeOffer(visit.world, subscription, offer, rulesOf(visit));
    return null;
  } catch (error) {
    if (!(error instanceof StripeFailure)) throw error;
    visit.world.rollBack();
    return error.message;
  }
}

function cost(visit: Visit, subscription: Stripe.Subscription, offer: Offer): Html {
  const rules = rulesOf(visit);
  const preview = previewOffer(visit.world, subscription, offer, rules);
  const money = (amount: number) => moneyText(amount, preview.currency);
  const isDueNow = preview.next_payment_attempt === preview.created;
  return html`<table><tbody>${preview.lines.data.map(
    (line) => html`<tr><td>${line.description}</td><td>${money(line.amount)}</td></tr>`,
  )}<tr><td><strong>${isDueNow ? "Due today" : "On your next invoice"}</strong></td>
<td><strong>${money(preview.amount_due)}</strong></td></tr></tbody></table>`;
}

function findOffer(visit: Visit, subscription: Stripe.Subscription, priceId: string): Offer | undefined {
  return offersFor(visit.world, subscription, rulesOf(visit)).find(({ price }) => price.id === priceId);
}

function rulesOf({ world, session }: Visit): Stripe.BillingPortal.Configuration.Features.SubscriptionUpdate {
  return findConfiguration(world, idOf(session.configuration)).features.subscription_update;
}
