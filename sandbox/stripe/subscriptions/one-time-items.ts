import type Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalogue/price-amount.ts";
import type { oneTimePriceData } from "#sandbox/stripe/catalogue/price-data.ts";
import { assertCurrency, priceThatMustBe } from "#sandbox/stripe/catalogue/price-to-sell.ts";
import { productNameOf } from "#sandbox/stripe/catalogue/prices.ts";
import { type DiscountWish, redeemAll } from "#sandbox/stripe/discounts/redeem.ts";
import { liveTerms } from "#sandbox/stripe/discounts/running-discounts.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/invoice-items.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type OneTimeItem = {
  price?: string | undefined;
  /** Whether its price was active when it was planned, and so may be archived by now. */
  wasBoughtBefore?: boolean;
  price_data?: ReturnType<typeof oneTimePriceData>;
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
    const path = `add_invoice_items[${position}]`;
    const price = priceThatMustBe(world, item, path, item.wasBoughtBefore ? [item.price ?? ""] : []);
    assertCurrency(price, subscription.currency, `${path}[price]`);
    if (price.recurring) {
      throw invalid(
        "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
        `${path}[price]`,
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
      `${path}[discounts]`,
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
