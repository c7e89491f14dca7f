import type Stripe from "stripe";
import { findInvoiceSubscription } from "#sandbox/stripe/invoices/invoice-object.ts";
import { findInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import {
  finalizeManually,
  payInvoice,
  payParams,
  sendInvoice,
} from "#sandbox/stripe/invoices/manual-collection.ts";
import { createInvoiceParams, updateInvoiceParams } from "#sandbox/stripe/invoices/manual-invoice-params.ts";
import { createManualInvoice, deleteDraft, updateInvoice } from "#sandbox/stripe/invoices/manual-invoices.ts";
import { previewInvoice } from "#sandbox/stripe/invoices/preview.ts";
import { previewParams } from "#sandbox/stripe/invoices/preview-params.ts";
import { flag, inRange, oneOf, paramsOf, range, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { voidOnRequest, writeOffInvoice } from "#sandbox/stripe/subscriptions/follow-latest-invoice.ts";

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
  // The preview of older API versions.
  route("GET", "/v1/invoices/upcoming", previewParams, ({ world, params }) => previewInvoice(world, params)),
  route("GET", "/v1/invoices/:id", paramsOf<object>()({}), ({ world, id }) => {
    const invoice = world.tables.invoices.get(id) ?? world.tables.tombstones.get(id);
    return invoice ?? findInvoice(world, id);
  }),
  route("POST", "/v1/invoices", createInvoiceParams, ({ world, params }) =>
    createManualInvoice(world, params),
  ),
  route("POST", "/v1/invoices/:id", updateInvoiceParams, ({ world, id, params }) =>
    updateInvoice(world, id, params),
  ),
  route("DELETE", "/v1/invoices/:id", paramsOf<object>()({}), ({ world, id }) => deleteDraft(world, id)),
  route("POST", "/v1/invoices/:id/finalize", finalizeParams, ({ world, id, params }) =>
    finalizeManually(world, id, params.auto_advance),
  ),
  route("POST", "/v1/invoices/:id/send", paramsOf<object>()({}), ({ world, id }) => sendInvoice(world, id)),
  route("POST", "/v1/invoices/:id/mark_uncollectible", paramsOf<object>()({}), ({ world, id }) =>
    writeOffInvoice(world, id),
  ),
  route("POST", "/v1/invoices/:id/pay", payParams, ({ world, id, params }) => payInvoice(world, id, params)),
  route("POST", "/v1/invoices/:id/void", paramsOf<object>()({}), ({ world, id }) => voidOnRequest(world, id)),
  listRoute("/v1/invoices/:id/lines", paramsOf<object>()({}), ({ world, id }) =>
    // List routes reverse their rows; lines keep their order on the invoice.
    findInvoice(world, id).lines.data.toReversed(),
  ),
  listRoute("/v1/invoices", listParams, ({ world, params }) =>
    world.tables.invoices.filter(
      (invoice) =>
        (params.customer === undefined || invoice.customer === params.customer) &&
        (params.status === undefined || invoice.status === params.status) &&
        (params.collection_method === undefined || invoice.collection_method === params.collection_method) &&
        (params.subscription === undefined ||
          findInvoiceSubscription(world, invoice)?.id === params.subscription) &&
        inRange(invoice.created, params.created),
    ),
  ),
];
