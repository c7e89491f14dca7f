import { and, eq, isNull } from "drizzle-orm";
import { db } from "#db/client.ts";
import { workspaces } from "#db/schema/accounts.ts";
import { stripeEvents } from "#db/schema/billing.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { findCustomerOf } from "#lib/billing/customers.ts";
import { type Operator, requireOperatorRole } from "#lib/billing/operator.ts";
import { type Reconciled, reconcileCustomer } from "#lib/billing/reconcile.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { AppError, invalidInput, notFound } from "#lib/ground/errors.ts";
import { enqueue } from "#lib/ground/queue.ts";
import { grantCredit } from "#lib/usage/grants.ts";

/**
 * Has an event processed again, whatever became of it. Asked twice before it runs, it runs once.
 * @returns queued: false when it was waiting already
 * @throws AppError not_found
 */
export async function replayEvent(
  operator: Operator,
  eventId: string,
  at: Date,
): Promise<{ queued: boolean }> {
  requireOperatorRole(operator);
  return db().transaction(async (tx) => {
    const [event] = await tx
      .select({ state: stripeEvents.state, type: stripeEvents.type })
      .from(stripeEvents)
      .where(eq(stripeEvents.id, eventId))
      .for("update");
    if (event === undefined) throw notFound("event");
    await tx
      .update(stripeEvents)
      .set({ state: "received", processedAt: null, attempts: 0 })
      .where(eq(stripeEvents.id, eventId));
    const queued = await enqueue(tx, "stripe.event", { eventId }, { uniqueKey: eventId });
    if (!queued) return { queued };
    const data = { type: event.type, was: event.state };
    const entry = { action: "stripe_event.replayed", actorUserId: operator.userId, target: eventId, data };
    await recordAudit(tx, entry, at);
    return { queued };
  });
}

/**
 * Brings a workspace to what Stripe has, at once.
 * @throws AppError not_found (nobody ever paid, or deleted at Stripe), billing_unavailable
 */
export async function syncNow(operator: Operator, workspaceId: string, at: Date): Promise<void> {
  requireOperatorRole(operator);
  const customerId = await findCustomerOf(db(), workspaceId);
  if (customerId === null)
    throw new AppError("not_found", { message: "Stripe has no customer for this workspace." });
  await syncCustomer(customerId);
  const action = "customer.synced";
  await recordAudit(db(), { action, actorUserId: operator.userId, workspaceId, target: customerId }, at);
}

/**
 * Puts a customer's books right, and closes their finding in the operator's name. What a sync cannot put right is left.
 * @throws AppError billing_unavailable
 */
export async function fixDrift(operator: Operator, customerId: string): Promise<Reconciled> {
  requireOperatorRole(operator);
  return reconcileCustomer(customerId, { mode: "fix", fixedBy: operator.userId });
}

/**
 * Has one customer, or all of them, held against Stripe by a job; what differs becomes a finding, and nothing is changed.
 * @param customerId null for all
 */
export async function checkNow(operator: Operator, customerId: string | null, at: Date): Promise<void> {
  requireOperatorRole(operator);
  const mode = "note";
  await db().transaction(async (tx) => {
    if (customerId === null) await enqueue(tx, "billing.sweep", { mode });
    else await enqueue(tx, "billing.reconcile", { customerId, mode }, { uniqueKey: `${customerId}:${mode}` });
    const target = customerId ?? "all customers";
    await recordAudit(tx, { action: "drift.checked", actorUserId: operator.userId, target }, at);
  });
}

/** Credit that an operator gives. The nonce comes with the form, so that sending it twice gives once. */
export type Gift = {
  workspaceId: string;
  /** Integer micro-USD. */
  amountMicros: number;
  expiresAt: Date;
  reason: string;
  nonce: string;
};

/**
 * Gives credit by hand (M1, kind manual), once a form.
 * @returns given: false when this form had been sent before
 * @throws AppError not_found, invalid_input
 */
export async function giveCredit(operator: Operator, gift: Gift, at: Date): Promise<{ given: boolean }> {
  requireOperatorRole(operator);
  const { workspaceId, amountMicros, expiresAt, reason, nonce } = gift;
  if (expiresAt <= at)
    throw invalidInput([{ path: "expiresOn", message: "Choose a day that is still to come." }]);
  return db().transaction(async (tx) => {
    const [workspace] = await tx
      .select({ id: workspaces.id })
      .from(workspaces)
      .where(and(eq(workspaces.id, workspaceId), isNull(workspaces.deletionStartedAt)));
    if (workspace === undefined) throw notFound("workspace");
    const sourceKey = `manual:${nonce}`;
    const grant = { kind: "manual" as const, amountMicros, startsAt: at, expiresAt, sourceKey };
    const { granted } = await grantCredit(tx, workspaceId, grant, at);
    if (!granted) return { given: false };
    const data = { amountMicros, expiresAt: expiresAt.toISOString(), reason };
    const entry = {
      action: "credit.given",
      actorUserId: operator.userId,
      workspaceId,
      target: sourceKey,
      data,
    };
    await recordAudit(tx, entry, at);
    return { given: true };
  });
}
