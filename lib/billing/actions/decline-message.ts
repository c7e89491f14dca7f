/** Messages for Stripe's decline codes. Codes without a message get a general one. */
const messages: Record<string, string> = {
  insufficient_funds: "There is not enough money on the card.",
  expired_card: "The card has expired.",
  incorrect_cvc: "The security code was not right.",
  invalid_cvc: "The security code was not right.",
  incorrect_number: "The card number was not right.",
  card_velocity_exceeded: "The card has reached its limit for now.",
  withdrawal_count_limit_exceeded: "The card has reached its limit for now.",
  card_not_supported: "The card does not take this kind of payment.",
  currency_not_supported: "The card does not pay in this currency.",
  processing_error: "The bank could not be reached. Try again in a moment.",
  issuer_not_available: "The bank could not be reached. Try again in a moment.",
  try_again_later: "The bank could not be reached. Try again in a moment.",
  authentication_required: "The bank wants to be asked. Try again and confirm the payment.",
  payment_intent_authentication_failure: "The payment was not confirmed with the bank.",
};

/**
 * Returns the message for a decline code. Lost and stolen cards get the general message, as Stripe requires,
 * so that a thief does not learn that the card was reported (https://docs.stripe.com/declines/codes).
 */
export function declineMessage(code: string): string {
  const reason = Object.hasOwn(messages, code) ? messages[code] : undefined;
  return `${reason ?? "The bank declined the card."} Nothing was charged. You can try again, or use another card.`;
}
