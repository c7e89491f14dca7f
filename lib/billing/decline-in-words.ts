/** Stripe's codes for a declined card, in words that say what to do. What a bank keeps to itself is not guessed at. */
const words: Record<string, string> = {
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
 * Why a card was declined, for its owner. A lost or stolen card is a plain decline, as Stripe asks: whoever holds it must
 * not learn that it is known.
 */
export function declineInWords(code: string): string {
  const why = Object.hasOwn(words, code) ? words[code] : undefined;
  return `${why ?? "The bank declined the card."} Nothing was charged. You can try again, or use another card.`;
}
