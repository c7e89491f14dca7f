import { callStripe, stripe } from "#lib/gateways/stripe/client.ts";
import { type StripeSubscription, toSubscription } from "#lib/gateways/stripe/objects.ts";
import { toUpcomingInvoice, type UpcomingInvoice } from "#lib/gateways/stripe/upcoming-invoice.ts";

/** New prices for items of a subscription. */
export type PriceChange = {
  subscriptionId: string;
  items: { itemId: string; priceId: string }[];
  /** The second from which Stripe prorates. */
  prorationDate: Date;
  /** Whether a running trial ends with the change, so that the new price is paid in full immediately. */
  endsTrial: boolean;
};

/**
 * Previews the invoice that a change creates immediately. `dueCents` is what is paid then, in whole cents.
 */
export async function previewPriceChange(
  change: PriceChange,
): Promise<{ dueCents: number; invoice: UpcomingInvoice }> {
  const invoice = await callStripe(() =>
    stripe().invoices.createPreview({
      subscription: change.subscriptionId,
      subscription_details: {
        items: toItemParams(change),
        proration_behavior: "always_invoice",
        proration_date: toSeconds(change.prorationDate),
        ...(change.endsTrial && { trial_end: "now" }),
      },
    }),
  );
  return { dueCents: invoice.amount_due, invoice: await toUpcomingInvoice(invoice) };
}

/** Previews the next regular invoice at other prices, without proration. */
export async function previewNextPeriod(change: PriceChange): Promise<UpcomingInvoice> {
  const details = { items: toItemParams(change), proration_behavior: "none" as const };
  const params = { subscription: change.subscriptionId, subscription_details: details };
  return toUpcomingInvoice(await callStripe(() => stripe().invoices.createPreview(params)));
}

/**
 * Changes the price immediately and invoices the proration. Until that invoice is paid, Stripe keeps the
 * change pending and the old price in force.
 */
export async function changePriceNow(
  change: PriceChange,
  idempotencyKey: string,
): Promise<StripeSubscription> {
  const changed = await callStripe(() =>
    stripe().subscriptions.update(
      change.subscriptionId,
      {
        items: toItemParams(change),
        proration_behavior: "always_invoice",
        proration_date: toSeconds(change.prorationDate),
        payment_behavior: "pending_if_incomplete",
        ...(change.endsTrial && { trial_end: "now" }),
      },
      { idempotencyKey },
    ),
  );
  return toSubscription(changed);
}

/**
 * Changes the price that follows a trial. The trial keeps its end and nothing is charged before it.
 * Idempotent.
 */
export async function changePriceInTrial(change: PriceChange): Promise<void> {
  const items = toItemParams(change);
  await callStripe(() =>
    stripe().subscriptions.update(change.subscriptionId, { items, proration_behavior: "none" }),
  );
}

function toItemParams({ items }: PriceChange) {
  return items.map(({ itemId, priceId }) => ({ id: itemId, price: priceId }));
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000);
}
