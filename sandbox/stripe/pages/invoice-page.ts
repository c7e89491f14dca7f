import type Stripe from "stripe";
import { createCardMethod } from "#sandbox/stripe/customers/payment-method-object.ts";
import { attachMethod, methodToCharge } from "#sandbox/stripe/customers/payment-methods.ts";
import { intentOf } from "#sandbox/stripe/invoices/intent-of-invoice.ts";
import { moneyText } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { subscriptionOf } from "#sandbox/stripe/invoices/invoice-object.ts";
import { addresseeRows, buildCreditNotePdf, buildInvoicePdf, sumRows } from "#sandbox/stripe/invoices/pdf.ts";
import {
  type CardFields,
  cardFields,
  cardFieldsOf,
  readCard,
  testCardHelp,
} from "#sandbox/stripe/pages/card-form.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import { askAgain, formToShow, type KeptForm } from "#sandbox/stripe/pages/kept-forms.ts";
import { notice, type PageAnswer, type PageRequest, page, redirect } from "#sandbox/stripe/pages/layout.ts";
import { bankUrl } from "#sandbox/stripe/payments/authentication.ts";
import { StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { collectInvoice } from "#sandbox/stripe/subscriptions/collect.ts";

/** The hosted invoice: what it says, its PDF, and paying it while it is open. */
export function answerInvoice(world: World, token: string, request: PageRequest): PageAnswer {
  const invoice = findByToken(world, token);
  if (!invoice) return notice("Not found", "There is no such invoice.", null, 404);
  if (request.method !== "POST") return show(world, invoice, token, formToShow(world, request.query));
  const address = `/invoices/${token}`;
  if (invoice.status !== "open") return redirect(address);
  const fields = cardFieldsOf(request.form);
  const chosen = chooseMethod(world, invoice, request.form, fields);
  if ("message" in chosen) return askAgain(world, address, { card: fields, message: chosen.message });
  const outcome = collectInvoice(world, invoice.id, {
    onSession: true,
    isAutomatic: false,
    method: chosen.method,
    returnUrl: invoice.hosted_invoice_url ?? "",
  });
  const intent = intentOf(world, invoice.id);
  if (outcome === "requires_action" && intent) return redirect(bankUrl(world, intent));
  if (outcome === "paid") return redirect(invoice.hosted_invoice_url ?? "/");
  const message = intent?.last_payment_error?.message ?? "Your card was declined.";
  return askAgain(world, address, { card: fields, message });
}

/** The invoice as a file. */
export function answerInvoicePdf(world: World, token: string): PageAnswer {
  const invoice = findByToken(world, token);
  if (!invoice) return notice("Not found", "There is no such invoice.", null, 404);
  return {
    status: 200,
    headers: {
      "content-type": "application/pdf",
      "content-disposition": `attachment; filename="Invoice-${invoice.number ?? invoice.id}.pdf"`,
    },
    body: buildInvoicePdf(invoice),
  };
}

/** A credit note as a file. */
export function answerCreditNotePdf(world: World, id: string): PageAnswer {
  const note = world.tables.creditNotes.get(id);
  if (!note) return notice("Not found", "There is no such credit note.", null, 404);
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

/** The card on file, or a new one, which is then kept for the customer. */
function chooseMethod(
  world: World,
  invoice: Stripe.Invoice,
  form: URLSearchParams,
  fields: CardFields,
): { method: string } | { message: string } {
  const customer = idOrNull(invoice.customer) ?? "";
  const onFile = methodToCharge(world, subscriptionOf(world, invoice), customer);
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

function show(world: World, invoice: Stripe.Invoice, token: string, form: KeptForm | null): PageAnswer {
  const content = html`<div class="two">
<section class="card" aria-labelledby="invoice">
<h1 id="invoice">Invoice ${invoice.number}</h1>
<p class="total">${moneyText(invoice.status === "paid" ? invoice.amount_paid : invoice.amount_due, invoice.currency)}</p>
<p>${statusText(invoice)}</p>
<p class="soft">For ${addresseeRows(invoice).join(", ")}</p>
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
  (line) => html`<dt>${line.description}</dt><dd>${moneyText(line.amount, line.currency)}</dd>`,
)}
${sumRows(invoice).map(
  ({ label, amount }) => html`<dt>${label}</dt><dd>${moneyText(amount, invoice.currency)}</dd>`,
)}
${credited !== 0 && html`<dt>Credited</dt><dd>${moneyText(-credited, invoice.currency)}</dd>`}
${fromBalance !== 0 && html`<dt>Applied balance</dt><dd>${moneyText(fromBalance, invoice.currency)}</dd>`}
${carried > 0 && html`<dt>Too little to be charged: added to the next invoice</dt><dd>${moneyText(-carried, invoice.currency)}</dd>`}
<dt class="sum">Amount due</dt><dd class="sum">${moneyText(invoice.amount_due, invoice.currency)}</dd>
</dl>`;
}

/** What the customer's balance paid of an invoice or added to it, and what was too little and went on to the next. */
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
    invoice.next_payment_attempt === null
      ? ""
      : `. The next attempt is on ${day(invoice.next_payment_attempt)}`;
  return html`<span class="bad">Open${invoice.attempted ? ", the last payment failed" : ""}${retry}</span>`;
}

function payForm(world: World, invoice: Stripe.Invoice, token: string, form: KeptForm | null): Html {
  const customer = idOrNull(invoice.customer) ?? "";
  const onFile = methodToCharge(world, subscriptionOf(world, invoice), customer);
  const last4 = onFile && world.tables.paymentMethods.get(onFile)?.card?.last4;
  const intent = intentOf(world, invoice.id);
  const waiting = intent?.status === "requires_action" && bankUrl(world, intent);
  return html`<section class="card" aria-labelledby="pay">
<h2 id="pay">Pay this invoice</h2>
${form?.message && html`<p class="error" role="alert">${form.message}</p>`}
${waiting && html`<p><a class="button primary" href="${waiting}">Confirm with your bank</a></p>`}
${
  last4 &&
  html`<form method="post" action="/invoices/${token}"><input type="hidden" name="with" value="on-file">
<p><button type="submit">Pay with the card ending in ${last4}</button></p></form>`
}
<form method="post" action="/invoices/${token}">
${cardFields(form?.card ?? { number: "", expiry: "", cvc: "", name: invoice.customer_name ?? "" })}
<p><button type="submit" class="primary wide">Pay ${moneyText(invoice.amount_due, invoice.currency)}</button></p>
${testCardHelp()}
</form></section>`;
}
