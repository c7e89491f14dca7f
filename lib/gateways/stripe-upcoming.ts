import type Stripe from "stripe";
import { ask, isRefused, stripe } from "#lib/gateways/stripe-client.ts";
import { invoiceLineOf, type StripeSubscription } from "#lib/gateways/stripe-objects.ts";
import { findPrice } from "#lib/gateways/stripe-prices.ts";

/** A line of an invoice that would come, before tax, in whole cents. */
export type UpcomingLine = {
  amountCents: number;
  isProration: boolean;
  /** Whether it is what a meter has counted so far, and so not the last word. */
  isUse: boolean;
  discounts: { id: string; amountCents: number }[];
};

/** An invoice that would come. */
export type UpcomingInvoice = {
  lines: UpcomingLine[];
  /** What the customer's balance holds before it: negative is credit, positive is owed on top. */
  balanceCents: number;
};

/** An invoice's preview in our words. */
export async function upcomingOf(preview: Stripe.Invoice): Promise<UpcomingInvoice> {
  const lines = preview.lines.data.map(async (line) => {
    const { amountCents, isProration, priceId } = invoiceLineOf(line);
    const isUse = priceId !== null && (await findPrice(priceId)).isMetered;
    const discounts = (line.discount_amounts ?? []).map(({ amount, discount }) => ({
      id: typeof discount === "string" ? discount : discount.id,
      amountCents: amount,
    }));
    return { amountCents, isProration, isUse, discounts };
  });
  return { lines: await Promise.all(lines), balanceCents: preview.starting_balance };
}

/**
 * The invoice with which a subscription goes on, at the prices that its schedule brings, where it has one.
 * @returns null where Stripe says that none comes
 * @throws AppError billing_unavailable
 */
export async function previewRenewal(subscription: StripeSubscription): Promise<UpcomingInvoice | null> {
  const { id, scheduleId } = subscription;
  const whose = scheduleId === null ? { subscription: id } : { schedule: scheduleId };
  try {
    return await upcomingOf(await ask(() => stripe().invoices.createPreview(whose)));
  } catch (error) {
    if (isRefused(error)) return null;
    throw error;
  }
}
