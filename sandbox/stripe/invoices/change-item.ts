import Stripe from "stripe";
import { type DiscountWish, redeemAll } from "#sandbox/stripe/discounts/redeem.ts";
import { liveTerms } from "#sandbox/stripe/discounts/running-discounts.ts";
import { refreshLine } from "#sandbox/stripe/invoices/draft-items.ts";
import { type ItemTerms, worthOf } from "#sandbox/stripe/invoices/item-terms.ts";
import { findDraft } from "#sandbox/stripe/invoices/retotal.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Change = ItemTerms & { discounts?: DiscountWish[] | null | undefined };

/** Changes an item that waits or is on a draft; the draft is reckoned anew. Throws once its invoice is final. */
export function changeItem(world: World, item: Stripe.InvoiceItem, change: Change): Stripe.InvoiceItem {
  const invoice = idOrNull(item.invoice);
  if (invoice !== null) findDraft(world, invoice);
  const worth = worthAfter(world, item, change);
  const amount = worth.amount ?? item.amount;
  const owner = { id: item.id, customer: idOf(item.customer), amount, price: { currency: item.currency } };
  const patch: Partial<Stripe.InvoiceItem> = {
    ...worth,
    ...given({ description: change.description, discountable: change.discountable, period: change.period }),
    ...(change.discounts === undefined
      ? {}
      : { discounts: itemDiscounts(world, owner, change.discounts ?? []).map(({ id }) => id) }),
    metadata: mergeMetadata(item.metadata ?? {}, change.metadata),
  };
  const changed = amend(world, world.tables.invoiceItems, item.id, patch);
  refreshLine(world, changed);
  return changed;
}

/** Redeems what discounts an item is to have of its own. */
export function itemDiscounts(
  world: World,
  item: { id: string; customer: string; amount: number; price: { currency: string } },
  wishes: DiscountWish[],
): DiscountTerms[] {
  const purchase = { currency: item.price.currency, amount: item.amount };
  return liveTerms(
    world,
    redeemAll(world, wishes, { customer: item.customer, invoiceItem: item.id }, purchase),
  );
}

/** What the item comes to now; a new quantity alone is one of the price it has. */
function worthAfter(
  world: World,
  item: Stripe.InvoiceItem,
  change: Change,
): Partial<Pick<Stripe.InvoiceItem, "amount" | "net_amount" | "pricing" | "quantity" | "quantity_decimal">> {
  const present = item.pricing?.price_details?.price;
  const names = [change.amount, change.pricing, change.price_data, change.unit_amount_decimal];
  const isRepriced = names.some((name) => name !== undefined);
  if (!isRepriced && change.quantity === undefined) return {};
  const asBefore = present === undefined ? {} : { pricing: { price: idOf(present) } };
  const terms = isRepriced
    ? { ...(change.amount === undefined ? { quantity: item.quantity } : {}), ...given(change) }
    : { ...asBefore, quantity: change.quantity };
  const worth = worthOf(world, terms, item.currency);
  if (!worth) return {};
  const { amount, price, quantity } = worth;
  return {
    amount,
    net_amount: amount,
    pricing: {
      type: "price_details",
      price_details: { price: price.id, product: idOf(price.product) },
      unit_amount_decimal: Stripe.Decimal.from(String(price.unit_amount_decimal ?? 0)),
    },
    quantity,
    quantity_decimal: Stripe.Decimal.from(quantity),
  };
}
