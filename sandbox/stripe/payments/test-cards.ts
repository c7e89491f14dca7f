/** The behavior of a test card. */
export type Decline = { code: string; declineCode: string | null; message: string };
export type TestCard = {
  number: string;
  label: string;
  brand: string;
  country: string;
  funding: "credit" | "debit";
  /** The error when it is attached to a customer; null if it attaches. */
  attachDecline: Decline | null;
  /** The error when it is charged; null if it pays. */
  chargeDecline: Decline | null;
  /** `once`: 3-D Secure is required until the card is set up; `always`: for every payment. */
  authentication: "never" | "once" | "always";
  /** How each payment with it is disputed; null if it is not. */
  dispute: "fraudulent" | "product_not_received" | "inquiry" | null;
  /** Whether its issuer reports each payment as probably fraudulent. */
  hasFraudWarning: boolean;
  /** How a refund behaves: immediate, delayed, or succeeding first and failing later. */
  refund: "succeeds" | "later" | "fails";
};

const genericDecline = decline("card_declined", "generic_decline", "Your card was declined.");
const noFunds = decline("card_declined", "insufficient_funds", "Your card has insufficient funds.");
const failedLater = { attachDecline: null, chargeDecline: genericDecline } as const;

/** The supported test cards of Stripe. */
export const testCards: TestCard[] = [
  card("4242424242424242", "Succeeds"),
  card("4000056655665556", "Succeeds (debit)", { funding: "debit" }),
  card("5555555555554444", "Succeeds (Mastercard)", { brand: "mastercard" }),
  card("378282246310005", "Succeeds (American Express)", { brand: "amex" }),
  card("4000000000000002", "Declined", refused(genericDecline)),
  card("4000000000009995", "Insufficient funds", refused(noFunds)),
  card(
    "4000000000009987",
    "Lost card",
    refused(decline("card_declined", "lost_card", "Your card was declined.")),
  ),
  card("4000000000000069", "Expired card", refused(decline("expired_card", null, "Your card has expired."))),
  card(
    "4000000000000127",
    "Incorrect CVC",
    refused(decline("incorrect_cvc", null, "Your card's security code is incorrect.")),
  ),
  card(
    "4000000000000119",
    "Processing error",
    refused(
      decline(
        "processing_error",
        null,
        "An error occurred while processing your card. Try again in a little bit.",
      ),
    ),
  ),
  card("4000000000000341", "Saves, then every charge fails", failedLater),
  card("4000002500003155", "Requires 3-D Secure once", { authentication: "once" }),
  card("4000002760003184", "Requires 3-D Secure every time", { authentication: "always" }),
  card("4000008260003178", "Requires 3-D Secure, then insufficient funds", {
    authentication: "always",
    chargeDecline: noFunds,
  }),
  card("4000000000000259", "Succeeds, then disputed as fraudulent", { dispute: "fraudulent" }),
  card("4000000000002685", "Succeeds, then disputed as not received", { dispute: "product_not_received" }),
  card("4000000000001976", "Succeeds, then inquiry", { dispute: "inquiry" }),
  card("4000000000005423", "Succeeds, then early fraud warning", { hasFraudWarning: true }),
  card("4000000000007726", "Succeeds; refunds are delayed", { refund: "later" }),
  card("4000000000005126", "Succeeds; refunds fail", { refund: "fails" }),
];

/** The behavior of a card number (digits only); undefined for an unknown number. */
export function findTestCard(number: string): TestCard | undefined {
  return testCards.find((candidate) => candidate.number === number);
}

/** The decline that the sandbox's switch injects. */
export const switchedDecline = genericDecline;

/** The decline of an off-session payment that requires 3-D Secure. */
export const unattended = decline(
  "authentication_required",
  "authentication_required",
  "Your card was declined. This transaction requires authentication.",
);

function card(number: string, label: string, differing: Partial<TestCard> = {}): TestCard {
  return {
    number,
    label,
    brand: "visa",
    country: "US",
    funding: "credit",
    attachDecline: null,
    chargeDecline: null,
    authentication: "never",
    dispute: null,
    hasFraudWarning: false,
    refund: "succeeds",
    ...differing,
  };
}

function refused(reason: Decline): Partial<TestCard> {
  return { attachDecline: reason, chargeDecline: reason };
}

function decline(code: string, declineCode: string | null, message: string): Decline {
  return { code, declineCode, message };
}
