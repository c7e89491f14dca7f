import type Stripe from "stripe";
import { createCardMethod } from "#sandbox/stripe/customers/payment-method-object.ts";
import { attachMethod, methodToCharge } from "#sandbox/stripe/customers/payment-methods.ts";
import { findInvoiceIntent } from "#sandbox/stripe/invoices/invoice-intent.ts";
import { formatAmount } from "#sandbox/stripe/invoices/invoice-lines.ts";
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
    body: buildInvoicePdf(invoice),
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
    body: buildCreditNotePdf(note),
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
  const content = html`<div class="two">
<section class="card" aria-labelledby="invoice">
<h1 id="invoice">Invoice ${invoice.number}</h1>
<p class="total">${formatAmount(invoice.status === "paid" ? invoice.amount_paid : invoice.amount_due, invoice.currency)}</p>
<p>${statusText(invoice)}</p>
<p class="soft">Billed to ${addresseeRows(invoice).join(", ")}</p>
${lines(invoice)}
<p><a class="button" href="/invoices/${token}/pdf">Download PDF</a></p>
</section>
${invoice.status === "open" && payForm(world, invoice, token, form)}
</div>`;
  return page(`Invoice ${invoice.number ?? ""}`, content);
}

function lines(invoice: Stripe.Invoice): Html {
  const credited = invoice.pre_payment_credit_notes_amount;
  const { carried, fromBalance } = balanceOn(invoice);
  return html`<dl class="lines">
${invoice.lines.data.map(
  (line) => html`<dt>${line.description}</dt><dd>${formatAmount(line.amount, line.currency)}</dd>`,
)}
${subtotalRows(invoice).map(
  ({ label, amount }) => html`<dt>${label}</dt><dd>${formatAmount(amount, invoice.currency)}</dd>`,
)}
${credited !== 0 && html`<dt>Credited</dt><dd>${formatAmount(-credited, invoice.currency)}</dd>`}
${fromBalance !== 0 && html`<dt>Applied balance</dt><dd>${formatAmount(fromBalance, invoice.currency)}</dd>`}
${carried > 0 && html`<dt>Below the minimum charge, added to your next invoice</dt><dd>${formatAmount(-carried, invoice.currency)}</dd>`}
<dt class="sum">Amount due</dt><dd class="sum">${formatAmount(invoice.amount_due, invoice.currency)}</dd>
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

function statusText(invoice: Stripe.Invoice): Html {
  const day = (at: number | null) => (at === null ? "" : new Date(at * 1000).toISOString().slice(0, 10));
  if (invoice.status === "paid") {
    return html`<span class="good">Paid on ${day(invoice.status_transitions.paid_at)}</span>`;
  }
  if (invoice.status !== "open") return html`<span class="soft">${invoice.status}</span>`;
  const retry =
    invoice.next_payment_attempt === null ? "" : `. Next attempt on ${day(invoice.next_payment_attempt)}`;
  return html`<span class="bad">Open${invoice.attempted ? ". Last payment failed" : ""}${retry}</span>`;
}

function payForm(world: World, invoice: Stripe.Invoice, token: string, form: RejectedForm | null): Html {
  const customer = idOrNull(invoice.customer) ?? "";
  const onFile = methodToCharge(world, findInvoiceSubscription(world, invoice), customer);
  const last4 = onFile && world.tables.paymentMethods.get(onFile)?.card?.last4;
  const intent = findInvoiceIntent(world, invoice.id);
  const waiting = intent?.status === "requires_action" && bankUrl(world, intent);
  return html`<section class="card" aria-labelledby="pay">
<h2 id="pay">Pay this invoice</h2>
${form?.message && html`<p class="error" role="alert">${form.message}</p>`}
${waiting && html`<p><a class="button primary" href="${waiting}">Confirm with your bank</a></p>`}
${
  last4 &&
  html`<form method="post" action="/invoices/${token}"><input type="hidden" name="with" value="on-file">
<p><button type="submit">Pay with card ending in ${last4}</button></p></form>`
}
<form method="post" action="/invoices/${token}">
${cardFields(form?.card ?? { number: "", expiry: "", cvc: "", name: invoice.customer_name ?? "" })}
<p><button type="submit" class="primary wide">Pay ${formatAmount(invoice.amount_due, invoice.currency)}</button></p>
${testCardHelp()}
</form></section>`;
}
