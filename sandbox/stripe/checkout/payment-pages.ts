import { sessionAmountDue } from "#sandbox/stripe/checkout/amount-due.ts";
import { submitCheckout } from "#sandbox/stripe/checkout/complete-session.ts";
import { findSession } from "#sandbox/stripe/checkout/find-session.ts";
import { findMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { invalid, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { paramsOf, required, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { type Route, route } from "#sandbox/stripe/protocol/route.ts";

const confirmParams = paramsOf<{ payment_method: string; expected_amount: number }>()({
  payment_method: required(text()),
  expected_amount: whole(),
});

/**
 * The undocumented API of Stripe's payment pages, which its CLI calls to complete a session without a
 * browser.
 */
export const paymentPageRoutes: Route[] = [
  route("GET", "/v1/payment_pages/:id", paramsOf<object>()({}), ({ world, id }) => findSession(world, id)),
  route("POST", "/v1/payment_pages/:id/confirm", confirmParams, ({ world, id, params }) => {
    const session = findSession(world, id);
    const expected = params.expected_amount;
    if (expected !== undefined && expected !== sessionAmountDue(world, session)) {
      throw invalid("The expected amount is not the session's amount.", "expected_amount");
    }
    const method = findMethod(world, params.payment_method, "payment_method");
    if (!session.payment_method_types.includes(method.type)) {
      throw invalid(`This session does not accept ${method.type}.`, "payment_method");
    }
    const { email, name } = method.billing_details;
    const payer = { email: email ?? "", name: name ?? "", card: null, method: method.id };
    const result = submitCheckout(world, id, payer);
    if (result.kind === "refused") {
      throw new StripeFailure(402, "card_error", result.message, {
        code: "card_declined",
        keepsEffects: true,
      });
    }
    if (result.kind === "closed") throw invalid("This Checkout Session is no longer active.");
    return findSession(world, id);
  }),
];
