import type Stripe from "stripe";
import { noteBalance } from "#sandbox/stripe/customers/customer-balance.ts";
import { consumeDiscounts, inheritedTerms } from "#sandbox/stripe/discounts/running-discounts.ts";
import { attachIntent } from "#sandbox/stripe/invoices/intent-of-invoice.ts";
import { partOfInvoiceItem } from "#sandbox/stripe/invoices/invoice-lines.ts";
import {
  buildInvoice,
  type InvoiceInput,
  type Settlement,
  settleBalance,
} from "#sandbox/stripe/invoices/invoice-object.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { amend, create, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

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
  const pending = input.leavesPending
    ? []
    : pendingItems(world, input.customer.id, input.subscription?.id ?? null, input.currency);
  const id = input.id ?? newStripeId("in");
  const parts = [...pending.map((item) => partOfInvoiceItem(world, item)), ...input.parts];
  const discounts = input.discounts ?? inheritedTerms(world, input.customer.id, input.subscription);
  const finalAt = input.finalAt ?? at + draftSeconds;
  const invoice = {
    ...buildInvoice({ ...input, parts, discounts }, at, id),
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

/** Invoice items that wait: those of a subscription, and those of the customer that no subscription claims. */
export function pendingItems(
  world: World,
  customer: string,
  subscription: string | null,
  currency?: string,
): Stripe.InvoiceItem[] {
  return world.tables.invoiceItems.under(customer).filter((item) => {
    const claimedBy = item.parent?.subscription_details?.subscription ?? null;
    const isMeant = claimedBy === null || claimedBy === subscription;
    return item.invoice === null && isMeant && (currency === undefined || item.currency === currency);
  });
}

/**
 * Makes a draft final: it gets its number, its pages, the customer's balance set against it, and a payment when
 * anything is due. One that asks for nothing, or for less than can be charged, is paid by that alone.
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
  const settlement = settle(draft, customer?.balance ?? 0, reuseIntent !== null);
  const { due, ending } = settlement;
  const token = `${id}_${randomLetters(20)}`;
  const patch = {
    ...addresseeOf(world, customer),
    amount_due: due,
    amount_remaining: due,
    automatically_finalizes_at: null,
    effective_at: draft.effective_at ?? at,
    ending_balance: ending,
    hosted_invoice_url: `${world.baseUrl}/invoices/${token}`,
    invoice_pdf: `${world.baseUrl}/invoices/${token}/pdf`,
    number: draft.number ?? (customer ? nextNumber(customer) : null),
    starting_balance: customer?.balance ?? 0,
    status: "open",
    status_transitions: { ...draft.status_transitions, finalized_at: at },
  };
  const open = amend(world, world.tables.invoices, id, patch, "invoice.finalized");
  if (customer) countInvoice(world, customer, open, settlement);
  if (due === 0) return markPaid(world, id);
  attachIntent(world, open, reuseIntent);
  return open;
}

/** A receipt of a single payment was paid whole, whatever the customer's balance. */
function settle(draft: Stripe.Invoice, balance: number, isPaid: boolean): Settlement {
  if (isPaid && draft.parent === null) return { due: draft.total, ending: balance, carried: 0 };
  return settleBalance(draft.total, balance, draft.currency);
}

/** Whom a final invoice is addressed to: the customer as they are at that moment, and from then on as they were. */
function addresseeOf(world: World, customer: Stripe.Customer | undefined): Partial<Stripe.Invoice> {
  if (customer === undefined) return {};
  return {
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_tax_ids: world.tables.taxIds.under(customer.id).map(({ type, value }) => ({ type, value })),
  };
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

/**
 * The customer's next invoice has another number; what their balance paid of this one is off it, and what is too little to
 * be charged is on it.
 */
function countInvoice(
  world: World,
  customer: Stripe.Customer,
  { currency, id }: Stripe.Invoice,
  { ending, carried }: Settlement,
): void {
  const patch = { balance: ending, next_invoice_sequence: (customer.next_invoice_sequence ?? 1) + 1 };
  amend(world, world.tables.customers, customer.id, patch, "customer.updated");
  if (ending === customer.balance) return;
  const applied = { amount: ending - carried - customer.balance, endingBalance: ending - carried };
  const common = { currency, invoice: id };
  if (applied.amount !== 0) {
    noteBalance(world, customer.id, { ...applied, ...common, type: "applied_to_invoice" });
  }
  if (carried === 0) return;
  noteBalance(world, customer.id, {
    ...common,
    amount: carried,
    endingBalance: ending,
    type: "invoice_too_small",
  });
}

function nextNumber(customer: Stripe.Customer): string {
  return `${customer.invoice_prefix}-${String(customer.next_invoice_sequence ?? 1).padStart(4, "0")}`;
}
