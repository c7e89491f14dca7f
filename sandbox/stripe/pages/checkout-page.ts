import type Stripe from "stripe";
import { sessionAmountDue, splitAmountDue } from "#sandbox/stripe/checkout/amount-due.ts";
import {
  type CheckoutResult,
  resumeCheckout,
  submitCheckout,
  successUrlOf,
} from "#sandbox/stripe/checkout/complete-session.ts";
import { findOrder } from "#sandbox/stripe/checkout/find-session.ts";
import { openLink } from "#sandbox/stripe/checkout/payment-links.ts";
import { recoverSession } from "#sandbox/stripe/checkout/recover-session.ts";
import { toLineItems } from "#sandbox/stripe/checkout/session-object.ts";
import { formatAmount, formatPrice } from "#sandbox/stripe/invoices/invoice-lines.ts";
import {
  emptyPaymentFields,
  type PaymentFields,
  paymentFieldsOf,
  readPayment,
  renderPaymentFields,
} from "#sandbox/stripe/pages/checkout-fields.ts";
import { collectedFields, readCollected } from "#sandbox/stripe/pages/collected-fields.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import {
  framedNotice,
  notice,
  type PageRequest,
  type PageResponse,
  page,
  redirect,
  redirectBack,
} from "#sandbox/stripe/pages/layout.ts";
import { orderForm, readOrderForm } from "#sandbox/stripe/pages/order-form.ts";
import { discountRows, promotionCodeForm, readTypedCode } from "#sandbox/stripe/pages/promotion-code-form.ts";
import { type RejectedForm, readRejectedForm, redirectToForm } from "#sandbox/stripe/pages/rejected-forms.ts";
import { dayText } from "#sandbox/stripe/pages/table.ts";
import { minimumCharge } from "#sandbox/stripe/payments/minimum-charge.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Filled = RejectedForm & { email: string; payment: PaymentFields };

/** Handles the hosted Checkout page: shows the order and takes the payment. */
export function handleCheckout(world: World, id: string, request: PageRequest): PageResponse {
  const session = world.tables.checkoutSessions.get(id);
  if (!session || isEmbedded(session)) {
    return notice("Not found", "This Checkout session doesn't exist.", null, 404);
  }
  return answerSession(world, session, request);
}

/** Continues an expired session by its recovery link. */
export function handleRecovery(world: World, expiredId: string): PageResponse {
  const session = recoverSession(world, expiredId);
  if (session) return redirect(addressOf(session));
  return notice("Link expired", "This link no longer works. Return to the store to start over.", null, 410);
}

/** Opens a Checkout session for a visitor of a payment link. */
export function handlePaymentLink(world: World, code: string): PageResponse {
  const session = openLink(world, code);
  if (session) return redirect(addressOf(session));
  return notice("Link deactivated", "This payment link is no longer active.", null, 404);
}

/** Handles embedded Checkout, which is addressed by the session's client secret. */
export function handleEmbeddedCheckout(world: World, secret: string, request: PageRequest): PageResponse {
  const session = world.tables.checkoutSessions.get(secret.split("_secret_")[0] ?? "");
  if (!session || session.client_secret !== secret) {
    return notice("Not found", "This Checkout session doesn't exist.", null, 404);
  }
  return answerSession(world, session, request);
}

function answerSession(world: World, session: Stripe.Checkout.Session, request: PageRequest): PageResponse {
  const isOpen = session.status === "open";
  if (request.method !== "POST") {
    if (!isOpen) return closed(session);
    return show(world, session, { ...emptyForm(world, session), ...readRejectedForm(world, request.query) });
  }
  const typed = isOpen ? readTypedCode(world, session, request.form) : null;
  if (typed) return redirectToForm(world, addressOf(session), { message: null, code: typed });
  const adjusted = isOpen ? readOrderForm(world, session, request.form) : undefined;
  if (adjusted !== undefined) return redirectToForm(world, addressOf(session), { message: adjusted });
  const filled = readFilled(world, session, request.form);
  const collected = readCollected(session, request.form);
  const message = filled.message ?? ("message" in collected ? collected.message : null);
  if (isOpen && message !== null) return redirectToForm(world, addressOf(session), { ...filled, message });
  if (isOpen && "details" in collected) {
    world.tables.checkoutOrders.put({ ...findOrder(world, session.id), collected: collected.details });
  }
  const read = readPayment(filled.payment, nowFor(world, idOrNull(session.customer)));
  const means = "message" in read ? { card: null, name: filled.payment.card.name } : read;
  const step = submitCheckout(world, session.id, { ...means, email: filled.email });
  return follow(world, session, step, filled);
}

