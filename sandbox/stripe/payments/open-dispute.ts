import type Stripe from "stripe";
import { moveBalance } from "#sandbox/stripe/payments/balance.ts";
import { findTestCard } from "#sandbox/stripe/payments/test-cards.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { amend, create, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type DisputeKind = "fraudulent" | "product_not_received" | "inquiry";

/** The dispute fee, in cents. */
export const disputeFee = 1500;
const answerSeconds = 9 * 86_400;
const inquirySeconds = 20 * 86_400;
const networkCodes = { fraudulent: "10.4", product_not_received: "13.1", inquiry: "10.4" };
const noEvidence: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

/** Disputes a captured charge if its test card is always disputed. */
export function disputeByCard(world: World, charge: Stripe.Charge): void {
  const number = world.tables.cards.get(charge.payment_method ?? "")?.number;
  const kind = number === undefined ? null : (findTestCard(number)?.dispute ?? null);
  if (kind !== null) openDispute(world, charge, kind);
}

/**
 * Opens a dispute or an inquiry of a charge. A dispute withdraws the amount immediately, an inquiry does not.
 * Refunded amounts are not disputed.
 */
export function openDispute(world: World, charge: Stripe.Charge, kind: DisputeKind): Stripe.Dispute {
  if (!canDispute(world, charge)) throw invalid(`Charge ${charge.id} cannot be disputed.`);
  const customer = idOrNull(charge.customer);
  const dispute = buildDispute(charge, kind, nowFor(world, customer));
  create(world, world.tables.disputes, dispute, "charge.dispute.created");
  amend(world, world.tables.charges, charge.id, { disputed: true }, "charge.updated");
  return kind === "inquiry" ? dispute : withdrawFunds(world, dispute);
}

/** Whether a charge can be disputed: captured, not fully refunded, not disputed before. */
export function canDispute(world: World, charge: Stripe.Charge): boolean {
  const left = charge.amount_captured - charge.amount_refunded;
  return left > 0 && world.tables.disputes.under(charge.id).length === 0;
}

/** Withdraws the disputed amount and the fee. */
export function withdrawFunds(world: World, dispute: Stripe.Dispute): Stripe.Dispute {
  return moveFunds(world, dispute, "dispute");
}

/** Returns the disputed amount and the fee. */
export function reinstateFunds(world: World, dispute: Stripe.Dispute): Stripe.Dispute {
  return moveFunds(world, dispute, "dispute_reversal");
}

function moveFunds(
  world: World,
  dispute: Stripe.Dispute,
  category: "dispute" | "dispute_reversal",
): Stripe.Dispute {
  const sign = category === "dispute" ? -1 : 1;
  const charge = world.tables.charges.get(String(dispute.charge));
  const movement = moveBalance(world, {
    amount: sign * dispute.amount,
    fee: -sign * disputeFee,
    currency: dispute.currency,
    description: `${sign < 0 ? "Chargeback withdrawal" : "Chargeback reversal"} for ${dispute.charge}`,
    source: dispute.id,
    type: "adjustment",
    category,
    at: nowFor(world, idOrNull(charge?.customer)),
  });
  const moved = world.tables.disputes.put({
    ...dispute,
    balance_transactions: [...dispute.balance_transactions, movement],
  });
  const type = sign < 0 ? "charge.dispute.funds_withdrawn" : "charge.dispute.funds_reinstated";
  emit(world, type, moved, { balance_transactions: dispute.balance_transactions });
  return moved;
}

function buildDispute(charge: Stripe.Charge, kind: DisputeKind, at: number): Stripe.Dispute {
  const isInquiry = kind === "inquiry";
  const brand = charge.payment_method_details?.card?.brand ?? "visa";
  return {
    id: newStripeId("du"),
    object: "dispute",
    amount: charge.amount_captured - charge.amount_refunded,
    balance_transactions: [],
    charge: charge.id,
    created: at,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence,
    evidence_details: {
      due_by: at + (isInquiry ? inquirySeconds : answerSeconds),
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "not_submitted",
    },
    intended_submission_method: null,
    is_charge_refundable: isInquiry,
    livemode: false,
    metadata: {},
    network_reason_code: networkCodes[kind],
    payment_intent: idOrNull(charge.payment_intent),
    payment_method_details: {
      type: "card",
      card: {
        brand,
        case_type: isInquiry ? "inquiry" : "chargeback",
        network: brand,
        network_reason_code: networkCodes[kind],
      },
    },
    reason: isInquiry ? "fraudulent" : kind,
    status: isInquiry ? "warning_needs_response" : "needs_response",
  };
}
