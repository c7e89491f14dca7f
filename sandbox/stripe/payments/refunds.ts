import type Stripe from "stripe";
import { moveBalance } from "#sandbox/stripe/payments/balance.ts";
import { findCharge, findIntent } from "#sandbox/stripe/payments/find-payment.ts";
import { refundOf } from "#sandbox/stripe/payments/refund-behavior.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { inRange, oneOf, pairs, paramsOf, range, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, create, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const createParams = paramsOf<Stripe.RefundCreateParams>()({
  amount: whole(),
  charge: text(),
  metadata: pairs(),
  payment_intent: text(),
  reason: oneOf("duplicate", "fraudulent", "requested_by_customer"),
});
const updateParams = paramsOf<Stripe.RefundUpdateParams>()({ metadata: pairs() });
const listParams = paramsOf<Stripe.RefundListParams>()({
  charge: text(),
  created: range(),
  payment_intent: text(),
});

export const refundRoutes: Route[] = [
  route("POST", "/v1/refunds", createParams, ({ world, params }) => createRefund(world, params)),
  route("GET", "/v1/refunds/:id", paramsOf<object>()({}), ({ world, id }) => findRefund(world, id)),
  route("POST", "/v1/refunds/:id", updateParams, ({ world, id, params }) => {
    const metadata = mergeMetadata(findRefund(world, id).metadata ?? {}, params.metadata);
    const refund = amend(world, world.tables.refunds, id, { metadata }, "refund.updated");
    emit(world, "charge.refund.updated", refund);
    return refund;
  }),
  listRoute("/v1/refunds", listParams, ({ world, params }) =>
    world.tables.refunds.filter(
      (refund) =>
        (params.charge === undefined || refund.charge === params.charge) &&
        (params.payment_intent === undefined || refund.payment_intent === params.payment_intent) &&
        inRange(refund.created, params.created),
    ),
  ),
];

/** The refunds of a charge, for `expand: ["refunds"]`. */
export function refundsOf(world: World, charge: string): Stripe.ApiList<Stripe.Refund> {
  return {
    object: "list",
    data: world.tables.refunds.filter((refund) => refund.charge === charge).reverse(),
    has_more: false,
    url: `/v1/charges/${charge}/refunds`,
  };
}

/** Finds a refund. Throws if it does not exist. */
export function findRefund(world: World, id: string): Stripe.Refund {
  const refund = world.tables.refunds.get(id);
  if (!refund) throw missing("refund", id);
  return refund;
}

/** Refunds the remaining amount of a charge, or a part of it. */
export function createRefund(world: World, params: Partial<ReturnType<typeof createParams>>): Stripe.Refund {
  const charge = chargeToRefund(world, params);
  const left = charge.amount_captured - charge.amount_refunded;
  if (charge.status !== "succeeded" || !charge.captured)
    throw invalid("This charge did not succeed and cannot be refunded.", "charge");
  if (isChargedBack(world, charge.id)) {
    throw invalid(
      `Charge ${charge.id} has been charged back; cannot issue a refund.`,
      undefined,
      "charge_disputed",
    );
  }
  if (left === 0) {
    throw invalid(`Charge ${charge.id} has already been refunded.`, undefined, "charge_already_refunded");
  }
  const amount = params.amount ?? left;
  if (amount < 1) throw invalid("Invalid positive integer", "amount", "parameter_invalid_integer");
  if (amount > left) {
    throw invalid(
      `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
      "amount",
    );
  }
  const refund = buildRefund(world, charge, amount, params);
  refund.balance_transaction = moveBalance(world, {
    amount: -amount,
    fee: 0,
    currency: charge.currency,
    description: `REFUND FOR CHARGE (${charge.description ?? charge.id})`,
    source: refund.id,
    type: "refund",
    category: "refund",
    at: refund.created,
  }).id;
  create(world, world.tables.refunds, refund, "refund.created");
  addRefunded(world, charge, amount, "charge.refunded");
  return refund;
}

/** Releases an authorization as a refund, without balance transactions. */
export function refundHold(world: World, charge: Stripe.Charge): void {
  const refund = buildRefund(world, charge, charge.amount, {});
  create(world, world.tables.refunds, { ...refund, status: "succeeded" }, "refund.created");
  addRefunded(world, charge, charge.amount, "charge.refunded");
}

/** Adds to the refunded amount of a charge; a negative amount reverts it. */
export function addRefunded(
  world: World,
  charge: Stripe.Charge,
  amount: number,
  type: "charge.refunded" | "charge.updated",
): void {
  const total = charge.amount_refunded + amount;
  const whole = charge.captured ? charge.amount_captured : charge.amount;
  amend(world, world.tables.charges, charge.id, { amount_refunded: total, refunded: total === whole }, type);
}

/** Throws if the charge was disputed, because the bank already withdrew the amount. */
function isChargedBack(world: World, charge: string): boolean {
  return world.tables.disputes
    .under(charge)
    .some((dispute) => !dispute.is_charge_refundable && dispute.status !== "won");
}

function chargeToRefund(world: World, params: Partial<ReturnType<typeof createParams>>): Stripe.Charge {
  if (params.charge !== undefined) return findCharge(world, params.charge, "charge");
  if (params.payment_intent === undefined) {
    throw invalid(
      "One of the following params should be provided for this request: payment_intent or charge.",
    );
  }
  const charge = idOrNull(findIntent(world, params.payment_intent, "payment_intent").latest_charge);
  if (charge === null) {
    throw invalid(
      `This PaymentIntent (${params.payment_intent}) does not have a successful charge to refund.`,
    );
  }
  return findCharge(world, charge);
}

function buildRefund(
  world: World,
  charge: Stripe.Charge,
  amount: number,
  params: Partial<ReturnType<typeof createParams>>,
): Stripe.Refund {
  const customer = idOrNull(charge.customer);
  return {
    id: newStripeId("re"),
    object: "refund",
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: nowFor(world, customer),
    currency: charge.currency,
    customer,
    customer_account: null,
    destination_details: {
      type: "card",
      card: { reference_status: "pending", reference_type: "acquirer_reference_number", type: "refund" },
    },
    metadata: mergeMetadata({}, params.metadata),
    payment_intent: idOrNull(charge.payment_intent),
    payment_method: charge.payment_method,
    reason: params.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: refundOf(world, charge) === "later" ? "pending" : "succeeded",
    transfer_reversal: null,
  };
}
