import type Stripe from "stripe";
import { findProductName } from "#sandbox/stripe/catalog/prices.ts";
import { formatAmount, formatPrice } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import { dayText } from "#sandbox/stripe/pages/table.ts";
import {
  applyOffer,
  confirmedOffer,
  type Offer,
  offersFor,
  previewOffer,
} from "#sandbox/stripe/portal/change-plan.ts";
import { findConfiguration } from "#sandbox/stripe/portal/configurations.ts";
import { StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

type Visit = { world: World; session: Stripe.BillingPortal.Session; path: string };

/** Renders the offered plans with links to their confirmation. */
export function offerList(visit: Visit, subscription: Stripe.Subscription): Html {
  const offers = offersFor(visit.world, subscription, rulesOf(visit));
  if (offers.length === 0) return html``;
  return html`<h3>Other plans</h3><ul>${offers.map(
    ({ price }) => html`<li>${findProductName(visit.world, price)} ${formatPrice(price)}
<a href="${visit.path}?subscription=${subscription.id}&amp;price=${price.id}">Switch to this plan</a></li>`,
  )}</ul>`;
}

/** The price to confirm, from the URL or from the session's flow; null if there is none. */
export function requestedPrice(visit: Visit, query: URLSearchParams): string | null {
  const [item] = visit.session.flow?.subscription_update_confirm?.items ?? [];
  if (!item) return query.get("price");
  // A flow that changes only the quantity keeps the price.
  return query.get("price") ?? item.price ?? "";
}

/** Renders cost, date and confirm button of a change; null for a price that is not offered. */
export function confirmation(visit: Visit, subscription: Stripe.Subscription, priceId: string): Html | null {
  const { world, path } = visit;
  const offer = findOffer(visit, subscription, priceId);
  if (!offer) return null;
  const day = dayText(periodOf(subscription).end);
  return html`<h2>Confirm your plan change</h2><section class="card">
<p><strong>${findProductName(world, offer.price)}</strong> ${formatPrice(offer.price)}${offer.quantity !== 1 && ` × ${offer.quantity}`}</p>
${offer.waitsForPeriodEnd ? html`<p>Your plan changes on ${day}. You won't be charged today.</p>` : cost(visit, subscription, offer)}
<form method="post" action="${path}" class="actions">
<input type="hidden" name="subscription" value="${subscription.id}"><input type="hidden" name="price" value="${offer.price.id}">
<button type="submit" name="action" value="change" class="primary">Confirm</button> <a href="${path}">Back</a></form></section>`;
}

/** Applies a confirmed change. Returns an error message, or null. */
export function changePlan(visit: Visit, subscription: Stripe.Subscription, priceId: string): string | null {
  const offer = findOffer(visit, subscription, priceId);
  if (!offer) return "This plan isn't available.";
  try {
    applyOffer(visit.world, subscription, offer, rulesOf(visit));
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
  const money = (amount: number) => formatAmount(amount, preview.currency);
  const isDueNow = preview.next_payment_attempt === preview.created;
  return html`<table><tbody>${preview.lines.data.map(
    (line) => html`<tr><td>${line.description}</td><td>${money(line.amount)}</td></tr>`,
  )}<tr><td><strong>${isDueNow ? "Due today" : "On your next invoice"}</strong></td>
<td><strong>${money(preview.amount_due)}</strong></td></tr></tbody></table>`;
}

function findOffer(visit: Visit, subscription: Stripe.Subscription, priceId: string): Offer | undefined {
  const confirmed = confirmedOffer(visit.world, subscription, visit.session.flow, rulesOf(visit));
  if (confirmed && (priceId === "" || confirmed.price.id === priceId)) return confirmed;
  return offersFor(visit.world, subscription, rulesOf(visit)).find(({ price }) => price.id === priceId);
}

function rulesOf({ world, session }: Visit): Stripe.BillingPortal.Configuration.Features.SubscriptionUpdate {
  return findConfiguration(world, idOf(session.configuration)).features.subscription_update;
}
