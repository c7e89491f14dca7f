import type Stripe from "stripe";
import { findProductName } from "#sandbox/stripe/catalog/prices.ts";
import { createCardMethod } from "#sandbox/stripe/customers/payment-method-object.ts";
import { attachMethod, methodToCharge } from "#sandbox/stripe/customers/payment-methods.ts";
import { formatAmount, formatPrice } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { cardFields, cardFieldsOf, readCard, testCardHelp } from "#sandbox/stripe/pages/card-form.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import { notice, type PageRequest, type PageResponse, page, redirect } from "#sandbox/stripe/pages/layout.ts";
import { changePlan, confirmation, offerList, requestedPrice } from "#sandbox/stripe/pages/portal-plans.ts";
import { readRejectedForm, redirectToForm } from "#sandbox/stripe/pages/rejected-forms.ts";
import { dayText } from "#sandbox/stripe/pages/table.ts";
import { findConfiguration } from "#sandbox/stripe/portal/configurations.ts";
import { findSessionByLink } from "#sandbox/stripe/portal/sessions.ts";
import { StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { cancelNow } from "#sandbox/stripe/subscriptions/cancel.ts";
import { endingPatch } from "#sandbox/stripe/subscriptions/ending.ts";
import { isRunning, periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

type Visit = { world: World; session: Stripe.BillingPortal.Session; customer: Stripe.Customer; path: string };

/** Handles the customer portal: plan, card, invoices. */
export function handlePortal(world: World, secret: string, request: PageRequest): PageResponse {
  const session = findSessionByLink(world, secret);
  const customer = session && world.tables.customers.get(session.customer);
  if (!session || !customer) return notice("Not found", "This portal link has expired.", null, 404);
  const visit: Visit = { world, session, customer, path: `/p/session/${secret}` };
  if (request.method !== "POST") {
    const refused = readRejectedForm(world, request.query);
    return refused
      ? show(visit, refused.message)
      : (showConfirmation(visit, request.query) ?? show(visit, null));
  }
  const message = act(visit, request.form);
  return message === null ? redirect(afterwards(visit)) : redirectToForm(world, visit.path, { message });
}

function act(visit: Visit, form: URLSearchParams): string | null {
  const action = form.get("action");
  if (action === "card") return changeCard(visit, form);
  const subscription = visit.world.tables.subscriptions.get(form.get("subscription") ?? "");
  if (!subscription || idOf(subscription.customer) !== visit.customer.id || !isRunning(subscription)) {
    return "This plan is no longer active.";
  }
  if (action === "cancel") return cancel(visit, subscription, form.get("feedback"));
  if (action === "change") return changePlan(visit, subscription, form.get("price") ?? "");
  if (action !== "resume") return "This action isn't available.";
  setEnding(visit, subscription, null);
  return null;
}

/** The confirmation of a change, if the URL or the session requests one. */
function showConfirmation(visit: Visit, query: URLSearchParams): PageResponse | null {
  const { world, session, customer } = visit;
  const price = requestedPrice(visit, query);
  const id = query.get("subscription") ?? session.flow?.subscription_update_confirm?.subscription ?? "";
  const subscription = world.tables.subscriptions.get(id);
  if (price === null || subscription?.customer !== customer.id || !isRunning(subscription)) return null;
  const content = confirmation(visit, subscription, price);
  return content && page("Confirm your plan change", content);
}

/** Cancels with `cancel_at` instead of the flag, as Stripe's portal does. */
function cancel(visit: Visit, subscription: Stripe.Subscription, feedback: string | null): string | null {
  const { world, session } = visit;
  const { subscription_cancel: rules } = findConfiguration(world, idOf(session.configuration)).features;
  if (!rules.enabled) return "Plans can't be canceled here.";
  if (subscription.schedule !== null)
    return "This plan already has a scheduled change. Contact support to cancel it.";
  const reason = rules.cancellation_reason.options.find((option) => option === feedback) ?? null;
  if (rules.mode === "immediately") {
    cancelNow(world, subscription.id, "cancellation_requested", {
      details: { feedback: reason },
      prorates: rules.proration_behavior !== "none",
      invoicesNow: rules.proration_behavior === "always_invoice",
    });
    return null;
  }
  setEnding(visit, subscription, periodOf(subscription).end, reason);
  return null;
}

function setEnding(
  { world, customer }: Visit,
  subscription: Stripe.Subscription,
  cancelAt: number | null,
  feedback: string | null = null,
): void {
  const ending = endingPatch(subscription, { cancelAt, isPeriodEnd: false, at: nowFor(world, customer.id) });
  const details = ending.cancellation_details;
  const patch = { ...ending, ...(details ? { cancellation_details: { ...details, feedback } } : {}) };
  amend(world, world.tables.subscriptions, subscription.id, patch, "customer.subscription.updated");
}

/** Sets a new card as the default for all subscriptions. */
function changeCard({ world, customer }: Visit, form: URLSearchParams): string | null {
  const now = nowFor(world, customer.id);
  const fields = cardFieldsOf(form);
  const read = readCard(fields, now);
  if ("message" in read) return read.message;
  const method = createCardMethod(
    world,
    { ...read.card, name: fields.name || null, email: customer.email },
    now,
  );
  try {
    attachMethod(world, method.id, customer.id);
  } catch (error) {
    if (error instanceof StripeFailure) return error.message;
    throw error;
  }
  const settings = { ...customer.invoice_settings, default_payment_method: method.id };
  amend(world, world.tables.customers, customer.id, { invoice_settings: settings }, "customer.updated");
  for (const subscription of subscriptionsOf(world, customer.id)) {
    if (subscription.default_payment_method === null) continue;
    const patch = { default_payment_method: method.id };
    amend(world, world.tables.subscriptions, subscription.id, patch, "customer.subscription.updated");
  }
  return null;
}

function afterwards({ session, path }: Visit): string {
  const { flow } = session;
  const back = flow?.after_completion.redirect?.return_url;
  return flow?.after_completion.type === "redirect" && back ? back : path;
}

function subscriptionsOf(world: World, customer: string): Stripe.Subscription[] {
  return world.tables.subscriptions.filter((row) => row.customer === customer && isRunning(row));
}

function show(visit: Visit, message: string | null): PageResponse {
  const { world, session, customer } = visit;
  const { features } = findConfiguration(world, idOf(session.configuration));
  const only = session.flow?.type;
  const content = html`${session.return_url && html`<p><a href="${session.return_url}">Back</a></p>`}
<h1>Billing</h1>
<p class="soft">${customer.email}</p>
${message && html`<p class="error" role="alert">${message}</p>`}
${only !== "payment_method_update" && plans(visit, features.subscription_cancel.enabled)}
${(only === undefined || only === "payment_method_update") && features.payment_method_update.enabled && card(visit)}
${only === undefined && features.invoice_history.enabled && invoices(visit)}`;
  return page("Billing", content);
}

function plans(visit: Visit, canCancel: boolean): Html {
  const running = subscriptionsOf(visit.world, visit.customer.id);
  return html`<h2>Plan</h2>
${running.length === 0 && html`<p>No active plan.</p>`}
${running.map((subscription) => plan(visit, subscription, canCancel))}`;
}

function plan(visit: Visit, subscription: Stripe.Subscription, canCancel: boolean): Html {
  const { world, session, path } = visit;
  const item = subscription.items.data[0];
  const name = item ? findProductName(world, item.price) : subscription.id;
  const { end } = periodOf(subscription);
  const isEnding = subscription.cancel_at !== null;
  const text = isEnding
    ? `Ends on ${dayText(subscription.cancel_at ?? end)}`
    : subscription.status === "trialing"
      ? `Trial until ${dayText(end)}`
      : `Renews on ${dayText(end)}`;
  const action = isEnding ? "resume" : "cancel";
  return html`<section class="card"><p><strong>${name}</strong> ${item && formatPrice(item.price)}</p>
<p>${text}${subscription.status === "past_due" && html` <span class="bad">Last payment failed.</span>`}</p>
${
  (isEnding || canCancel) &&
  html`<form method="post" action="${path}" class="actions">
<input type="hidden" name="subscription" value="${subscription.id}">
${!isEnding && reasons(findConfiguration(world, idOf(session.configuration)))}
<button type="submit" name="action" value="${action}">${isEnding ? "Keep plan" : "Cancel plan"}</button>
</form>`
}${!isEnding && session.flow?.type !== "subscription_cancel" && offerList(visit, subscription)}</section>`;
}

function reasons({ features }: Stripe.BillingPortal.Configuration): Html | false {
  const { cancellation_reason: reason } = features.subscription_cancel;
  if (!reason.enabled) return false;
  return html`<label>Why are you canceling? <select name="feedback"><option value="">Prefer not to say</option>
${reason.options.map((option) => html`<option value="${option}">${option.replaceAll("_", " ")}</option>`)}</select></label>`;
}

function card({ world, customer, path }: Visit): Html {
  const running = subscriptionsOf(world, customer.id)[0] ?? null;
  const current = methodToCharge(world, running, customer.id);
  const details = current === null ? undefined : world.tables.paymentMethods.get(current)?.card;
  return html`<h2>Card</h2><section class="card">
<p>${details ? `${details.brand.slice(0, 1).toUpperCase()}${details.brand.slice(1)} ending in ${details.last4}, expires ${details.exp_month}/${details.exp_year}` : "No card on file."}</p>
<details><summary>Update card</summary>
<form method="post" action="${path}"><input type="hidden" name="action" value="card">
${cardFields({ number: "", expiry: "", cvc: "", name: customer.name ?? "" })}
<p><button type="submit" class="primary">Save card</button></p>
${testCardHelp()}</form></details></section>`;
}

function invoices({ world, customer }: Visit): Html {
  const rows = world.tables.invoices
    .filter((row) => row.customer === customer.id && row.status !== "draft")
    .reverse();
  if (rows.length === 0) return html`<h2>Invoices</h2><p>No invoices yet.</p>`;
  return html`<h2>Invoices</h2><div class="scroll" tabindex="0" role="region" aria-label="Invoices"><table>
<thead><tr><th scope="col">Number</th><th scope="col">Date</th><th scope="col">Amount</th><th scope="col">Status</th></tr></thead>
<tbody>${rows.map(
    (row) => html`<tr><td><a href="${row.hosted_invoice_url}">${row.number}</a></td>
<td>${dayText(row.created)}</td>
<td>${formatAmount(row.total, row.currency)}</td><td>${row.status}</td></tr>`,
  )}</tbody></table></div>`;
}
