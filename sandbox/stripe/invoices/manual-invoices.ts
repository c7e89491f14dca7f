import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { findActiveTerms, removeDiscount } from "#sandbox/stripe/discounts/discount-terms.ts";
import { redeemDiscounts } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { deleteInvoiceItem, invoiceItemIdOf } from "#sandbox/stripe/invoices/draft-items.ts";
import { draftInvoice, findInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import {
  assertFutureFinalization,
  autoAdvanceFields,
  type CreateInvoiceParams,
  collectionFields,
  methodField,
  plainFields,
  type UpdateInvoiceParams,
} from "#sandbox/stripe/invoices/manual-invoice-params.ts";
import { findDraft, recalculateDraft } from "#sandbox/stripe/invoices/recalculate-draft.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { findSubscription } from "#sandbox/stripe/subscriptions/find-subscription.ts";

/** Parameters that an invoice accepts after it is finalized. */
const editableWhenFinal = new Set([
  "auto_advance",
  "default_payment_method",
  "description",
  "footer",
  "metadata",
]);

/**
 * Creates a draft, empty or with the customer's pending items. Only `auto_advance` finalizes it
 * automatically.
 */
export function createManualInvoice(world: World, params: CreateInvoiceParams): Stripe.Invoice {
  const customer = findCustomer(world, params.customer, "customer");
  const subscription =
    params.subscription === undefined ? null : findSubscription(world, params.subscription, "subscription");
  if (subscription && idOf(subscription.customer) !== customer.id) {
    throw missing("subscription", subscription.id, "subscription");
  }
  const at = nowFor(world, customer.id);
  assertFutureFinalization(params, at);
  const id = newStripeId("in");
  const currency = (params.currency ?? subscription?.currency ?? customer.currency ?? "usd").toLowerCase();
  const requestedDiscounts = params.discounts;
  const purchase = { currency, amount: Number.MAX_SAFE_INTEGER };
  return draftInvoice(world, {
    id,
    autoAdvance: params.auto_advance ?? false,
    ...(params.automatically_finalizes_at === undefined
      ? {}
      : { finalizesAt: params.automatically_finalizes_at }),
    customer,
    currency,
    subscription,
    reason: "manual",
    parts: [],
    period: { start: at, end: at },
    metadata: mergeMetadata({}, params.metadata),
    // Without a subscription, every pending item is billed, also those of ended subscriptions.
    ...(subscription
      ? {}
      : { pendingItems: params.pending_invoice_items_behavior === "include" ? "customer" : "none" }),
    ...(requestedDiscounts === undefined
      ? {}
      : {
          discounts: findActiveTerms(
            world,
            redeemDiscounts(
              world,
              requestedDiscounts ?? [],
              { customer: customer.id, invoice: id },
              purchase,
            ),
          ),
        }),
    overrides: {
      ...plainFields(params),
      ...collectionFields(params, subscription?.collection_method ?? "charge_automatically", null, at),
      ...methodField(world, params, customer.id),
    },
  });
}

/** Updates an invoice. A finalized invoice accepts only fields that do not change the amount due. */
export function updateInvoice(world: World, id: string, params: UpdateInvoiceParams): Stripe.Invoice {
  const invoice = findInvoice(world, id);
  const customer = idOrNull(invoice.customer) ?? "";
  const at = nowFor(world, customer);
  const patch: Partial<Stripe.Invoice> = {
    ...plainFields(params),
    ...methodField(world, params, customer),
    metadata: mergeMetadata(invoice.metadata ?? {}, params.metadata),
  };
  if (invoice.status !== "draft") {
    const givenParams = Object.entries(params).flatMap(([name, value]) =>
      value === undefined ? [] : [name],
    );
    const uneditable = givenParams.find((name) => !editableWhenFinal.has(name));
    if (uneditable !== undefined) findDraft(world, id, uneditable);
    return amend(
      world,
      world.tables.invoices,
      id,
      { ...patch, ...autoAdvanceFields(invoice, params, at) },
      "invoice.updated",
    );
  }
  const changed = {
    ...patch,
    ...collectionFields(params, invoice.collection_method, invoice.due_date, at),
    ...autoAdvanceFields(invoice, params, at),
    ...discountFields(world, invoice, params),
  };
  return recalculateDraft(world, id, changed);
}

/** Deletes a manually created draft and its items. */
export function deleteDraft(world: World, id: string): Stripe.DeletedInvoice {
  const draft = findDraft(world, id);
  if (draft.parent?.subscription_details) {
    throw invalid("You can't delete invoices created by subscriptions.", undefined, "invoice_not_editable");
  }
  for (const item of draft.lines.data.map(invoiceItemIdOf)) {
    const row = item === null ? undefined : world.tables.invoiceItems.get(item);
    if (row) deleteInvoiceItem(world, row);
  }
  const emptied = findInvoice(world, id);
  world.tables.invoices.delete(id);
  emit(world, "invoice.deleted", emptied);
  const deleted = { id, object: "invoice", deleted: true } as const;
  world.tables.tombstones.put(deleted);
  return deleted;
}

function discountFields(
  world: World,
  invoice: Stripe.Invoice,
  params: UpdateInvoiceParams,
): Partial<Stripe.Invoice> {
  if (params.discounts === undefined) return {};
  const target = { customer: idOrNull(invoice.customer), invoice: invoice.id };
  const purchase = { currency: invoice.currency, amount: invoice.subtotal };
  const ids = redeemDiscounts(world, params.discounts ?? [], target, purchase);
  for (const discount of invoice.discounts.map(idOf)) {
    const row = world.tables.discounts.get(discount);
    if (!ids.includes(discount) && row?.invoice === invoice.id) removeDiscount(world, discount);
  }
  return { discounts: ids };
}
