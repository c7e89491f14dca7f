import { z } from "zod";
import type { Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { decideCard } from "#lib/billing/decide-card.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { adoptCard, noteCardChoice } from "#lib/gateways/stripe-cards.ts";
import { setScheduledCard } from "#lib/gateways/stripe-changes.ts";

/** Subscriptions that are charged again; the others cannot be changed any more, or not yet. */
const charged = new Set(["active", "trialing", "past_due", "unpaid", "paused"]);

/**
 * Carries out the newest choice of a card that was made in our page, under the customer's lock. It does so also when the
 * browser never came back, and once for all copies of ours.
 * @returns whether Stripe's state is another one now
 * @throws AppError billing_unavailable
 */
export async function settleCard(
  tx: Tx,
  workspaceId: string,
  state: CustomerState,
  at: Date,
): Promise<boolean> {
  const decision = decideCard(state);
  if (decision === null) return false;
  const { customerId } = state;
  const { methodId, note, userId } = decision;
  if (decision.kind === "pass") {
    await noteCardChoice(customerId, note);
    return false;
  }
  const subscriptionIds = state.subscriptions.filter(({ status }) => charged.has(status)).map(({ id }) => id);
  if (!(await adoptCard(customerId, subscriptionIds, methodId, note))) return false;
  const actorUserId = z.uuid().safeParse(userId).data ?? null;
  const entry = { action: "card.changed", actorUserId, workspaceId, target: methodId };
  await recordAudit(tx, entry, at);
  return true;
}

/**
 * A schedule holds the card that its subscription had when it was made, and puts it back when its next phase begins. So whatever
 * card a subscription has been given since, here or at Stripe, is told to its schedule. Under the customer's lock.
 * @throws AppError billing_unavailable
 */
export async function settleScheduledCards({ subscriptions, scheduled }: CustomerState): Promise<void> {
  for (const { id, scheduleId, card } of subscriptions) {
    const next = scheduled.get(id);
    if (scheduleId === null || next === undefined || card === null) continue;
    if (next.cardMethodId !== card.methodId) await setScheduledCard(scheduleId, card.methodId);
  }
}
