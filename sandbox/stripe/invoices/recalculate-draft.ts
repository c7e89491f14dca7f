import type Stripe from "stripe";
import { balanceIn } from "#sandbox/stripe/customers/credit-balance.ts";
import { findTerms } from "#sandbox/stripe/discounts/discount-terms.ts";
import { discountLines } from "#sandbox/stripe/invoices/discount-lines.ts";
import { applyCustomerBalance } from "#sandbox/stripe/invoices/invoice-object.ts";
import { findInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Returns a draft by id. Throws `invoice_not_editable` when the invoice is finalized. */
export function findDraft(world: World, id: string, param?: string): Stripe.Invoice {
  const invoice = findInvoice(world, id, param);
  if (invoice.status === "draft") return invoice;
  throw invalid(
    "This invoice is no longer editable: only drafts can be changed.",
    param,
    "invoice_not_editable",
  );
}

/** Updates a draft, including its lines, and recalculates discounts and totals. */
export function recalculateDraft(
  world: World,
  id: string,
  patch: Partial<Stripe.Invoice> & { lineData?: Stripe.InvoiceLineItem[] },
): Stripe.Invoice {
  const { lineData, ...fields } = patch;
  const draft = { ...findDraft(world, id), ...fields };
  const data = lineData ?? draft.lines.data;
  const lineDiscounts = new Set(data.flatMap((line) => line.discounts.map(idOf)));
  const { lines, ...totals } = discountLines(
    data,
    findTerms(world, [...lineDiscounts]),
    findTerms(world, draft.discounts.map(idOf)),
  );
  const customer = world.tables.customers.get(idOrNull(draft.customer) ?? "");
  const balance = balanceIn(world, customer, draft.currency);
  const { due } = applyCustomerBalance(totals.total, balance, draft.currency);
  const changed = {
    ...fields,
    amount_due: due,
    amount_remaining: due,
    lines: { ...draft.lines, data: lines },
    subtotal: totals.subtotal,
    subtotal_excluding_tax: totals.subtotal,
    total: totals.total,
    total_discount_amounts: totals.totals,
    total_excluding_tax: totals.total,
    total_pretax_credit_amounts: totals.credits,
  };
  return amend(world, world.tables.invoices, id, changed, "invoice.updated");
}