/** The URL to which the bank redirects. */
export function returnToCheckout(
  world: World,
  id: string,
  authentication: "passed" | "failed",
): PageResponse {
  const session = world.tables.checkoutSessions.get(id);
  if (!session) return notice("Not found", "This Checkout session doesn't exist.", null, 404);
  return follow(world, session, resumeCheckout(world, id, authentication), emptyForm(world, session));
}

function follow(
  world: World,
  session: Stripe.Checkout.Session,
  step: CheckoutResult,
  filled: Filled,
): PageResponse {
  if (step.kind === "done" && isEmbedded(session)) return completedNotice(session);
  if (step.kind === "done" || step.kind === "authenticate") return redirect(step.url);
  if (step.kind === "closed") return redirectBack(`${addressOf(session)}?again=closed`);
  return redirectToForm(world, addressOf(session), { ...filled, message: step.message });
}

/** The URL of a session's page, hosted or embedded. */
function addressOf(session: Stripe.Checkout.Session): string {
  return isEmbedded(session) ? `/c/embed/${session.client_secret}` : `/c/pay/${session.id}`;
}

function isEmbedded(session: Stripe.Checkout.Session): boolean {
  return session.ui_mode === "embedded_page";
}

/**
 * In a frame only the outer page can redirect; it does not with `never`, nor for cards with `if_required`.
 */
function completedNotice(session: Stripe.Checkout.Session): PageResponse {
  const returnUrl = session.redirect_on_completion === "always" ? successUrlOf(session) : null;
  const text = "Thanks for your payment.";
  return framedNotice("Payment complete", text, { kind: "complete", returnUrl });
}

function closed(session: Stripe.Checkout.Session): PageResponse {
  if (isEmbedded(session)) {
    return session.status === "complete"
      ? completedNotice(session)
      : page("Expired", html`<p>This checkout session has expired.</p>`, 410, "framed");
  }
  if (session.status === "complete") {
    const link = { href: successUrlOf(session), label: "Continue" };
    return notice("Payment complete", "You've already completed this payment.", link);
  }
  const back = session.cancel_url ? { href: session.cancel_url, label: "Back to store" } : null;
  return notice("Checkout session expired", "Return to the store to start over.", back, 410);
}

function emptyForm(world: World, session: Stripe.Checkout.Session): Filled {
  const customer = world.tables.customers.get(idOrNull(session.customer) ?? "");
  return {
    email: customer?.email ?? session.customer_email ?? "",
    payment: emptyPaymentFields(session, customer?.name ?? ""),
    message: null,
  };
}

function readFilled(world: World, session: Stripe.Checkout.Session, form: URLSearchParams): Filled {
  const known = emptyForm(world, session).email;
  const email = known || (form.get("email") ?? "").trim();
  const payment = paymentFieldsOf(session, form);
  const read = readPayment(payment, nowFor(world, idOrNull(session.customer)));
  const isEmail = /^[^\s@]+@[^\s@]+$/.test(email);
  const message = !isEmail
    ? "Your email is incomplete."
    : "message" in read && needsCard(session)
      ? read.message
      : null;
  return { email, payment, message };
}

/** Whether the card is optional: nothing is due now and the session allows it. */
function needsCard(session: Stripe.Checkout.Session): boolean {
  if (session.mode === "setup") return true;
  return !((session.amount_total ?? 0) === 0 && session.payment_method_collection === "if_required");
}

function show(world: World, session: Stripe.Checkout.Session, filled: Filled): PageResponse {
  const title =
    session.mode === "subscription" ? "Subscribe" : session.mode === "setup" ? "Save a card" : "Pay";
  const action = addressOf(session);
  const content = html`<div class="two">
<section aria-labelledby="order">${order(world, session)}
${orderForm(world, session, action)}
${promotionCodeForm(session, action, filled.code ?? null)}</section>
<form method="post" action="${action}" class="card">
${filled.message && html`<p class="error" role="alert">${filled.message}</p>`}
${emailField(world, session, filled.email)}
${collectedFields(session)}
${needsCard(session) && renderPaymentFields(session, filled.payment)}
${session.custom_text.submit && html`<p class="soft">${session.custom_text.submit.message}</p>`}
<p><button type="submit" class="primary wide">${buttonText(world, session)}</button></p>
</form>
</div>`;
  return page(title, content, 200, isEmbedded(session) ? "framed" : "alone");
}

