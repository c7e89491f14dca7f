import type Stripe from "stripe";
import { applyPromotionCode } from "#sandbox/stripe/checkout/session-discount.ts";
import { formatAmount } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** An entered code and its error message; null if it applies. */
export type TypedCode = { typed: string; message: string | null };

/** Applies or removes an entered code; null if the form contains none. */
export function readTypedCode(
  world: World,
  session: Stripe.Checkout.Session,
  form: URLSearchParams,
): TypedCode | null {
  const typed = form.get("promotion_code");
  return typed === null ? null : { typed, message: applyPromotionCode(world, session, typed) };
}

/** Renders the discounts as rows of the order. */
export function discountRows(world: World, session: Stripe.Checkout.Session): Html | false {
  const off = session.total_details?.amount_discount ?? 0;
  const [discount] = session.discounts ?? [];
  if (!discount) return false;
  const code = world.tables.promotionCodes.get(idOrNull(discount.promotion_code) ?? "");
  const coupon = world.tables.coupons.get(idOrNull(discount.coupon ?? code?.promotion.coupon) ?? "");
  const name = code?.code ?? coupon?.name ?? "Discount";
  const text = coupon ? worthText(coupon) : "";
  return html`<dt>${name}<br><span class="soft">${text}</span></dt><dd>${formatAmount(-off, session.currency ?? "usd")}</dd>`;
}

/** Renders the promotion code field if codes are allowed, or the remove button of the applied code. */
export function promotionCodeForm(
  session: Stripe.Checkout.Session,
  action: string,
  refused: TypedCode | null,
): Html | false {
  if (!session.allow_promotion_codes) return false;
  if ((session.discounts ?? []).length > 0) {
    return html`<form method="post" action="${action}" class="code"><input type="hidden" name="promotion_code" value="">
<button type="submit">Remove code</button></form>`;
  }
  const message = refused?.message;
  return html`<form method="post" action="${action}" class="code"><label for="promotion_code">Promotion code</label>
<div class="row"><input id="promotion_code" name="promotion_code" value="${refused?.typed}" autocomplete="off" required maxlength="100" ${message && html`aria-invalid="true" aria-describedby="code-refused"`}>
<button type="submit">Apply</button></div>
${message && html`<p id="code-refused" class="bad" role="alert">${message}</p>`}</form>`;
}

/** "10% off for 3 months" */
function worthText(coupon: Stripe.Coupon): string {
  const off =
    coupon.percent_off === null
      ? `${formatAmount(coupon.amount_off ?? 0, coupon.currency ?? "usd")} off`
      : `${coupon.percent_off}% off`;
  if (coupon.duration === "forever") return off;
  const months = coupon.duration_in_months;
  return months === null ? `${off} once` : `${off} for ${months} ${months === 1 ? "month" : "months"}`;
}
