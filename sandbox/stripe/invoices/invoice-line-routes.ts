import type Stripe from "stripe";
import { discountsParam } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import {
  addToDraft,
  deleteInvoiceItem,
  invoiceItemIdOf,
  removeFromDraft,
} from "#sandbox/stripe/invoices/draft-items.ts";
import { createItemFromParams, findInvoiceItem } from "#sandbox/stripe/invoices/invoice-item-routes.ts";
import { itemParams } from "#sandbox/stripe/invoices/item-params.ts";
import { findInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { findDraft } from "#sandbox/stripe/invoices/recalculate-draft.ts";
import { updateInvoiceItem } from "#sandbox/stripe/invoices/update-invoice-item.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { list, object, oneOf, pairs, paramsOf, required, text } from "#sandbox/stripe/protocol/params.ts";
import { type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const lineParams = { ...itemParams, discounts: discountsParam };
const addParams = paramsOf<Stripe.InvoiceAddLinesParams>()({
  invoice_metadata: pairs(),
  lines: required(list(object({ ...lineParams, invoice_item: text() }))),
});
const updateParams = paramsOf<Stripe.InvoiceUpdateLinesParams>()({
  invoice_metadata: pairs(),
  lines: required(list(object({ ...lineParams, id: required(text()) }))),
});
const updateOneParams = paramsOf<Stripe.InvoiceUpdateLineItemParams>()(lineParams);
const removeParams = paramsOf<Stripe.InvoiceRemoveLinesParams>()({
  invoice_metadata: pairs(),
  lines: required(list(object({ behavior: required(oneOf("delete", "unassign")), id: required(text()) }))),
});

/** Routes that edit lines of a draft; each edited line belongs to an invoice item. */
export const invoiceLineRoutes: Route[] = [
  route("POST", "/v1/invoices/:id/add_lines", addParams, ({ world, id, params }) => {
    const draft = findDraft(world, id);
    for (const { invoice_item: item, ...fields } of params.lines) {
      if (item !== undefined) addToDraft(world, id, [findPendingItem(world, item)]);
      else
        createItemFromParams(world, {
          ...unsetItemParams,
          ...fields,
          customer: idOrNull(draft.customer) ?? "",
          invoice: id,
        });
    }
    return withMetadata(world, id, params.invoice_metadata);
  }),
  route("POST", "/v1/invoices/:id/update_lines", updateParams, ({ world, id, params }) => {
    findDraft(world, id);
    for (const { id: line, ...fields } of params.lines)
      updateInvoiceItem(world, findItemOfLine(world, id, line), fields);
    return withMetadata(world, id, params.invoice_metadata);
  }),
  route("POST", "/v1/invoices/:id/remove_lines", removeParams, ({ world, id, params }) => {
    for (const { id: line, behavior } of params.lines) {
      const item = findItemOfLine(world, id, line);
      if (behavior === "delete") deleteInvoiceItem(world, item);
      else removeFromDraft(world, findDraft(world, id), [item.id]);
    }
    return withMetadata(world, id, params.invoice_metadata);
  }),
  route("POST", "/v1/invoices/:id/lines/:line", updateOneParams, ({ world, id, ids, params }) => {
    const line = ids.line ?? "";
    updateInvoiceItem(world, findItemOfLine(world, id, line), params);
    return findInvoice(world, id).lines.data.find((row) => row.id === line);
  }),
];

const unsetItemParams = {
  currency: undefined,
  subscription: undefined,
  unit_amount_decimal: undefined,
};

function findPendingItem(world: World, id: string): Stripe.InvoiceItem {
  const item = findInvoiceItem(world, id, "lines[invoice_item]");
  if (item.invoice !== null)
    throw invalid("The invoice item is already on an invoice.", "lines[invoice_item]");
  return item;
}

function findItemOfLine(world: World, invoice: string, lineId: string): Stripe.InvoiceItem {
  const line = findDraft(world, invoice).lines.data.find((row) => row.id === lineId);
  if (!line) throw missing("line_item", lineId, "lines[id]");
  const item = invoiceItemIdOf(line);
  if (item === null)
    throw invalid("The sandbox cannot edit a line that the subscription created.", "lines[id]");
  return findInvoiceItem(world, item);
}

function withMetadata(
  world: World,
  id: string,
  metadata: Record<string, string> | null | undefined,
): Stripe.Invoice {
  const invoice = findInvoice(world, id);
  if (metadata === undefined) return invoice;
  const merged = mergeMetadata(invoice.metadata ?? {}, metadata);
  return amend(world, world.tables.invoices, id, { metadata: merged }, "invoice.updated");
}
