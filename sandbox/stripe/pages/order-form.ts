import type Stripe from "stripe";
import { findProductName } from "#sandbox/stripe/catalog/prices.ts";
import { adjustOrder } from "#sandbox/stripe/checkout/adjust-order.ts";
import { findOrder } from "#sandbox/stripe/checkout/find-session.ts";
import { formatPrice } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Renders the quantities that the buyer may change and the optional items, if there are any. */
export function orderForm(world: World, session: Stripe.Checkout.Session, action: string): Html | false {
  const order = findOrder(world, session.id);
  const optional = session.optional_items ?? [];
  const lines = order.lines.filter(
    (line) => line.adjustable && !optional.some(({ price }) => price === line.price),
  );
  if (lines.length === 0 && optional.length === 0) return false;
  const nameOf = (id: string) => {
    const price = world.tables.prices.get(id);
    return price ? `${findProductName(world, price)} (${formatPrice(price)})` : id;
  };
  const quantity = (
    name: string,
    label: string,
    value: number,
    bounds: { minimum?: number | null; maximum?: number | null },
  ) =>
    html`<div class="field"><label for="${name}">${label}</label><input id="${name}" name="quantity_${name}" type="number" value="${value}" min="${bounds.minimum ?? 0}" max="${bounds.maximum ?? 99}"></div>`;
  return html`<form method="post" action="${action}" class="code"><input type="hidden" name="order" value="update">
${lines.map((line) => quantity(line.id, `Quantity of ${nameOf(line.price)}`, line.quantity, line.adjustable ?? {}))}
${optional.map((item) => {
  const chosen = order.lines.find((line) => line.price === item.price)?.quantity ?? 0;
  const most = item.adjustable_quantity?.maximum ?? item.quantity;
  return quantity(item.price, `Add ${nameOf(item.price)}`, chosen, { maximum: most });
})}
<button type="submit">Update order</button></form>`;
}

/**
 * Applies a submitted order form. Returns a message for the buyer, null on success, or undefined for another
 * form.
 */
export function readOrderForm(
  world: World,
  session: Stripe.Checkout.Session,
  form: URLSearchParams,
): string | null | undefined {
  if (form.get("order") !== "update") return undefined;
  const quantities = [...form].flatMap(([name, value]): [string, number][] =>
    name.startsWith("quantity_") ? [[name.slice("quantity_".length), Number(value)]] : [],
  );
  return adjustOrder(world, session, new Map(quantities));
}
