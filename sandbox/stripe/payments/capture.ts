import type Stripe from "stripe";
import { disputeByCard } from "#sandbox/stripe/payments/open-dispute.ts";
import { creditCharge } from "#sandbox/stripe/payments/outcomes.ts";
import { refundHold } from "#sandbox/stripe/payments/refunds.ts";
import { invalid, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { amend, clockOf, emit } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const holdSeconds = 7 * 86_400;

/** Captures an authorized payment fully or partially and releases the rest. */
export function captureIntent(
  world: World,
  intent: Stripe.PaymentIntent,
  part?: number,
): Stripe.PaymentIntent {
  const held = heldCharge(world, intent);
  if (intent.status !== "requires_capture" || !held) {
    throw new StripeFailure(
      400,
      "invalid_request_error",
      `This PaymentIntent could not be captured because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`,
      { code: "payment_intent_unexpected_state", paymentIntent: intent },
    );
  }
  const amount = part ?? intent.amount_capturable;
  if (amount < 1 || amount > intent.amount_capturable) {
    throw invalid(
      `The provided \`amount_to_capture\` must be between 1 and the PaymentIntent's \`amount_capturable\` (${intent.amount_capturable}).`,
      "amount_to_capture",
    );
  }
  const charge = amend(
    world,
    world.tables.charges,
    held.id,
    { amount_captured: amount, balance_transaction: creditCharge(world, held, amount).id, captured: true },
    "charge.captured",
  );
  const captured = amend(
    world,
    world.tables.paymentIntents,
    intent.id,
    { amount_capturable: 0, amount_received: amount, status: "succeeded" },
    "payment_intent.succeeded",
  );
  disputeByCard(world, charge);
  return captured;
}

/** Cancels a payment that has not succeeded and releases its authorization. */
export function cancelIntent(
  world: World,
  intent: Stripe.PaymentIntent,
  reason: Stripe.PaymentIntent.CancellationReason | null,
): Stripe.PaymentIntent {
  const held = heldCharge(world, intent);
  if (held) refundHold(world, held);
  return amend(
    world,
    world.tables.paymentIntents,
    intent.id,
    {
      amount_capturable: 0,
      canceled_at: world.now(clockOf(world, idOrNull(intent.customer))),
      cancellation_reason: reason,
      next_action: null,
      processing: null,
      status: "canceled",
    },
    "payment_intent.canceled",
  );
}

/** When an authorization expires, with its clock; null if there is none. */
export function holdEnds(
  world: World,
  intent: Stripe.PaymentIntent,
): { at: number; clock: string | null } | null {
  const held = heldCharge(world, intent);
  return held && { at: held.created + holdSeconds, clock: clockOf(world, idOrNull(intent.customer)) };
}

/** Expires an authorization that was not captured. */
export function expireHold(world: World, id: string): void {
  const intent = world.tables.paymentIntents.get(id);
  const held = intent && heldCharge(world, intent);
  if (!held) return;
  emit(world, "charge.expired", held);
  cancelIntent(world, intent, "automatic");
}

function heldCharge(world: World, intent: Stripe.PaymentIntent): Stripe.Charge | null {
  if (intent.status !== "requires_capture") return null;
  return world.tables.charges.get(idOrNull(intent.latest_charge) ?? "") ?? null;
}
