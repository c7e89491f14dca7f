import { z } from "zod";
import type { Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { chargeableStatuses } from "#lib/billing/customer/subscription-statuses.ts";
import { decideDefaultCard } from "#lib/billing/sync/decide-default-card.ts";
import { recordCardChoice, setDefaultCard } from "#lib/gateways/stripe/card-change.ts";
import { setScheduledCard } from "#lib/gateways/stripe/schedules.ts";

/**
 * Applies the newest card that a user chose on our page, under the customer's lock. It does not depend on the
 * browser returning, and each choice is applied once.
 * @returns whether Stripe's state has changed
 * @throws AppError billing_unavailable
 */
export async function syncDefaultCard(
  tx: Tx,
  workspaceId: string,
  state: CustomerState,
  at: Date,
): Promise<boolean> {
  const decision = decideDefaultCard(state);
  if (decision === null) return false;
  const { customerId } = state;
  const { methodId, choice, userId } = decision;
  if (decision.kind === "skip") {
    await recordCardChoice(customerId, choice);
    return false;
  }
  const chargeable = state.subscriptions.filter(({ status }) => chargeableStatuses.has(status));
  const subscriptionIds = chargeable.map(({ id }) => id);
  if (!(await setDefaultCard(customerId, subscriptionIds, methodId, choice))) return false;
  const actorUserId = z.uuid().safeParse(userId).data ?? null;
  const entry = { action: "card.changed", actorUserId, workspaceId, target: methodId };
  await recordAudit(tx, entry, at);
  return true;
}

/**
 * Writes each subscription's card to its schedule. A schedule keeps the card from its creation and would
 * restore it when its next phase begins. Under the customer's lock.
 * @throws AppError billing_unavailable
 */
export async function syncScheduledCards({ subscriptions, scheduled }: CustomerState): Promise<void> {
  for (const { id, scheduleId, card } of subscriptions) {
    const next = scheduled.get(id);
    if (scheduleId === null || next === undefined || card === null) continue;
    if (next.cardMethodId !== card.methodId) await setScheduledCard(scheduleId, card.methodId);
  }
}
