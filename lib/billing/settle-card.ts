import { z } from "zod";
import type { Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { decideCard } from "#lib/billing/decide-card.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { adoptCard, noteCardChoice } from "#lib/gateways/stripe-cards.ts";

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
