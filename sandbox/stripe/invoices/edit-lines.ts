import type Stripe from "stripe";
import { discountsParam } from "#sandbox/stripe/discounts/redeem.ts";
import { changeItem } from "#sandbox/stripe/invoices/change-item.ts";
import { addToDraft, deleteItem, itemOfLine, takeOffDraft } from "#sandbox/stripe/invoices/draft-items.ts";
import { createItem, findItem } from "#sandbox/stripe/invoices/item-routes.ts";
import { itemTerms } from "#sandbox/stripe/invoices/item-terms.ts";
import { findInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { findDraft } from "#sandbox/stripe/invoices/retotal.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { list, object, oneOf, pairs, paramsOf, required, text } from "#sandbox/stripe/protocol/params.ts";
import { type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const lineTerms = { ...itemTerms, discounts: discountsParam };
const addParams = paramsOf<Stripe.InvoiceAddLinesParams>()({
  invoice_metadata: pairs(),
  lines: required(list(object({ ...lineTerms, invoice_item: text() }))),
});
const updateParams = paramsOf<Stripe.InvoiceUpdateLinesParams>()({
  invoice_metadata: pairs(),
  lines: required(list(object({ ...lineTerms, id: required(text()) }))),
});
const updateOneParams = paramsOf<Stripe.InvoiceUpdateLineItemParams>()(lineTerms);
const removeParams = paramsOf<Stripe.InvoiceRemoveLinesParams>()({
  invoice_metadata: pairs(),
  lines: required(list(object({ behavior: required(oneOf("delete", "unassign")), id: required(text()) }))),
});

/** Lines of a draft as they are edited together: each stands for an invoice item. */
export const invoiceLineRoutes: Route[] = [
  route("POST", "/v1/invoices/:id/add_lines", addParams, ({ world, id, params }) => {
    const draft = findDraft(world, id);
    for (const { invoice_item: item, ...terms } of params.lines) {
      if (item !== undefined) addToDraft(world, id, [findWaiting(world, item)]);
      else createItem(world, { ...unsaid, ...terms, customer: idOrNull(draft.customer) ?? "", invoice: id });
    }
    return labelled(world, id, params.invoice_metadata);
  }),
  route("POST", "/v1/invoices/:id/update_lines", updateParams, ({ world, id, params }) => {
    findDraft(world, id);
    for (const { id: line, ...terms } of params.lines) changeItem(world, itemBehind(world, id, line), terms);
    return labelled(world, id, params.invoice_metadata);
  }),
  route("POST", "/v1/invoices/:id/remove_lines", removeParams, ({ world, id, params }) => {
    for (const { id: line, behavior } of params.lines) {
      const item = itemBehind(world, id, line);
      if (behavior === "delete") deleteItem(world, item);
      else takeOffDraft(world, findDraft(world, id), [item.id]);
    }
    return labelled(world, id, params.invoice_metadata);
  }),
  route("POST", "/v1/invoices/:id/lines/:line", updateOneParams, ({ world, id, ids, params }) => {
    const line = ids.line ?? "";
    changeItem(world, itemBehind(world, id, line), params);
    return findInvoice(world, id).lines.data.find((row) => row.id === line);
  }),
];

const unsaid = {
  currency: undefined,
  subscription: undefined,
  unit_amount_decimal: undefined,
};

function findWaiting(world: World, id: string): Stripe.InvoiceItem {
  const item = findItem(world, id, "lines[invoice_item]");
  if (item.invoice !== null)
    throw invalid("The invoice item is on an invoice already.", "lines[invoice_item]");
  return item;
}

function itemBehind(world: World, invoice: string, lineId: string): Stripe.InvoiceItem {
  const line = findDraft(world, invoice).lines.data.find((row) => row.id === lineId);
  if (!line) throw missing("line_item", lineId, "lines[id]");
  const item = itemOfLine(line);
  if (item === null)
    throw invalid("The sandbox edits no line that a subscription itself makes.", "lines[id]");
  return findItem(world, item);
}

function labelled(
  world: World,
  id: string,
  metadata: Record<string, string> | null | undefined,
): Stripe.Invoice {
  const invoice = findInvoice(world, id);
  if (metadata === undefined) return invoice;
  const merged = mergeMetadata(invoice.metadata ?? {}, metadata);
  return amend(world, world.tables.invoices, id, { metadata: merged }, "invoice.updated");
}
