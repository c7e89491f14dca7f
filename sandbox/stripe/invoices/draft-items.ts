import type Stripe from "stripe";
import { buildLine, partOfInvoiceItem } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { findDraft, retotal } from "#sandbox/stripe/invoices/retotal.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { amend, emit } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Puts items on a draft as its last lines. Throws for one of another customer or currency. */
export function addToDraft(world: World, invoiceId: string, items: Stripe.InvoiceItem[]): Stripe.Invoice {
  const draft = findDraft(world, invoiceId, "invoice");
  const added = items.map((item) => {
    if (item.customer !== draft.customer || item.currency !== draft.currency) {
      throw invalid("The invoice item is of another customer or currency than the invoice.", "invoice");
    }
    const assigned = amend(world, world.tables.invoiceItems, item.id, { invoice: invoiceId });
    return buildLine(partOfInvoiceItem(world, assigned), invoiceId, draft.currency);
  });
  return retotal(world, invoiceId, { lineData: [...draft.lines.data, ...added] });
}

/** Makes the line of an item say what the item says now, where it is on an invoice. Throws once that is final. */
export function refreshLine(world: World, item: Stripe.InvoiceItem): void {
  const invoiceId = idOrNull(item.invoice);
  if (invoiceId === null) return;
  const draft = findDraft(world, invoiceId);
  const part = partOfInvoiceItem(world, item);
  const lineData = draft.lines.data.map((line) =>
    itemOfLine(line) === item.id ? { ...buildLine(part, invoiceId, draft.currency), id: line.id } : line,
  );
  retotal(world, invoiceId, { lineData });
}

/** Takes items off their draft: they wait for another invoice. */
export function takeOffDraft(world: World, draft: Stripe.Invoice, items: string[]): void {
  for (const id of items) amend(world, world.tables.invoiceItems, id, { invoice: null });
  const lineData = draft.lines.data.filter((line) => !items.includes(itemOfLine(line) ?? ""));
  retotal(world, draft.id, { lineData });
}

/** Deletes an item, whether it waits or is on a draft. */
export function deleteItem(world: World, item: Stripe.InvoiceItem): Stripe.DeletedInvoiceItem {
  const invoiceId = idOrNull(item.invoice);
  const draft = invoiceId === null ? null : findDraft(world, invoiceId);
  world.tables.invoiceItems.delete(item.id);
  emit(world, "invoiceitem.deleted", item);
  if (draft) {
    retotal(world, draft.id, { lineData: draft.lines.data.filter((line) => itemOfLine(line) !== item.id) });
  }
  const deleted = { id: item.id, object: "invoiceitem", deleted: true } as const;
  world.tables.tombstones.put(deleted);
  return deleted;
}

/** The invoice item behind a line; null for a subscription's own. */
export function itemOfLine({ parent }: Stripe.InvoiceLineItem): string | null {
  return (
    parent?.invoice_item_details?.invoice_item ?? parent?.subscription_item_details?.invoice_item ?? null
  );
}
