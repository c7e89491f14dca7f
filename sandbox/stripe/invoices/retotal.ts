import type Stripe from "stripe";
import { keptTerms } from "#sandbox/stripe/discounts/running-discounts.ts";
import { discountLines } from "#sandbox/stripe/invoices/discount-lines.ts";
import { settleBalance } from "#sandbox/stripe/invoices/invoice-object.ts";
import { findInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** A draft that must exist, to be changed. Throws once it is final. */
export function findDraft(world: World, id: string, param?: string): Stripe.Invoice {
  const invoice = findInvoice(world, id, param);
  if (invoice.status === "draft") return invoice;
  throw invalid(
    "This invoice is no longer editable: only drafts can be changed.",
    param,
    "invoice_not_editable",
  );
}

/** Changes a draft, lines included, and reckons its discounts and sums anew. */
export function retotal(
  world: World,
  id: string,
  patch: Partial<Stripe.Invoice> & { lineData?: Stripe.InvoiceLineItem[] },
): Stripe.Invoice {
  const { lineData, ...plain } = patch;
  const draft = { ...findDraft(world, id), ...plain };
  const data = lineData ?? draft.lines.data;
  const own = new Set(data.flatMap((line) => line.discounts.map(idOf)));
  const { lines, ...sums } = discountLines(
    data,
    keptTerms(world, [...own]),
    keptTerms(world, draft.discounts.map(idOf)),
  );
  const balance = world.tables.customers.get(idOrNull(draft.customer) ?? "")?.balance ?? 0;
  const { due } = settleBalance(sums.total, balance, draft.currency);
  const changed = {
    ...plain,
    amount_due: due,
    amount_remaining: due,
    lines: { ...draft.lines, data: lines },
    subtotal: sums.subtotal,
    subtotal_excluding_tax: sums.subtotal,
    total: sums.total,
    total_discount_amounts: sums.totals,
    total_excluding_tax: sums.total,
    total_pretax_credit_amounts: sums.credits,
  };
  return amend(world, world.tables.invoices, id, changed, "invoice.updated");
}
