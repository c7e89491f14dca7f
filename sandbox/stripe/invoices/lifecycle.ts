import type Stripe from "stripe";
import { balanceIn, balancePatch } from "#sandbox/stripe/customers/credit-balance.ts";
import { recordBalanceTransaction } from "#sandbox/stripe/customers/customer-balance.ts";
import { consumeDiscounts, findInheritedTerms } from "#sandbox/stripe/discounts/discount-terms.ts";
import { attachInvoiceIntent } from "#sandbox/stripe/invoices/invoice-intent.ts";
import { toItemPart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import {
  applyCustomerBalance,
  type BalanceApplication,
  buildInvoice,
  type InvoiceInput,
} from "#sandbox/stripe/invoices/invoice-object.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { amend, create, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** How long an invoice stays a draft before it is finalized automatically. */
export const draftSeconds = 3600;

/** Returns an invoice by id. Throws `resource_missing` when there is none. */
export function findInvoice(world: World, id: string, param?: string): Stripe.Invoice {
  const invoice = world.tables.invoices.get(id);
  if (!invoice) throw missing("invoice", id, param);
  return invoice;
}

/**
 * Stores a draft with its pending items. It is finalized automatically after one hour, unless the input
 * differs.
 */
export function draftInvoice(world: World, input: InvoiceInput): Stripe.Invoice {
  const at = nowFor(world, input.customer.id);
  const pending = itemsToBill(world, input);
  const id = input.id ?? newStripeId("in");
  const parts = [...pending.map((item) => toItemPart(world, item)), ...input.parts];
  const discounts = input.discounts ?? findInheritedTerms(world, input.customer.id, input.subscription);
  const finalAt = input.finalizesAt ?? at + draftSeconds;
  const invoice = {
    ...buildInvoice(world, { ...input, parts, discounts }, at, id),
    automatically_finalizes_at: input.autoAdvance === false ? null : finalAt,
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

function itemsToBill(world: World, input: InvoiceInput): Stripe.InvoiceItem[] {
  const { currency, customer, pendingItems: which = "eligible", subscription } = input;
  if (which === "none") return [];
  if (which === "customer") {
    const items = world.tables.invoiceItems.under(customer.id);
    return items.filter((item) => item.invoice === null && item.currency === currency);
  }
  const eligible = pendingItems(world, customer.id, subscription?.id ?? null, currency);
  if (which === "eligible") return eligible;
  return eligible.filter((item) => item.parent?.subscription_details?.subscription === subscription?.id);
}

/** Returns the pending items of a subscription, and those of the customer without a subscription. */
export function pendingItems(
  world: World,
  customer: string,
  subscription: string | null,
  currency?: string,
): Stripe.InvoiceItem[] {
  return world.tables.invoiceItems.under(customer).filter((item) => {
    const claimedBy = item.parent?.subscription_details?.subscription ?? null;
    const isEligible = claimedBy === null || claimedBy === subscription;
    return item.invoice === null && isEligible && (currency === undefined || item.currency === currency);
  });
}

/**
 * Finalizes a draft: assigns number and page URLs, applies the customer's balance and attaches a payment
 * intent. An invoice with nothing due, or less than the minimum charge, becomes paid immediately.
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
  const balance = balanceIn(world, customer, draft.currency);
  const application = applyBalance(draft, balance, reuseIntent !== null);
  const { due, ending } = application;
  const token = `${id}_${randomLetters(20)}`;
  const patch = {
    ...addresseeFields(world, customer),
    amount_due: due,
    amount_remaining: due,
    automatically_finalizes_at: null,
    effective_at: draft.effective_at ?? at,
    ending_balance: ending,
    hosted_invoice_url: `${world.baseUrl}/invoices/${token}`,
    invoice_pdf: `${world.baseUrl}/invoices/${token}/pdf`,
    number: draft.number ?? (customer ? nextInvoiceNumber(customer) : null),
    starting_balance: balance,
    status: "open",
    status_transitions: { ...draft.status_transitions, finalized_at: at },
  };
  const open = amend(world, world.tables.invoices, id, patch, "invoice.finalized");
  if (customer) updateCustomerAfterFinalization(world, customer, open, application);
  if (due === 0) return markPaid(world, id);
  attachInvoiceIntent(world, open, reuseIntent);
  return open;
}

/** The receipt of a single payment was already paid in full, so no balance is applied to it. */
function applyBalance(draft: Stripe.Invoice, balance: number, isPaid: boolean): BalanceApplication {
  if (isPaid && draft.parent === null) return { due: draft.total, ending: balance, carried: 0 };
  return applyCustomerBalance(draft.total, balance, draft.currency);
}

/** Returns the customer's details at finalization, which the invoice keeps from then on. */
function addresseeFields(world: World, customer: Stripe.Customer | undefined): Partial<Stripe.Invoice> {
  if (customer === undefined) return {};
  return {
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_tax_ids: world.tables.taxIds.under(customer.id).map(({ type, value }) => ({ type, value })),
  };
}

/** Marks an invoice and its payments as paid. `attempts` is the new attempt count. */
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
  dropStatusDetails(world, invoice);
  const paid = amend(world, world.tables.invoices, id, patch, "invoice.updated");
  emit(world, "invoice.paid", paid);
  emit(world, "invoice.payment_succeeded", paid);
  for (const payment of world.tables.invoicePayments.under(id)) {
    if (payment.status === "canceled") continue;
    const patch = {
      amount_paid: payment.amount_requested,
      status: "paid",
      status_transitions: { canceled_at: null, paid_at: at },
    };
    amend(world, world.tables.invoicePayments, payment.id, patch, "invoice_payment.paid");
  }
  return paid;
}

/** Removes the reason of a write-off: only an uncollectible invoice has one. */
export function dropStatusDetails(world: World, invoice: Stripe.Invoice): void {
  const { status_details: _reason, ...rest } = invoice;
  world.tables.invoices.put(rest);
}

/**
 * Updates the customer after a finalization: the next invoice number, the balance, and the balance
 * transactions for the applied and the carried amount.
 */
function updateCustomerAfterFinalization(
  world: World,
  customer: Stripe.Customer,
  { currency, id, starting_balance: starting }: Stripe.Invoice,
  { ending, carried }: BalanceApplication,
): void {
  const patch = {
    ...balancePatch(customer, currency, ending),
    next_invoice_sequence: (customer.next_invoice_sequence ?? 1) + 1,
  };
  amend(world, world.tables.customers, customer.id, patch, "customer.updated");
  if (ending === starting) return;
  const applied = { amount: ending - carried - starting, endingBalance: ending - carried };
  const common = { currency, invoice: id };
  if (applied.amount !== 0) {
    recordBalanceTransaction(world, customer.id, { ...applied, ...common, type: "applied_to_invoice" });
  }
  if (carried === 0) return;
  recordBalanceTransaction(world, customer.id, {
    ...common,
    amount: carried,
    endingBalance: ending,
    type: "invoice_too_small",
  });
}

function nextInvoiceNumber(customer: Stripe.Customer): string {
  return `${customer.invoice_prefix}-${String(customer.next_invoice_sequence ?? 1).padStart(4, "0")}`;
}
