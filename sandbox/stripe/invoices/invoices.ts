import type Stripe from "stripe";
import {
  finalizeByHand,
  payInvoice,
  payParams,
  sendInvoice,
} from "#sandbox/stripe/invoices/collect-by-hand.ts";
import { createByHand, deleteDraft, updateByHand } from "#sandbox/stripe/invoices/hand-made.ts";
import { createParams, updateParams } from "#sandbox/stripe/invoices/hand-made-fields.ts";
import { subscriptionOf } from "#sandbox/stripe/invoices/invoice-object.ts";
import { findInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { previewInvoice, previewParams } from "#sandbox/stripe/invoices/preview.ts";
import { voidInvoice } from "#sandbox/stripe/invoices/void-invoice.ts";
import { writeOff } from "#sandbox/stripe/invoices/write-off.ts";
import { flag, inRange, oneOf, paramsOf, range, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";

const finalizeParams = paramsOf<Stripe.InvoiceFinalizeInvoiceParams>()({ auto_advance: flag() });
const listParams = paramsOf<Stripe.InvoiceListParams>()({
  collection_method: oneOf("charge_automatically", "send_invoice"),
  created: range(),
  customer: text(),
  status: oneOf("draft", "open", "paid", "uncollectible", "void"),
  subscription: text(),
});

export const invoiceRoutes: Route[] = [
  route("POST", "/v1/invoices/create_preview", previewParams, ({ world, params }) =>
    previewInvoice(world, params),
  ),
  route("GET", "/v1/invoices/:id", paramsOf<object>()({}), ({ world, id }) => {
    const invoice = world.tables.invoices.get(id) ?? world.tables.tombstones.get(id);
    return invoice ?? findInvoice(world, id);
  }),
  route("POST", "/v1/invoices", createParams, ({ world, params }) => createByHand(world, params)),
  route("POST", "/v1/invoices/:id", updateParams, ({ world, id, params }) => updateByHand(world, id, params)),
  route("DELETE", "/v1/invoices/:id", paramsOf<object>()({}), ({ world, id }) => deleteDraft(world, id)),
  route("POST", "/v1/invoices/:id/finalize", finalizeParams, ({ world, id, params }) =>
    finalizeByHand(world, id, params.auto_advance),
  ),
  route("POST", "/v1/invoices/:id/send", paramsOf<object>()({}), ({ world, id }) => sendInvoice(world, id)),
  route("POST", "/v1/invoices/:id/mark_uncollectible", paramsOf<object>()({}), ({ world, id }) =>
    writeOff(world, id),
  ),
  route("POST", "/v1/invoices/:id/pay", payParams, ({ world, id, params }) => payInvoice(world, id, params)),
  route("POST", "/v1/invoices/:id/void", paramsOf<object>()({}), ({ world, id }) => voidInvoice(world, id)),
  listRoute("/v1/invoices/:id/lines", paramsOf<object>()({}), ({ world, id }) =>
    // Lists are answered latest first; lines keep the order they have on the invoice.
    findInvoice(world, id).lines.data.toReversed(),
  ),
  listRoute("/v1/invoices", listParams, ({ world, params }) =>
    world.tables.invoices.filter(
      (invoice) =>
        (params.customer === undefined || invoice.customer === params.customer) &&
        (params.status === undefined || invoice.status === params.status) &&
        (params.collection_method === undefined || invoice.collection_method === params.collection_method) &&
        (params.subscription === undefined || subscriptionOf(world, invoice)?.id === params.subscription) &&
        inRange(invoice.created, params.created),
    ),
  ),
];
