import type Stripe from "stripe";
import { subscriptionOf } from "#sandbox/stripe/invoices/invoice-object.ts";
import { findInvoice, markPaid, voidInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { previewInvoice, previewParams } from "#sandbox/stripe/invoices/preview.ts";
import { refusedPayment } from "#sandbox/stripe/invoices/refused-payment.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  clearable,
  flag,
  inRange,
  oneOf,
  pairs,
  paramsOf,
  range,
  text,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { collectInvoice, finalizeAndCollect, followPayment } from "#sandbox/stripe/subscriptions/collect.ts";

const updateParams = paramsOf<Stripe.InvoiceUpdateParams>()({
  auto_advance: flag(),
  description: clearable(text()),
  footer: clearable(text()),
  metadata: pairs(),
});
const payParams = paramsOf<Stripe.InvoicePayParams>()({
  off_session: flag(),
  paid_out_of_band: flag(),
  payment_method: text(),
});
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
  route("GET", "/v1/invoices/:id", paramsOf<object>()({}), ({ world, id }) => findInvoice(world, id)),
  route("POST", "/v1/invoices/:id", updateParams, ({ world, id, params }) => {
    const invoice = findInvoice(world, id);
    const { metadata, ...rest } = params;
    const patch = {
      ...(rest.auto_advance === undefined ? {} : { auto_advance: rest.auto_advance }),
      ...(rest.description === undefined ? {} : { description: rest.description }),
      ...(rest.footer === undefined ? {} : { footer: rest.footer }),
      metadata: mergeMetadata(invoice.metadata ?? {}, metadata),
    };
    return amend(world, world.tables.invoices, id, patch, "invoice.updated");
  }),
  route("POST", "/v1/invoices/:id/finalize", finalizeParams, ({ world, id }) => {
    finalizeAndCollect(world, id, { onSession: false });
    return findInvoice(world, id);
  }),
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

function payInvoice(world: World, id: string, params: ReturnType<typeof payParams>): Stripe.Invoice {
  const invoice = findInvoice(world, id);
  if (invoice.status === "paid") throw invalid("Invoice is already paid");
  if (invoice.status === "draft") {
    finalizeAndCollect(world, id, {
      onSession: true,
      ...(params.payment_method ? { method: params.payment_method } : {}),
    });
    return findInvoice(world, id);
  }
  if (invoice.status !== "open") throw invalid(`This invoice is ${invoice.status} and cannot be paid.`);
  if (params.paid_out_of_band) {
    const paid = markPaid(world, id);
    followPayment(world, id, "paid");
    return paid;
  }
  const outcome = collectInvoice(world, id, {
    onSession: true,
    isAutomatic: false,
    ...(params.payment_method ? { method: params.payment_method } : {}),
  });
  if (outcome === "paid") return findInvoice(world, id);
  throw refusedPayment(world, id, { keepsEffects: true });
}
