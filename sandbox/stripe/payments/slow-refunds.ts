import type Stripe from "stripe";
import { moveBalance } from "#sandbox/stripe/payments/balance.ts";
import { refundOf } from "#sandbox/stripe/payments/refund-behavior.ts";
import { addRefunded, findRefund } from "#sandbox/stripe/payments/refunds.ts";
import { amend, clockOf, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Duration of a delayed refund, in seconds. */
const slowSeconds = 60;

/** When a delayed refund finishes, with its clock; null if it is finished. */
export function refundDue(world: World, refund: Stripe.Refund): { at: number; clock: string | null } | null {
  const charge = world.tables.charges.get(idOrNull(refund.charge) ?? "");
  const behaviour = charge && refundOf(world, charge);
  const isUnderWay =
    (behaviour === "later" && refund.status === "pending") ||
    (behaviour === "fails" && refund.status === "succeeded" && refund.balance_transaction !== null);
  if (!isUnderWay) return null;
  return { at: refund.created + slowSeconds, clock: clockOf(world, idOrNull(refund.customer)) };
}

/** Completes or fails a delayed refund. */
export function settleRefund(world: World, id: string): void {
  const refund = findRefund(world, id);
  const charge = world.tables.charges.get(idOrNull(refund.charge) ?? "");
  if (!charge) return;
  if (refund.status === "pending") {
    amend(world, world.tables.refunds, id, { status: "succeeded" }, "refund.updated");
    return;
  }
  const movement = moveBalance(world, {
    amount: refund.amount,
    fee: 0,
    currency: refund.currency,
    description: `REFUND FAILURE (${charge.description ?? charge.id})`,
    source: id,
    type: "refund_failure",
    category: "refund_failure",
    at: nowFor(world, idOrNull(refund.customer)),
  });
  const patch = {
    failure_balance_transaction: movement.id,
    failure_reason: "unknown",
    status: "failed",
  };
  const failed = amend(world, world.tables.refunds, id, patch, "refund.failed");
  emit(world, "refund.updated", failed, { status: "succeeded" });
  emit(world, "charge.refund.updated", failed, { status: "succeeded" });
  addRefunded(world, charge, -refund.amount, "charge.updated");
}
