import type Stripe from "stripe";
import { findOrder } from "#sandbox/stripe/checkout/find-session.ts";
import { amountNow, dueNow, orderLines } from "#sandbox/stripe/checkout/session-object.ts";
import { findTypedCode } from "#sandbox/stripe/discounts/promotion-codes.ts";
import { assertAllRedeemable, type DiscountWish } from "#sandbox/stripe/discounts/redeem.ts";
import { isTooSmall, tooSmall } from "#sandbox/stripe/payments/least-charge.ts";
import { invalid, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { CheckoutOrder } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Sums = Pick<Stripe.Checkout.Session, "amount_subtotal" | "amount_total" | "discounts" | "total_details">;

/** What a session's order comes to, and what is taken off it. */
export function sumsOf(world: World, order: CheckoutOrder): Sums {
  const due = dueNow(world, order);
  const sum = (field: "amount_discount" | "amount_subtotal" | "amount_total") =>
    due.reduce((total, line) => total + line[field], 0);
  return {
    amount_subtotal: sum("amount_subtotal"),
    amount_total: sum("amount_total"),
    discounts: order.discounts.map((wish) => shownDiscount(world, wish)),
    total_details: { amount_discount: sum("amount_discount"), amount_shipping: 0, amount_tax: 0 },
  };
}

/** The discounts a new session begins with: those it names, else the one its customer has. */
export function wishedDiscounts(
  world: World,
  params: {
    allow_promotion_codes?: boolean | undefined;
    customer?: string | undefined;
    discounts?: DiscountWish[] | undefined;
    mode: string;
  },
): DiscountWish[] {
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

/** Throws where the discounts of an order cannot be redeemed for it. */
export function assertOrderDiscounts(world: World, order: CheckoutOrder, customer: string | null): void {
  const lines = orderLines(world, { ...order, discounts: [] });
  const amount = lines.reduce((sum, line) => sum + line.amount_subtotal, 0);
  const purchase = { currency: lines[0]?.currency ?? "usd", amount };
  assertAllRedeemable(world, order.discounts, { customer, purchase });
}

/**
 * Throws for a payment of less than can be charged. A subscription may begin with less: that is owed with its next invoice.
 */
export function assertChargeable(mode: string, currency: string | null, amount: number): void {
  if (mode !== "payment" || !isTooSmall(amount, currency ?? "usd")) return;
  throw tooSmall("The Checkout Session's total amount due must add up to", currency ?? "usd");
}

/** Somebody types a promotion code, or takes theirs off (empty); returns what to tell them when it does not apply. */
export function applyTypedCode(world: World, session: Stripe.Checkout.Session, typed: string): string | null {
  if (!session.allow_promotion_codes) return "This shop takes no codes here.";
  const customer = idOrNull(session.customer);
  const code = typed.trim() === "" ? null : findTypedCode(world, typed, customer);
  if (typed.trim() !== "" && !code) return "This code is invalid.";
  return setDiscounts(world, session, code ? [{ promotion_code: code.id }] : []);
}

/** Takes off what can no longer be redeemed, just before it is paid; returns what to tell, or null when all is well. */
export function dropSpentDiscounts(world: World, session: Stripe.Checkout.Session): string | null {
  const order = findOrder(world, session.id);
  try {
    assertOrderDiscounts(world, order, idOrNull(session.customer));
    return null;
  } catch (error) {
    if (!(error instanceof StripeFailure)) throw error;
    setDiscounts(world, session, []);
    return "The discount can no longer be used. Look at the new total before you pay.";
  }
}

function setDiscounts(
  world: World,
  session: Stripe.Checkout.Session,
  discounts: DiscountWish[],
): string | null {
  const order = { ...findOrder(world, session.id), discounts };
  try {
    assertOrderDiscounts(world, order, idOrNull(session.customer));
    assertChargeable(session.mode, session.currency, amountNow(world, order));
  } catch (error) {
    if (error instanceof StripeFailure) return error.message;
    throw error;
  }
  const sums = sumsOf(world, order);
  amend(world, world.tables.checkoutSessions, session.id, sums);
  const amount = sums.amount_total ?? 0;
  // A payment that was declined before is gone on with, at the new price; where nothing is left to pay it is let go.
  const paymentIntent = amount > 0 ? order.paymentIntent : null;
  world.tables.checkoutOrders.put({ ...order, paymentIntent });
  if (paymentIntent) amend(world, world.tables.paymentIntents, paymentIntent, { amount });
  return null;
}

function shownDiscount(world: World, wish: DiscountWish): Stripe.Checkout.Session.Discount {
  const running = world.tables.discounts.get(wish.discount ?? "");
  const code = wish.promotion_code ?? idOrNull(running?.promotion_code);
  if (code) return { coupon: null, promotion_code: code };
  return { coupon: wish.coupon ?? idOrNull(running?.source.coupon), promotion_code: null };
}
