import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { redeemAll } from "#sandbox/stripe/discounts/redeem.ts";
import { liveTerms, removeDiscount } from "#sandbox/stripe/discounts/running-discounts.ts";
import { deleteItem, itemOfLine } from "#sandbox/stripe/invoices/draft-items.ts";
import {
  advance,
  assertFinalizes,
  type CreateParams,
  collectionFields,
  methodField,
  plainFields,
  type UpdateParams,
} from "#sandbox/stripe/invoices/hand-made-fields.ts";
import { draftInvoice, findInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { findDraft, retotal } from "#sandbox/stripe/invoices/retotal.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { findSubscription } from "#sandbox/stripe/subscriptions/find-subscription.ts";

/** What may still be said of an invoice that is no draft any more. */
const alwaysAllowed = new Set([
  "auto_advance",
  "default_payment_method",
  "description",
  "footer",
  "metadata",
]);

/** Makes a draft by hand: empty, or with what waits for the customer. It stays one unless it is told to advance. */
export function createByHand(world: World, params: CreateParams): Stripe.Invoice {
  const customer = findCustomer(world, params.customer, "customer");
  const subscription =
    params.subscription === undefined ? null : findSubscription(world, params.subscription, "subscription");
  if (subscription && idOf(subscription.customer) !== customer.id) {
    throw missing("subscription", subscription.id, "subscription");
  }
  const at = nowFor(world, customer.id);
  assertFinalizes(params, at);
  const id = newStripeId("in");
  const currency = (params.currency ?? subscription?.currency ?? customer.currency ?? "usd").toLowerCase();
  const wishes = params.discounts;
  const purchase = { currency, amount: Number.MAX_SAFE_INTEGER };
  return draftInvoice(world, {
    id,
    autoAdvance: params.auto_advance ?? false,
    ...(params.automatically_finalizes_at === undefined
      ? {}
      : { finalAt: params.automatically_finalizes_at }),
    customer,
    currency,
    subscription,
    reason: "manual",
    parts: [],
    period: { start: at, end: at },
    metadata: mergeMetadata({}, params.metadata),
    leavesPending: !subscription && params.pending_invoice_items_behavior !== "include",
    ...(wishes === undefined
      ? {}
      : {
          discounts: liveTerms(
            world,
            redeemAll(world, wishes ?? [], { customer: customer.id, invoice: id }, purchase),
          ),
        }),
    more: {
      ...plainFields(params),
      ...collectionFields(params, subscription?.collection_method ?? "charge_automatically", null, at),
      ...methodField(world, params, customer.id),
    },
  });
}

/** Changes an invoice: a draft in every way, a final one only in what does not change what is owed. */
export function updateByHand(world: World, id: string, params: UpdateParams): Stripe.Invoice {
  const invoice = findInvoice(world, id);
  const customer = idOrNull(invoice.customer) ?? "";
  const at = nowFor(world, customer);
  const patch: Partial<Stripe.Invoice> = {
    ...plainFields(params),
    ...methodField(world, params, customer),
    metadata: mergeMetadata(invoice.metadata ?? {}, params.metadata),
  };
  if (invoice.status !== "draft") {
    const asked = Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    const refused = asked.find((name) => !alwaysAllowed.has(name));
    if (refused !== undefined) findDraft(world, id, refused);
    return amend(
      world,
      world.tables.invoices,
      id,
      { ...patch, ...advance(invoice, params, at) },
      "invoice.updated",
    );
  }
  const changed = {
    ...patch,
    ...collectionFields(params, invoice.collection_method, invoice.due_date, at),
    ...advance(invoice, params, at),
    ...changedDiscounts(world, invoice, params),
  };
  return retotal(world, id, changed);
}

/** Deletes a draft that was made by hand, and the items on it. */
export function deleteDraft(world: World, id: string): Stripe.DeletedInvoice {
  const draft = findDraft(world, id);
  if (draft.parent?.subscription_details) {
    throw invalid("You can't delete invoices created by subscriptions.", undefined, "invoice_not_editable");
  }
  for (const item of draft.lines.data.map(itemOfLine)) {
    const row = item === null ? undefined : world.tables.invoiceItems.get(item);
    if (row) deleteItem(world, row);
  }
  const emptied = findInvoice(world, id);
  world.tables.invoices.delete(id);
  emit(world, "invoice.deleted", emptied);
  const deleted = { id, object: "invoice", deleted: true } as const;
  world.tables.tombstones.put(deleted);
  return deleted;
}

function changedDiscounts(
  world: World,
  invoice: Stripe.Invoice,
  params: UpdateParams,
): Partial<Stripe.Invoice> {
  if (params.discounts === undefined) return {};
  const holder = { customer: idOrNull(invoice.customer), invoice: invoice.id };
  const purchase = { currency: invoice.currency, amount: invoice.subtotal };
  const ids = redeemAll(world, params.discounts ?? [], holder, purchase);
  for (const discount of invoice.discounts.map(idOf)) {
    const row = world.tables.discounts.get(discount);
    if (!ids.includes(discount) && row?.invoice === invoice.id) removeDiscount(world, discount);
  }
  return { discounts: ids };
}
