import type Stripe from "stripe";
import { chargesFor } from "#sandbox/stripe/catalog/price-amount.ts";
import { buildLine, toChargePart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { recalculateDraft } from "#sandbox/stripe/invoices/recalculate-draft.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { buildItem } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { usageBetween } from "#sandbox/stripe/usage/meter-usage.ts";

/**
 * Updates the metered lines of a draft before finalization, because usage may be reported while it is a
 * draft.
 */
export function recountUsage(world: World, invoiceId: string): void {
  const draft = world.tables.invoices.get(invoiceId);
  if (draft?.status !== "draft") return;
  const items = [...new Set(draft.lines.data.flatMap((line) => meteredItemOf(world, line) ?? []))];
  if (items.length === 0) return;
  const lineData = draft.lines.data.flatMap((line, position, lines) => {
    const item = meteredItemOf(world, line);
    if (item === null) return [line];
    const isFirst = lines.findIndex((other) => meteredItemOf(world, other) === item) === position;
    return isFirst ? linesOf(world, draft, item, line) : [];
  });
  if (JSON.stringify(sumsOf(lineData)) === JSON.stringify(sumsOf(draft.lines.data))) return;
  recalculateDraft(world, invoiceId, { lineData });
}

/** The metered subscription item of a line; null for other lines. */
function meteredItemOf(world: World, line: Stripe.InvoiceLineItem): string | null {
  const details = line.parent?.subscription_item_details;
  if (!details || details.invoice_item !== null) return null;
  return priceOf(world, line)?.recurring?.usage_type === "metered" ? details.subscription_item : null;
}

/** Lines for an item's current usage in the line's period, one per tier. */
function linesOf(
  world: World,
  draft: Stripe.Invoice,
  itemId: string,
  line: Stripe.InvoiceLineItem,
): Stripe.InvoiceLineItem[] {
  const price = priceOf(world, line);
  const meter = world.tables.meters.get(price?.recurring?.meter ?? "");
  const subscription = world.tables.subscriptions.get(
    line.parent?.subscription_item_details?.subscription ?? "",
  );
  if (!price || !meter || !subscription) return [line];
  const { start, end } = line.period;
  const used = usageBetween(world, meter, idOf(subscription.customer), start, end);
  const built = buildItem(subscription.id, price, null, line.period, draft.created, {});
  const item = { ...built, id: itemId, discounts: line.discounts.map(idOf) };
  return chargesFor(world, price, Math.max(0, used)).map((charge) => {
    const part = { ...toChargePart(world, subscription, item, charge), period: line.period };
    return buildLine(part, draft.id, draft.currency);
  });
}

function priceOf(world: World, line: Stripe.InvoiceLineItem): Stripe.Price | undefined {
  const price = line.pricing?.price_details?.price;
  return price === undefined ? undefined : world.tables.prices.get(idOf(price));
}

function sumsOf(lines: Stripe.InvoiceLineItem[]) {
  return lines.map(({ amount, quantity }) => [amount, quantity]);
}
