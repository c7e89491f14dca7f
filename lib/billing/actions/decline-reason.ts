import { type ErrorReason, errorReason } from "#lib/core/errors.ts";

/** The causes that the text `declined` names, by Stripe's decline codes. Other codes get a general text. */
const causes: Record<string, string> = {
  insufficient_funds: "insufficientFunds",
  expired_card: "cardExpired",
  incorrect_cvc: "securityCodeWrong",
  invalid_cvc: "securityCodeWrong",
  incorrect_number: "cardNumberWrong",
  card_velocity_exceeded: "cardLimitReached",
  withdrawal_count_limit_exceeded: "cardLimitReached",
  card_not_supported: "cardUnsupported",
  currency_not_supported: "currencyUnsupported",
  processing_error: "bankUnreachable",
  issuer_not_available: "bankUnreachable",
  try_again_later: "bankUnreachable",
  authentication_required: "confirmationRequired",
  payment_intent_authentication_failure: "confirmationFailed",
};

/**
 * Returns the reason for a decline code. Lost and stolen cards get the general text, as Stripe requires, so
 * that a thief does not learn that the card was reported (https://docs.stripe.com/declines/codes).
 */
export function declineReason(code: string): ErrorReason {
  const cause = Object.hasOwn(causes, code) ? causes[code] : undefined;
  return errorReason("declined", { cause: cause ?? "general" });
}
