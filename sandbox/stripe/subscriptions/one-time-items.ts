import type Stripe from "stripe";
import type { oneTimePriceData } from "#sandbox/stripe/catalog/inline-price.ts";
import { amountFor } from "#sandbox/stripe/catalog/price-amount.ts";
import { findProductName } from "#sandbox/stripe/catalog/prices.ts";
import { assertCurrency, requirePrice } from "#sandbox/stripe/catalog/resolve-price.ts";
import { findActiveTerms } from "#sandbox/stripe/discounts/discount-terms.ts";
import { type DiscountRequest, redeemDiscounts } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/create-invoice-item.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type OneTimeItem = {
  price?: string | undefined;
  /** Whether an archived price is allowed because it was active when the item was planned. */
  wasBoughtBefore?: boolean;
  price_data?: ReturnType<typeof oneTimePriceData>;
  quantity?: number | undefined;
  metadata?: Record<string, string> | null | undefined;
  discounts?: DiscountRequest[] | null | undefined;
};

/** Adds one-time prices to the subscription's next invoice. Throws for a recurring price. */
export function addInvoiceItems(
  world: World,
  subscription: Stripe.Subscription,
  items: OneTimeItem[],
  at: number,
): void {
  for (const [position, item] of items.entries()) {
    const path = `add_invoice_items[${position}]`;
    const price = requirePrice(world, item, path, item.wasBoughtBefore ? [item.price ?? ""] : []);
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
    const discounts = redeemDiscounts(
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
      description: findProductName(world, price),
      period: { start: at, end: at },
      price,
      quantity,
      isProration: false,
      discounts: findActiveTerms(world, discounts),
      subscription: subscription.id,
      subscriptionItem: null,
      metadata: mergeMetadata({}, item.metadata),
    });
  }
}
