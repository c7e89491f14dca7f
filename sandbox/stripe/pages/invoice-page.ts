import type Stripe from "stripe";
import { createCardMethod } from "#sandbox/stripe/customers/payment-method-object.ts";
import { attachMethod, methodToCharge } from "#sandbox/stripe/customers/payment-methods.ts";
import { type DocumentLanguage, documentLanguage } from "#sandbox/stripe/invoices/document-language.ts";
import { findInvoiceIntent } from "#sandbox/stripe/invoices/invoice-intent.ts";
import { findInvoiceSubscription } from "#sandbox/stripe/invoices/invoice-object.ts";
import {
  addresseeRows,
  buildCreditNotePdf,
  buildInvoicePdf,
  subtotalRows,
} from "#sandbox/stripe/invoices/pdf.ts";
import {
  type CardFields,
  cardFields,
  cardFieldsOf,
  readCard,
  testCardHelp,
} from "#sandbox/stripe/pages/card-form.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import { notice, type PageRequest, type PageResponse, page, redirect } from "#sandbox/stripe/pages/layout.ts";
import { type RejectedForm, readRejectedForm, redirectToForm } from "#sandbox/stripe/pages/rejected-forms.ts";
import { bankUrl } from "#sandbox/stripe/payments/authentication.ts";
import { StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { collectInvoice } from "#sandbox/stripe/subscriptions/collect.ts";

/** Handles the hosted invoice page: content, PDF link and payment while it is open. */
export function handleInvoicePage(world: World, token: string, request: PageRequest): PageResponse {
  const invoice = findByToken(world, token);
  if (!invoice) return notice("Not found", "This invoice doesn't exist.", null, 404);
  if (request.method !== "POST") return show(world, invoice, token, readRejectedForm(world, request.query));
  const address = `/invoices/${token}`;
  if (invoice.status !== "open") return redirect(address);
  const fields = cardFieldsOf(request.form);
  const chosen = chooseMethod(world, invoice, request.form, fields);
  if ("message" in chosen) return redirectToForm(world, address, { card: fields, message: chosen.message });
  const outcome = collectInvoice(world, invoice.id, {
    onSession: true,
    isAutomatic: false,
    method: chosen.method,
    returnUrl: invoice.hosted_invoice_url ?? "",
  });
  const intent = findInvoiceIntent(world, invoice.id);
  if (outcome === "requires_action" && intent) return redirect(bankUrl(world, intent));
  if (outcome === "paid") return redirect(invoice.hosted_invoice_url ?? "/");
  const message = intent?.last_payment_error?.message ?? "Your card was declined.";
  return redirectToForm(world, address, { card: fields, message });
}

/** Returns an invoice as a PDF. */
export function renderInvoicePdf(world: World, token: string): PageResponse {
  const invoice = findByToken(world, token);
  if (!invoice) return notice("Not found", "This invoice doesn't exist.", null, 404);
  return {
    status: 200,
    headers: {
      "content-type": "application/pdf",
      "content-disposition": `attachment; filename="Invoice-${invoice.number ?? invoice.id}.pdf"`,
    },
    body: buildInvoicePdf(invoice, documentLanguage(world, invoice.customer)),
  };
}

/** Returns a credit note as a PDF. */
export function renderCreditNotePdf(world: World, id: string): PageResponse {
  const note = world.tables.creditNotes.get(id);
  if (!note) return notice("Not found", "This credit note doesn't exist.", null, 404);
  return {
    status: 200,
    headers: {
      "content-type": "application/pdf",
      "content-disposition": `attachment; filename="Credit-note-${note.number}.pdf"`,
    },
    body: buildCreditNotePdf(note, documentLanguage(world, note.customer)),
  };
}

function findByToken(world: World, token: string): Stripe.Invoice | null {
  const invoice = world.tables.invoices.get(token.split("_").slice(0, 2).join("_"));
  return invoice?.hosted_invoice_url?.endsWith(`/invoices/${token}`) ? invoice : null;
}

/** The saved card, or a new card that is then saved for the customer. */
function chooseMethod(
  world: World,
  invoice: Stripe.Invoice,
  form: URLSearchParams,
  fields: CardFields,
): { method: string } | { message: string } {
  const customer = idOrNull(invoice.customer) ?? "";
  const onFile = methodToCharge(world, findInvoiceSubscription(world, invoice), customer);
  if (form.get("with") === "on-file" && onFile) return { method: onFile };
  const now = nowFor(world, customer);
  const read = readCard(fields, now);
  if ("message" in read) return read;
  const email = invoice.customer_email;
  const method = createCardMethod(world, { ...read.card, name: fields.name || null, email }, now);
  try {
    attachMethod(world, method.id, customer);
    return { method: method.id };
  } catch (error) {
    if (error instanceof StripeFailure) return { message: error.message };
    throw error;
  }
}

function show(world: World, invoice: Stripe.Invoice, token: string, form: RejectedForm | null): PageResponse {
  const language = documentLanguage(world, invoice.customer);
  const { texts, money } = language;
  const total = invoice.status === "paid" ? invoice.amount_paid : invoice.amount_due;
  const content = html`<div class="two">
<section class="card" aria-labelledby="invoice">
<h1 id="invoice">${texts.invoice} ${invoice.number}</h1>
<p class="total">${money(total, invoice.currency)}</p>
<p>${statusText(invoice, language)}</p>
<p class="soft">${texts.billedTo} ${addresseeRows(invoice, texts.taxId).join(", ")}</p>
${lines(invoice, language)}
<p><a class="button" href="/invoices/${token}/pdf">${texts.download}</a></p>
</section>
${invoice.status === "open" && payForm(world, invoice, token, form, language)}
</div>`;
  return page(`${texts.invoice} ${invoice.number ?? ""}`, content, 200, "alone", language.code);
}

function lines(invoice: Stripe.Invoice, { texts, money }: DocumentLanguage): Html {
  const { currency, pre_payment_credit_notes_amount: credited } = invoice;
  const { carried, fromBalance } = balanceOn(invoice);
  const isPaid = invoice.status === "paid";
  const row = (label: string | null, amount: number) =>
    html`<dt>${label}</dt><dd>${money(amount, currency)}</dd>`;
  return html`<dl class="lines">
${invoice.lines.data.map((line) => row(line.description, line.amount))}
${subtotalRows(invoice).map(({ label, amount }) => row(texts[label], amount))}
${credited !== 0 && row(texts.credited, -credited)}
${fromBalance !== 0 && row(texts.appliedBalance, fromBalance)}
${carried > 0 && row(texts.carriedOver, -carried)}
<dt class="sum">${isPaid ? texts.amountPaid : texts.amountDue}</dt>
<dd class="sum">${money(isPaid ? invoice.amount_paid : invoice.amount_due, currency)}</dd>
</dl>`;
}

/** Rows for the applied customer balance and for an amount below the minimum charge that is carried over. */
function balanceOn(invoice: Stripe.Invoice): { fromBalance: number; carried: number } {
  const ending = invoice.ending_balance ?? invoice.starting_balance;
  if (ending === invoice.starting_balance) return { fromBalance: 0, carried: 0 };
  const carried = Math.max(0, ending);
  const credited = invoice.pre_payment_credit_notes_amount;
  return { carried, fromBalance: invoice.amount_due + carried + credited - invoice.total };
}

function statusText(invoice: Stripe.Invoice, { texts, day }: DocumentLanguage): Html {
  const { status, attempted, next_payment_attempt: nextAttempt } = invoice;
  if (status === "paid") {
    return html`<span class="good">${texts.paidOn(day(invoice.status_transitions.paid_at))}</span>`;
  }
  if (status !== "open") return html`<span class="soft">${status && texts.statuses[status]}</span>`;
  const facts = [
    texts.statuses.open,
    ...(attempted ? [texts.paymentFailed] : []),
    ...(nextAttempt === null ? [] : [texts.nextAttempt(day(nextAttempt))]),
  ];
  return html`<span class="bad">${facts.join(". ")}</span>`;
}

function payForm(
  world: World,
  invoice: Stripe.Invoice,
  token: string,
  form: RejectedForm | null,
  { code, texts, money }: DocumentLanguage,
): Html {
  const customer = idOrNull(invoice.customer) ?? "";
  const onFile = methodToCharge(world, findInvoiceSubscription(world, invoice), customer);
  const last4 = onFile && world.tables.paymentMethods.get(onFile)?.card?.last4;
  const intent = findInvoiceIntent(world, invoice.id);
  const waiting = intent?.status === "requires_action" && bankUrl(world, intent);
  const fields = form?.card ?? { number: "", expiry: "", cvc: "", name: invoice.customer_name ?? "" };
  return html`<section class="card" aria-labelledby="pay">
<h2 id="pay">${texts.pay}</h2>
${form?.message && html`<p class="error" role="alert">${form.message}</p>`}
${waiting && html`<p><a class="button primary" href="${waiting}">${texts.confirm}</a></p>`}
${
  last4 &&
  html`<form method="post" action="/invoices/${token}"><input type="hidden" name="with" value="on-file">
<p><button type="submit">${texts.payWithCard(last4)}</button></p></form>`
}
<form method="post" action="/invoices/${token}">
${cardFields(fields, true, code)}
<p><button type="submit" class="primary wide">${texts.payAmount(money(invoice.amount_due, invoice.currency))}</button></p>
${testCardHelp(code)}
</form></section>`;
}
