import type Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalogue/price-amount.ts";
import { findPrice, productNameOf } from "#sandbox/stripe/catalogue/prices.ts";
import { type DiscountWish, redeemAll } from "#sandbox/stripe/discounts/redeem.ts";
import { liveTerms } from "#sandbox/stripe/discounts/running-discounts.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/invoice-items.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type OneTimeItem = {
  price: string;
  quantity?: number | undefined;
  metadata?: Record<string, string> | null | undefined;
  discounts?: DiscountWish[] | null | undefined;
};

/** Puts one-time prices on the subscription's next invoice. Throws for a price that recurs. */
export function addInvoiceItems(
  world: World,
  subscription: Stripe.Subscription,
  items: OneTimeItem[],
  at: number,
): void {
  for (const [position, item] of items.entries()) {
    const path = `add_invoice_items[${position}][price]`;
    const price = findPrice(world, item.price, path);
    if (price.recurring) {
      throw invalid(
        "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
        path,
      );
    }
    const quantity = item.quantity ?? 1;
    const amount = amountFor(world, price, quantity);
    const id = newStripeId("ii");
    const customer = idOf(subscription.customer);
    const discounts = redeemAll(
      world,
      item.discounts ?? [],
      { customer, invoiceItem: id },
      { currency: price.currency, amount },
      `add_invoice_items[${position}][discounts]`,
    );
    createInvoiceItem(world, {
      id,
      amount,
      customer,
      description: productNameOf(world, price),
      period: { start: at, end: at },
      price,
      quantity,
      isProration: false,
      discounts: liveTerms(world, discounts),
      subscription: subscription.id,
      subscriptionItem: null,
      metadata: mergeMetadata({}, item.metadata),
    });
  }
}
