import type Stripe from "stripe";
import { inheritedTerms, consumeDiscounts } from "#sandbox/stripe/discounts/running-discounts.ts";
import { partOfInvoiceItem } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { buildInvoice, type InvoiceInput, settleBalance } from "#sandbox/stripe/invoices/invoice-object.ts";
import { createIntent } from "#sandbox/stripe/payments/intent-object.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { amend, create, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { dropPending } from "#sandbox/stripe/subscriptions/pending-change.ts";

const draftSeconds = 3600;

/** An invoice that must exist. */
export function findInvoice(world: World, id: string, param?: string): Stripe.Invoice {
  const invoice = world.tables.invoices.get(id);
  if (!invoice) throw missing("invoice", id, param);
  return invoice;
}

/** Writes a draft, with the pending items of its subscription on it. It finalises itself an hour later. */
export function draftInvoice(world: World, input: InvoiceInput): Stripe.Invoice {
  const at = nowFor(world, input.customer.id);
  const pending = pendingItems(world, input.customer.id, input.subscription?.id ?? null);
  const id = input.id ?? newStripeId("in");
  const parts = [...pending.map((item) => partOfInvoiceItem(world, item)), ...input.parts];
  const discounts = input.discounts ?? inheritedTerms(world, input.customer.id, input.subscription);
  const invoice = {
    ...buildInvoice({ ...input, parts, discounts }, at, id),
    automatically_finalizes_at: input.autoAdvance === false ? null : at + draftSeconds,
  };
  for (const item of pending) amend(world, world.tables.invoiceItems, item.id, { invoice: id });
  create(world, world.tables.invoices, invoice, "invoice.created");
  if (input.subscription) {
    const patch = { latest_invoice: id };
    amend(world, world.tables.subscriptions, input.subscription.id, patch, "customer.subscription.updated");
  }
  consumeDiscounts(world, invoice);
  return invoice;
}

/** Invoice items that wait: those of a subscription, and those of the customer that no subscription claims. */
export function pendingItems(
  world: World,
  customer: string,
  subscription: string | null,
): Stripe.InvoiceItem[] {
  return world.tables.invoiceItems.under(customer).filter((item) => {
    const claimedBy = item.parent?.subscription_details?.subscription ?? null;
    return item.invoice === null && (claimedBy === null || claimedBy === subscription);
  });
}

/**
 * Makes a draft final: it gets its number, its pages, the customer's balance set against it, and a payment when
 * anything is due. One that asks for nothing is paid by that alone.
 */
export function finalizeInvoice(world: World, id: string, reuseIntent: string | null = null): Stripe.Invoice {
  const draft = findInvoice(world, id);
  if (draft.status !== "draft")
    throw invalid(
      "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
      undefined,
      "invoice_not_editable",
    );
  const customer = world.tables.customers.get(idOrNull(draft.customer) ?? "");
  const at = nowFor(world, customer?.id ?? null);
  const { due, ending } = settleBalance(draft.total, customer?.balance ?? 0);
  const token = `${id}_${randomLetters(20)}`;
  const patch = {
    amount_due: due,
    amount_remaining: due,
    automatically_finalizes_at: null,
    effective_at: at,
    ending_balance: ending,
    hosted_invoice_url: `${world.baseUrl}/invoices/${token}`,
    invoice_pdf: `${world.baseUrl}/invoices/${token}/pdf`,
    number: customer ? nextNumber(customer) : null,
    starting_balance: customer?.balance ?? 0,
    status: "open",
    status_transitions: { ...draft.status_transitions, finalized_at: at },
  };
  const open = amend(world, world.tables.invoices, id, patch, "invoice.finalized");
  if (customer) {
    const sequence = (customer.next_invoice_sequence ?? 1) + 1;
    const after = { balance: ending, next_invoice_sequence: sequence };
    amend(world, world.tables.customers, customer.id, after, "customer.updated");
  }
  if (due === 0) return markPaid(world, id);
  attachIntent(world, open, reuseIntent);
  return open;
}

/** The payment behind an invoice, or null when none was needed. */
export function intentOf(world: World, invoice: string): Stripe.PaymentIntent | null {
  const payment = world.tables.invoicePayments.under(invoice).filter((row) => row.status !== "canceled")[0];
  const intent = idOrNull(payment?.payment.payment_intent);
  return intent === null ? null : (world.tables.paymentIntents.get(intent) ?? null);
}

/** Closes an invoice as paid, by money, by balance or because nothing was due. */
export function markPaid(world: World, id: string, attempts?: number): Stripe.Invoice {
  const invoice = findInvoice(world, id);
  const at = nowFor(world, idOrNull(invoice.customer));
  const patch = {
    attempt_count: attempts ?? invoice.attempt_count,
    amount_paid: invoice.amount_due,
    amount_remaining: 0,
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: "paid",
    status_transitions: { ...invoice.status_transitions, paid_at: at },
  };
  const paid = amend(world, world.tables.invoices, id, patch, "invoice.updated");
  emit(world, "invoice.paid", paid);
  emit(world, "invoice.payment_succeeded", paid);
  for (const payment of world.tables.invoicePayments.under(id)) {
    const patch = {
      amount_paid: payment.amount_requested,
      status: "paid",
      status_transitions: { canceled_at: null, paid_at: at },
    };
    amend(world, world.tables.invoicePayments, payment.id, patch, "invoice_payment.paid");
  }
  return paid;
}

/** Voids an invoice: nobody owes it any more. */
export function voidInvoice(world: World, id: string): Stripe.Invoice {
  const invoice = findInvoice(world, id);
  if (invoice.status !== "open" && invoice.status !== "uncollectible") {
    throw invalid(
      `You can only void invoices that are open or uncollectible. This invoice is ${invoice.status}.`,
    );
  }
  const at = nowFor(world, idOrNull(invoice.customer));
  const intent = intentOf(world, id);
  if (intent) {
    const patch = {
      status: "canceled",
      canceled_at: at,
      cancellation_reason: "void_invoice",
      next_action: null,
    };
    amend(world, world.tables.paymentIntents, intent.id, patch, "payment_intent.canceled");
  }
  const patch = {
    auto_advance: false,
    next_payment_attempt: null,
    status: "void",
    status_transitions: { ...invoice.status_transitions, voided_at: at },
  };
  const voided = amend(world, world.tables.invoices, id, patch, "invoice.voided");
  dropPending(world, id);
  return voided;
}

function attachIntent(world: World, invoice: Stripe.Invoice, reuse: string | null): void {
  const intent =
    reuse ??
    createIntent(world, {
      amount: invoice.amount_due,
      currency: invoice.currency,
      customer: idOrNull(invoice.customer),
      description:
        invoice.billing_reason === "subscription_create" ? "Subscription creation" : "Subscription update",
      metadata: {},
      receiptEmail: null,
      setupFutureUsage: invoice.billing_reason === "subscription_create" ? "off_session" : null,
    }).id;
  world.tables.invoicePayments.put({
    id: newStripeId("inpay"),
    object: "invoice_payment",
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: nowFor(world, idOrNull(invoice.customer)),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: "payment_intent", payment_intent: intent },
    status: "open",
    status_transitions: { canceled_at: null, paid_at: null },
  });
}

function nextNumber(customer: Stripe.Customer): string {
  return `${customer.invoice_prefix}-${String(customer.next_invoice_sequence ?? 1).padStart(4, "0")}`;
}