function emailField(world: World, session: Stripe.Checkout.Session, email: string): Html {
  const isKnown = emptyForm(world, session).email !== "";
  return html`<div class="field"><label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="email" value="${email}" required maxlength="200" ${isKnown && html`readonly`}></div>`;
}

function order(world: World, session: Stripe.Checkout.Session): Html {
  if (session.mode === "setup") {
    return html`${session.cancel_url && html`<p><a href="${session.cancel_url}">Back</a></p>`}
<h1 id="order">Save your card for later</h1><p>You won't be charged today.</p>`;
  }
  const currency = session.currency ?? "usd";
  const lines = toLineItems(world, findOrder(world, session.id));
  const trial = trialText(world, session);
  const { due, fromBalance, carried } = splitAmountDue(world, session);
  return html`${session.cancel_url && html`<p><a href="${session.cancel_url}">Back</a></p>`}
<h1 id="order">${lines.map((line) => line.description).join(", ")}</h1>
<p class="total">${formatAmount(due, currency)}</p>
${trial && html`<p>${trial}</p>`}
<dl class="lines">${lines.map(
    (line) =>
      html`<dt>${line.quantity} × ${line.description}<br><span class="soft">${line.price && formatPrice(line.price)}</span></dt><dd>${formatAmount(line.amount_subtotal, line.currency)}</dd>`,
  )}
${discountRows(world, session)}
${fromBalance !== 0 && html`<dt>Applied balance</dt><dd>${formatAmount(fromBalance, currency)}</dd>`}
${carried > 0 && html`<dt>Added to your next invoice</dt><dd>${formatAmount(-carried, currency)}</dd>`}
<dt class="sum">Due today</dt><dd class="sum">${formatAmount(due, currency)}</dd></dl>
${carried > 0 && html`<p class="soft">${carriedText(carried, currency)}</p>`}`;
}

/** Explains why an amount below the minimum charge is not charged now. */
function carriedText(carried: number, currency: string): string {
  const least = formatAmount(minimumCharge(currency), currency);
  return `Amounts under ${least} can't be charged on their own. You won't be charged today, and ${formatAmount(carried, currency)} will be added to your next invoice.`;
}

function trialText(world: World, session: Stripe.Checkout.Session): string | null {
  const { trialPeriodDays, trialEnd } = findOrder(world, session.id);
  const after = pricesAfter(world, session);
  if (trialPeriodDays !== null) {
    return `${trialPeriodDays} ${trialPeriodDays === 1 ? "day" : "days"} free, then ${after}. Cancel before then and you won't be charged.`;
  }
  if (trialEnd === null) return null;
  return `Free until ${dayText(trialEnd)}, then ${after}.`;
}

/** The amount that is due after the trial. */
function pricesAfter(world: World, session: Stripe.Checkout.Session): string {
  const recurring = toLineItems(world, findOrder(world, session.id)).filter((line) => line.price?.recurring);
  const texts = recurring.map(({ price, quantity }) =>
    price === null
      ? ""
      : `${quantity === 1 ? "" : `${quantity} × `}${formatPrice(price).replace(" / ", " a ")}`,
  );
  return texts.join(" and ");
}

function buttonText(world: World, session: Stripe.Checkout.Session): string {
  if (session.mode === "setup") return "Save card";
  if (trialText(world, session)) return "Start trial";
  const amount = formatAmount(sessionAmountDue(world, session), session.currency ?? "usd");
  return `${submitVerb(session)} ${amount}`;
}

function submitVerb({ mode, submit_type: type }: Stripe.Checkout.Session): string {
  if (type === "book") return "Book for";
  if (type === "donate") return "Donate";
  if (type === "pay") return "Pay";
  return type === "subscribe" || mode === "subscription" ? "Subscribe for" : "Pay";
}
