import type Stripe from "stripe";
import { mandateIdOf } from "#sandbox/stripe/customers/mandates.ts";
import { emptyAddress } from "#sandbox/stripe/customers/payment-method-object.ts";
import type { Decline } from "#sandbox/stripe/payments/test-cards.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";

/** The initial state of a charge: paid, authorized for a later capture, or pending at a bank. */
export type ChargeState = "paid" | "held" | "pending";

/** Builds a charge of a payment's full amount: paid, authorized, pending or declined. */
export function buildCharge(
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  outcome: ChargeState | Decline,
  at: number,
  baseUrl: string,
): Stripe.Charge {
  const id = newStripeId(method.type === "card" ? "ch" : "py");
  const refusal = typeof outcome === "object" ? outcome : null;
  const isPaid = outcome === "paid";
  return {
    id,
    object: "charge",
    amount: intent.amount,
    amount_captured: isPaid ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { ...method.billing_details, address: method.billing_details.address ?? emptyAddress },
    calculated_statement_descriptor: "SANDBOX",
    captured: isPaid || outcome === "pending",
    created: at,
    currency: intent.currency,
    customer: idOrNull(intent.customer),
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: refusal?.code ?? null,
    failure_message: refusal?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: refusal ? "declined_by_network" : "approved_by_network",
      reason: refusal ? (refusal.declineCode ?? refusal.code) : null,
      risk_level: "normal",
      risk_score: 20,
      seller_message: refusal
        ? "The bank did not return any further details with this decline."
        : "Payment complete.",
      type: refusal ? "issuer_declined" : "authorized",
    },
    paid: isPaid || outcome === "held",
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: detailsOf(intent, method),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: refusal ? null : `${baseUrl}/receipts/${id}`,
    refunded: false,
    review: null,
    shipping: intent.shipping,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: refusal ? "failed" : outcome === "pending" ? "pending" : "succeeded",
    transfer_data: null,
    transfer_group: null,
  };
}

function detailsOf(
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.Charge.PaymentMethodDetails {
  if (method.type === "customer_balance") return { type: "customer_balance", customer_balance: {} };
  const debit = method.sepa_debit;
  if (!debit) return { type: "card", card: buildCardDetails(intent, method) };
  const { bank_code, branch_code, country, fingerprint, last4 } = debit;
  return {
    type: "sepa_debit",
    sepa_debit: { bank_code, branch_code, country, fingerprint, last4, mandate: mandateIdOf(method) },
  };
}

function buildCardDetails(
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.Charge.PaymentMethodDetails.Card {
  const { card } = method;
  return {
    amount_authorized: intent.amount,
    authorization_code: "123456",
    brand: card?.brand ?? null,
    checks: card?.checks ?? null,
    country: card?.country ?? null,
    electronic_commerce_indicator: null,
    exp_month: card?.exp_month ?? 1,
    exp_year: card?.exp_year ?? 2000,
    extended_authorization: { status: "disabled" },
    fingerprint: card?.fingerprint ?? null,
    funding: card?.funding ?? null,
    incremental_authorization: { status: "unavailable" },
    installments: null,
    last4: card?.last4 ?? null,
    mandate: null,
    multicapture: { status: "unavailable" },
    network: card?.brand ?? null,
    network_token: { used: false },
    network_transaction_id: null,
    overcapture: { maximum_amount_capturable: intent.amount, status: "unavailable" },
    regulated_status: "unregulated",
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  };
}
