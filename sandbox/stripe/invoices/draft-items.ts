import type Stripe from "stripe";
import { buildLine, toItemPart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { findDraft, recalculateDraft } from "#sandbox/stripe/invoices/recalculate-draft.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { amend, emit } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Appends items to a draft. Throws for an item of another customer or currency. */
export function addToDraft(world: World, invoiceId: string, items: Stripe.InvoiceItem[]): Stripe.Invoice {
  const draft = findDraft(world, invoiceId, "invoice");
  const added = items.map((item) => {
    if (item.customer !== draft.customer || item.currency !== draft.currency) {
      throw invalid("The invoice item's customer and currency must match the invoice's.", "invoice");
    }
    const assigned = amend(world, world.tables.invoiceItems, item.id, { invoice: invoiceId });
    return buildLine(toItemPart(world, assigned), invoiceId, draft.currency);
  });
  return recalculateDraft(world, invoiceId, { lineData: [...draft.lines.data, ...added] });
}

/** Rebuilds the invoice line of a changed item. Throws when its invoice is finalized. */
export function refreshItemLine(world: World, item: Stripe.InvoiceItem): void {
  const invoiceId = idOrNull(item.invoice);
  if (invoiceId === null) return;
  const draft = findDraft(world, invoiceId);
  const part = toItemPart(world, item);
  const lineData = draft.lines.data.map((line) =>
    invoiceItemIdOf(line) === item.id ? { ...buildLine(part, invoiceId, draft.currency), id: line.id } : line,
  );
  recalculateDraft(world, invoiceId, { lineData });
}

/** Removes items from their draft; they become pending again. */
export function removeFromDraft(world: World, draft: Stripe.Invoice, items: string[]): void {
  for (const id of items) amend(world, world.tables.invoiceItems, id, { invoice: null });
  const lineData = draft.lines.data.filter((line) => !items.includes(invoiceItemIdOf(line) ?? ""));
  recalculateDraft(world, draft.id, { lineData });
}

/** Deletes a pending or drafted item. */
export function deleteInvoiceItem(world: World, item: Stripe.InvoiceItem): Stripe.DeletedInvoiceItem {
  const invoiceId = idOrNull(item.invoice);
  const draft = invoiceId === null ? null : findDraft(world, invoiceId);
  world.tables.invoiceItems.delete(item.id);
  emit(world, "invoiceitem.deleted", item);
  if (draft) {
    recalculateDraft(world, draft.id, {
      lineData: draft.lines.data.filter((line) => invoiceItemIdOf(line) !== item.id),
    });
  }
  const deleted = { id: item.id, object: "invoiceitem", deleted: true } as const;
  world.tables.tombstones.put(deleted);
  return deleted;
}

/** Returns the invoice item of a line; null for a line that the subscription itself created. */
export function invoiceItemIdOf({ parent }: Stripe.InvoiceLineItem): string | null {
  return (
    parent?.invoice_item_details?.invoice_item ?? parent?.subscription_item_details?.invoice_item ?? null
  );
}
