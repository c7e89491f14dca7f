import type Stripe from "stripe";
import { applyTypedCode } from "#sandbox/stripe/checkout/session-discount.ts";
import { moneyText } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Takes the code that was typed, or takes it off; null when the form was not about one. */
export function readTypedCode(
  world: World,
  session: Stripe.Checkout.Session,
  form: URLSearchParams,
): { message: string | null } | null {
  const typed = form.get("promotion_code");
  return typed === null ? null : { message: applyTypedCode(world, session, typed) };
}

/** What is taken off, as rows of the order's list. */
export function discountRows(world: World, session: Stripe.Checkout.Session): Html | false {
  const off = session.total_details?.amount_discount ?? 0;
  const [discount] = session.discounts ?? [];
  if (!discount) return false;
  const code = world.tables.promotionCodes.get(idOrNull(discount.promotion_code) ?? "");
  const coupon = world.tables.coupons.get(idOrNull(discount.coupon ?? code?.promotion.coupon) ?? "");
  const name = code?.code ?? coupon?.name ?? "Discount";
  const text = coupon ? worthText(coupon) : "";
  return html`<dt>${name}<br><span class="soft">${text}</span></dt><dd>${moneyText(-off, session.currency ?? "usd")}</dd>`;
}

/** The field for a promotion code, where the shop takes one; with a code on the order, the button to take it off. */
export function promotionCodeForm(
  session: Stripe.Checkout.Session,
  action: string,
  message: string | null,
): Html | false {
  if (!session.allow_promotion_codes) return false;
  if ((session.discounts ?? []).length > 0) {
    return html`<form method="post" action="${action}"><input type="hidden" name="promotion_code" value="">
<p><button type="submit">Remove code</button></p></form>`;
  }
  return html`<form method="post" action="${action}">
${message && html`<p class="error" role="alert">${message}</p>`}
<div class="field"><label for="promotion_code">Promotion code</label>
<input id="promotion_code" name="promotion_code" autocomplete="off" required maxlength="100"></div>
<p><button type="submit">Apply</button></p></form>`;
}

/** "10% off for 3 months" */
function worthText(coupon: Stripe.Coupon): string {
  const off =
    coupon.percent_off === null
      ? `${moneyText(coupon.amount_off ?? 0, coupon.currency ?? "usd")} off`
      : `${coupon.percent_off}% off`;
  if (coupon.duration === "forever") return off;
  const months = coupon.duration_in_months;
  return months === null ? `${off} once` : `${off} for ${months} ${months === 1 ? "month" : "months"}`;
}
