import type Stripe from "stripe";
import { findPrice } from "#lib/gateways/stripe/catalog/find-price.ts";
import { callStripe, isRefused, stripe } from "#lib/gateways/stripe/client.ts";
import { toInvoiceLine } from "#lib/gateways/stripe/invoice-objects.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";

/** A line of a previewed invoice, before tax, in whole cents. */
export type UpcomingLine = {
  amountCents: number;
  isProration: boolean;
  /** Whether it bills metered usage so far, which may still grow. */
  isUsage: boolean;
  discounts: { id: string; amountCents: number }[];
};

/** A previewed invoice. */
export type UpcomingInvoice = {
  lines: UpcomingLine[];
  /** The customer's balance before the invoice: negative is credit, positive is owed in addition. */
  balanceCents: number;
};

/** Converts an invoice preview. */
export async function toUpcomingInvoice(preview: Stripe.Invoice): Promise<UpcomingInvoice> {
  const lines = preview.lines.data.map(async (line) => {
    const { amountCents, isProration, priceId } = toInvoiceLine(line);
    const isUsage = priceId !== null && (await findPrice(priceId)).isMetered;
    const discounts = (line.discount_amounts ?? []).map(({ amount, discount }) => ({
      id: typeof discount === "string" ? discount : discount.id,
      amountCents: amount,
    }));
    return { amountCents, isProration, isUsage, discounts };
  });
  return { lines: await Promise.all(lines), balanceCents: preview.starting_balance };
}

/**
 * Previews a subscription's next regular invoice, at the prices of its schedule if it has one.
 * @returns null when Stripe says that none comes
 * @throws AppError billing_unavailable
 */
export async function previewRenewal(subscription: StripeSubscription): Promise<UpcomingInvoice | null> {
  const { id, scheduleId } = subscription;
  const params = scheduleId === null ? { subscription: id } : { schedule: scheduleId };
  try {
    return await toUpcomingInvoice(await callStripe(() => stripe().invoices.createPreview(params)));
  } catch (error) {
    if (isRefused(error)) return null;
    throw error;
  }
}
