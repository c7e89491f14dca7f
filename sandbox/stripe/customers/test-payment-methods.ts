/** Card numbers of Stripe's test payment methods and tokens. */
const testCardNumbers: Record<string, string> = {
  pm_card_visa: "4242424242424242",
  tok_visa: "4242424242424242",
  pm_card_mastercard: "5555555555554444",
  tok_mastercard: "5555555555554444",
  pm_card_amex: "378282246310005",
  tok_amex: "378282246310005",
  pm_card_visa_debit: "4000056655665556",
  tok_visa_debit: "4000056655665556",
  pm_card_chargeDeclined: "4000000000000002",
  tok_chargeDeclined: "4000000000000002",
  pm_card_visa_chargeDeclined: "4000000000000002",
  pm_card_chargeDeclinedInsufficientFunds: "4000000000009995",
  pm_card_visa_chargeDeclinedInsufficientFunds: "4000000000009995",
  pm_card_chargeDeclinedLostCard: "4000000000009987",
  pm_card_visa_chargeDeclinedLostCard: "4000000000009987",
  pm_card_chargeDeclinedExpiredCard: "4000000000000069",
  pm_card_chargeDeclinedIncorrectCvc: "4000000000000127",
  pm_card_chargeDeclinedProcessingError: "4000000000000119",
  pm_card_chargeCustomerFail: "4000000000000341",
  tok_chargeCustomerFail: "4000000000000341",
  pm_card_authenticationRequired: "4000002760003184",
  pm_card_authenticationRequiredOnSetup: "4000002500003155",
  pm_card_threeDSecure2Required: "4000002760003184",
  pm_card_authenticationRequiredChargeDeclinedInsufficientFunds: "4000008260003178",
  pm_card_createDispute: "4000000000000259",
  tok_createDispute: "4000000000000259",
  pm_card_createDisputeProductNotReceived: "4000000000002685",
  tok_createDisputeProductNotReceived: "4000000000002685",
  pm_card_createDisputeInquiry: "4000000000001976",
  tok_createDisputeInquiry: "4000000000001976",
  pm_card_pendingRefund: "4000000000007726",
  tok_pendingRefund: "4000000000007726",
  pm_card_refundFail: "4000000000005126",
  tok_refundFail: "4000000000005126",
};

/** Returns the card number of a test payment method or token id; undefined for other ids. */
export function findTestCardNumber(name: string): string | undefined {
  return Object.hasOwn(testCardNumbers, name) ? testCardNumbers[name] : undefined;
}
