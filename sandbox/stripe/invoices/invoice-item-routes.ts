import type Stripe from "stripe";
import { findProductName } from "#sandbox/stripe/catalog/prices.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { discountsParam } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/create-invoice-item.ts";
import { addToDraft, deleteInvoiceItem } from "#sandbox/stripe/invoices/draft-items.ts";
import { itemParams, priceItem } from "#sandbox/stripe/invoices/item-params.ts";
import { findDraft } from "#sandbox/stripe/invoices/recalculate-draft.ts";
import { redeemItemDiscounts, updateInvoiceItem } from "#sandbox/stripe/invoices/update-invoice-item.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { decimal, flag, inRange, paramsOf, range, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { findSubscription } from "#sandbox/stripe/subscriptions/find-subscription.ts";

const createParams = paramsOf<Stripe.InvoiceItemCreateParams>()({
  ...itemParams,
  currency: currency(),
  customer: text(),
  discounts: discountsParam,
  invoice: text(),
  subscription: text(),
  unit_amount_decimal: decimal(),
});
type CreateParams = ReturnType<typeof createParams>;
const updateParams = paramsOf<Stripe.InvoiceItemUpdateParams>()({
  ...itemParams,
  discounts: discountsParam,
  unit_amount_decimal: decimal(),
});
const listParams = paramsOf<Stripe.InvoiceItemListParams>()({
  created: range(),
  customer: text(),
  invoice: text(),
  pending: flag(),
});
const path = "/v1/invoiceitems";

export const invoiceItemRoutes: Route[] = [
  route("POST", path, createParams, ({ world, params }) => createItemFromParams(world, params)),
  route("GET", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => {
    const item = world.tables.invoiceItems.get(id) ?? world.tables.tombstones.get(id);
    if (!item) throw missing("invoiceitem", id);
    return item;
  }),
  route("POST", `${path}/:id`, updateParams, ({ world, id, params }) =>
    updateInvoiceItem(world, findInvoiceItem(world, id), params),
  ),
  route("DELETE", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) =>
    deleteInvoiceItem(world, findInvoiceItem(world, id)),
  ),
  listRoute(path, listParams, ({ world, params }) =>
    world.tables.invoiceItems.filter(
      (item) =>
        (params.customer === undefined || item.customer === params.customer) &&
        (params.invoice === undefined || item.invoice === params.invoice) &&
        (params.pending === undefined || (item.invoice === null) === params.pending) &&
        inRange(item.date, params.created),
    ),
  ),
];

/** Returns an invoice item by id. Throws `resource_missing` when there is none. */
export function findInvoiceItem(world: World, id: string, param?: string): Stripe.InvoiceItem {
  const item = world.tables.invoiceItems.get(id);
  if (!item) throw missing("invoiceitem", id, param);
  return item;
}

/** Creates an item from API parameters: pending, or on the draft that the parameters name. */
export function createItemFromParams(world: World, params: CreateParams): Stripe.InvoiceItem {
  const draft = params.invoice === undefined ? null : findDraft(world, params.invoice, "invoice");
  const customerId = params.customer ?? idOrNull(draft?.customer);
  if (customerId === null || customerId === undefined) {
    throw invalid("Missing required param: customer.", "customer", "parameter_missing");
  }
  const customer = findCustomer(world, customerId, "customer");
  const currency = (params.currency ?? draft?.currency ?? customer.currency ?? "usd").toLowerCase();
  const priced = priceItem(world, params, currency);
  if (!priced) {
    throw invalid("You must pass one of `amount`, `pricing` or `price_data`.", "amount", "parameter_missing");
  }
  if (!customer.currency) {
    const patch = { currency: priced.price.currency };
    amend(world, world.tables.customers, customer.id, patch, "customer.updated");
  }
  const id = newStripeId("ii");
  const at = nowFor(world, customer.id);
  const item = createInvoiceItem(world, {
    ...priced,
    id,
    customer: customer.id,
    description: params.description ?? findProductName(world, priced.price),
    isDiscountable: params.discountable ?? priced.amount >= 0,
    discounts: redeemItemDiscounts(world, { id, customer: customer.id, ...priced }, params.discounts ?? []),
    isProration: false,
    metadata: mergeMetadata({}, params.metadata),
    period: params.period ?? { start: at, end: at },
    subscription: resolveSubscription(world, params.subscription, customer.id),
    subscriptionItem: null,
  });
  if (draft) addToDraft(world, draft.id, [item]);
  return findInvoiceItem(world, item.id);
}

function resolveSubscription(world: World, id: string | undefined, customer: string): string | null {
  if (id === undefined) return null;
  const subscription = findSubscription(world, id, "subscription");
  if (idOf(subscription.customer) !== customer) throw missing("subscription", id, "subscription");
  return id;
}
