import type Stripe from "stripe";
import { reinstateFunds, withdrawFunds } from "#sandbox/stripe/payments/open-dispute.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  clearable,
  flag,
  inRange,
  object,
  oneOf,
  pairs,
  paramsOf,
  range,
  text,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, clockOf } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const words = clearable(text());
const updateParams = paramsOf<Stripe.DisputeUpdateParams>()({
  evidence: object({
    access_activity_log: words,
    billing_address: words,
    cancellation_policy: words,
    cancellation_policy_disclosure: words,
    cancellation_rebuttal: words,
    customer_communication: words,
    customer_email_address: words,
    customer_name: words,
    customer_purchase_ip: words,
    customer_signature: words,
    duplicate_charge_documentation: words,
    duplicate_charge_explanation: words,
    duplicate_charge_id: words,
    product_description: words,
    receipt: words,
    refund_policy: words,
    refund_policy_disclosure: words,
    refund_refusal_explanation: words,
    service_date: words,
    service_documentation: words,
    shipping_address: words,
    shipping_carrier: words,
    shipping_date: words,
    shipping_documentation: words,
    shipping_tracking_number: words,
    uncategorized_file: words,
    uncategorized_text: words,
  }),
  intended_submission_method: oneOf("manual", "prefer_manual", "prefer_smart_disputes", "smart_disputes"),
  metadata: pairs(),
  submit: flag(),
});
const listParams = paramsOf<Stripe.DisputeListParams>()({
  charge: text(),
  created: range(),
  payment_intent: text(),
});
const open = ["needs_response", "warning_needs_response"];

export const disputeRoutes: Route[] = [
  route("GET", "/v1/disputes/:id", paramsOf<object>()({}), ({ world, id }) => findDispute(world, id)),
  route("POST", "/v1/disputes/:id", updateParams, ({ world, id, params }) =>
    updateDispute(world, findDispute(world, id), params),
  ),
  route("POST", "/v1/disputes/:id/close", paramsOf<object>()({}), ({ world, id }) => {
    const dispute = findDispute(world, id);
    if (!open.includes(dispute.status)) throw invalid("This dispute is already closed.");
    return closeDispute(world, dispute, "lost");
  }),
  listRoute("/v1/disputes", listParams, ({ world, params }) =>
    world.tables.disputes.filter(
      (dispute) =>
        (params.charge === undefined || dispute.charge === params.charge) &&
        (params.payment_intent === undefined || dispute.payment_intent === params.payment_intent) &&
        inRange(dispute.created, params.created),
    ),
  ),
];

/** When an unanswered dispute closes, with its clock; null if it is not open. */
export function disputeDue(
  world: World,
  dispute: Stripe.Dispute,
): { at: number; clock: string | null } | null {
  const at = dispute.evidence_details.due_by;
  if (at === null || !open.includes(dispute.status)) return null;
  const charge = world.tables.charges.get(idOf(dispute.charge));
  return { at, clock: clockOf(world, idOrNull(charge?.customer)) };
}

/** Closes an unanswered dispute: lost, or warning_closed for an inquiry. */
export function giveUpDispute(world: World, id: string): void {
  closeDispute(world, findDispute(world, id), "lost");
}

function findDispute(world: World, id: string): Stripe.Dispute {
  const dispute = world.tables.disputes.get(id);
  if (!dispute) throw missing("dispute", id);
  return dispute;
}

/** Stores the evidence; if it is submitted, the bank decides immediately by its text. */
function updateDispute(
  world: World,
  dispute: Stripe.Dispute,
  params: ReturnType<typeof updateParams>,
): Stripe.Dispute {
  if (params.evidence && !open.includes(dispute.status)) {
    throw invalid(`This dispute cannot take evidence any more: its status is ${dispute.status}.`, "evidence");
  }
  const evidence = { ...dispute.evidence, ...given(params.evidence ?? {}) };
  const hasEvidence = Object.values(evidence).some((value) => typeof value === "string");
  const details = dispute.evidence_details;
  const isSubmitted =
    hasEvidence && (params.submit ?? params.evidence !== undefined) && open.includes(dispute.status);
  const updated = amend(
    world,
    world.tables.disputes,
    dispute.id,
    {
      evidence,
      evidence_details: {
        ...details,
        has_evidence: hasEvidence,
        ...(isSubmitted
          ? { submission_count: details.submission_count + 1, submission_method: "manual" as const }
          : {}),
      },
      ...given({ intended_submission_method: params.intended_submission_method }),
      metadata: mergeMetadata(dispute.metadata, params.metadata),
      ...(isSubmitted ? { status: isInquiry(dispute) ? "warning_under_review" : "under_review" } : {}),
    },
    "charge.dispute.updated",
  );
  return isSubmitted ? decide(world, updated) : updated;
}

/** The outcome by Stripe's test values in the evidence; without one the dispute stays under review. */
function decide(world: World, dispute: Stripe.Dispute): Stripe.Dispute {
  switch (dispute.evidence.uncategorized_text) {
    case "winning_evidence":
      return closeDispute(world, dispute, "won");
    case "losing_evidence":
      return closeDispute(world, dispute, "lost");
    case "escalate_inquiry_evidence":
      return isInquiry(dispute) ? escalate(world, dispute) : dispute;
    default:
      return dispute;
  }
}

function closeDispute(world: World, dispute: Stripe.Dispute, outcome: "won" | "lost"): Stripe.Dispute {
  const status = isInquiry(dispute) ? "warning_closed" : outcome;
  const closed = amend(world, world.tables.disputes, dispute.id, { status }, "charge.dispute.closed");
  return status === "won" ? reinstateFunds(world, closed) : closed;
}

/** Escalates an inquiry to a dispute and withdraws the amount. */
function escalate(world: World, dispute: Stripe.Dispute): Stripe.Dispute {
  const patch = { is_charge_refundable: false, status: "needs_response" };
  const updated = amend(world, world.tables.disputes, dispute.id, patch, "charge.dispute.updated");
  return withdrawFunds(world, updated);
}

function isInquiry(dispute: Stripe.Dispute): boolean {
  return dispute.status.startsWith("warning_");
}
