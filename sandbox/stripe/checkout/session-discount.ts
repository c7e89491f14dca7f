import type Stripe from "stripe";
import { findOrder } from "#sandbox/stripe/checkout/find-session.ts";
import { lineItemsDue, orderAmountDue, toLineItems } from "#sandbox/stripe/checkout/session-object.ts";
import { findActiveCode } from "#sandbox/stripe/discounts/promotion-codes.ts";
import { assertAllRedeemable, type DiscountRequest } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { isTooSmall, tooSmall } from "#sandbox/stripe/payments/minimum-charge.ts";
import { invalid, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { CheckoutOrder } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type SessionTotals = Pick<
  Stripe.Checkout.Session,
  "amount_subtotal" | "amount_total" | "discounts" | "total_details"
>;

/** Returns the totals and discounts of a session's order. */
export function sessionTotals(world: World, order: CheckoutOrder): SessionTotals {
  const due = lineItemsDue(world, order);
  const sum = (field: "amount_discount" | "amount_subtotal" | "amount_total") =>
    due.reduce((total, line) => total + line[field], 0);
  return {
    amount_subtotal: sum("amount_subtotal"),
    amount_total: sum("amount_total"),
    discounts: order.discounts.map((request) => toSessionDiscount(world, request)),
    total_details: { amount_discount: sum("amount_discount"), amount_shipping: 0, amount_tax: 0 },
  };
}

/** Returns the discounts of a new session: those in the request, else the customer's own discount. */
export function initialDiscounts(
  world: World,
  params: {
    allow_promotion_codes?: boolean | undefined;
    customer?: string | undefined;
    discounts?: DiscountRequest[] | undefined;
    mode: string;
  },
): DiscountRequest[] {
  const { discounts = [], mode } = params;
  if (discounts.length > 1) throw invalid("You may only specify one discount.", "discounts");
  if (discounts.length > 0 && params.allow_promotion_codes !== undefined) {
    throw invalid(
      "You may only specify one of these parameters: allow_promotion_codes, discounts.",
      "allow_promotion_codes",
    );
  }
  if (discounts.length > 0 && mode === "setup") {
    throw invalid("You can not pass `discounts` in `setup` mode.", "discounts");
  }
  const own = world.tables.customers.get(params.customer ?? "")?.discount;
  return discounts.length === 0 && mode === "subscription" && own ? [{ discount: own.id }] : discounts;
}

/** Throws when a discount of the order cannot be redeemed for it. */
export function assertOrderDiscounts(world: World, order: CheckoutOrder, customer: string | null): void {
  const lines = toLineItems(world, { ...order, discounts: [] });
  const amount = lines.reduce((sum, line) => sum + line.amount_subtotal, 0);
  const purchase = { currency: lines[0]?.currency ?? "usd", amount };
  assertAllRedeemable(world, order.discounts, { customer, purchase });
}

/**
 * Throws for a payment below the minimum charge. A subscription may start below it: the amount is carried to
 * its next invoice.
 */
export function assertChargeable(mode: string, currency: string | null, amount: number): void {
  if (mode !== "payment" || !isTooSmall(amount, currency ?? "usd")) return;
  throw tooSmall("The Checkout Session's total amount due must add up to", currency ?? "usd");
}

/**
 * Applies an entered promotion code, or removes it when empty. Returns the message for the buyer on failure.
 */
export function applyPromotionCode(
  world: World,
  session: Stripe.Checkout.Session,
  typed: string,
): string | null {
  if (!session.allow_promotion_codes) return "Promotion codes aren't accepted here.";
  const customer = idOrNull(session.customer);
  const code = typed.trim() === "" ? null : findActiveCode(world, typed, customer);
  if (typed.trim() !== "" && !code) return "This code is invalid.";
  return setDiscounts(world, session, code ? [{ promotion_code: code.id }] : []);
}

/**
 * Removes discounts that can no longer be redeemed before payment. Returns the message for the buyer, or
 * null.
 */
export function dropUnusableDiscounts(world: World, session: Stripe.Checkout.Session): string | null {
  const order = findOrder(world, session.id);
  try {
    assertOrderDiscounts(world, order, idOrNull(session.customer));
    return null;
  } catch (error) {
    if (!(error instanceof StripeFailure)) throw error;
    setDiscounts(world, session, []);
    return "This discount is no longer available. Review the new total before you pay.";
  }
}

function setDiscounts(
  world: World,
  session: Stripe.Checkout.Session,
  discounts: DiscountRequest[],
): string | null {
  return replaceOrder(world, session, { ...findOrder(world, session.id), discounts });
}

/** Replaces the order of an open session and its totals. Returns the message for the buyer on failure. */
export function replaceOrder(
  world: World,
  session: Stripe.Checkout.Session,
  order: CheckoutOrder,
): string | null {
  try {
    assertOrderDiscounts(world, order, idOrNull(session.customer));
    assertChargeable(session.mode, session.currency, orderAmountDue(world, order));
  } catch (error) {
    if (error instanceof StripeFailure) return error.message;
    throw error;
  }
  const sums = sessionTotals(world, order);
  amend(world, world.tables.checkoutSessions, session.id, sums);
  const amount = sums.amount_total ?? 0;
  // A declined payment intent is reused at the new amount; it is dropped when nothing is left to pay.
  const paymentIntent = amount > 0 ? order.paymentIntent : null;
  world.tables.checkoutOrders.put({ ...order, paymentIntent });
  if (paymentIntent) amend(world, world.tables.paymentIntents, paymentIntent, { amount });
  return null;
}

function toSessionDiscount(world: World, request: DiscountRequest): Stripe.Checkout.Session.Discount {
  const existing = world.tables.discounts.get(request.discount ?? "");
  const code = request.promotion_code ?? idOrNull(existing?.promotion_code);
  if (code) return { coupon: null, promotion_code: code };
  return { coupon: request.coupon ?? idOrNull(existing?.source.coupon), promotion_code: null };
}
