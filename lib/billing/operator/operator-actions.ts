import { and, eq, isNull } from "drizzle-orm";
import { db } from "#db/client.ts";
import { workspaces } from "#db/schema/accounts.ts";
import { stripeEvents } from "#db/schema/billing.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { findCustomerId, findWorkspaceOfCustomer } from "#lib/billing/customer/customers.ts";
import { type Operator, requireOperatorRole } from "#lib/billing/operator/operator-role.ts";
import { type ReconcileResult, reconcileCustomer } from "#lib/billing/reconcile/reconcile-customer.ts";
import { auditAndRecord } from "#lib/billing/reconcile/run-audit.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { AppError, errorReason, fieldProblem, invalidInput, notFound } from "#lib/core/errors.ts";
import { enqueue } from "#lib/core/queue.ts";
import { grantCredit } from "#lib/usage/grants.ts";

/**
 * Enqueues an event again, whatever its state. Repeated calls before it runs enqueue it once.
 * @returns queued: false when it was already enqueued
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
 * Syncs a workspace with Stripe immediately.
 * @throws AppError not_found (no customer, or deleted at Stripe), billing_unavailable
 */
export async function syncNow(operator: Operator, workspaceId: string, at: Date): Promise<void> {
  requireOperatorRole(operator);
  const customerId = await findCustomerId(db(), workspaceId);
  if (customerId === null) throw new AppError("not_found", { reason: errorReason("noStripeCustomer") });
  await syncCustomer(customerId);
  const action = "customer.synced";
  await recordAudit(db(), { action, actorUserId: operator.userId, workspaceId, target: customerId }, at);
}

/**
 * Fixes a customer's drift, closes the finding in the operator's name, and audits the customer again.
 * Differences that a sync cannot fix remain.
 * @throws AppError billing_unavailable
 */
export async function fixDrift(operator: Operator, customerId: string): Promise<ReconcileResult> {
  requireOperatorRole(operator);
  const { found, left } = await reconcileCustomer(customerId, { mode: "fix", fixedBy: operator.userId });
  const workspaceId = await findWorkspaceOfCustomer(db(), customerId);
  const audited = workspaceId === null ? [] : await auditAndRecord(workspaceId, true);
  return { found, left: [...left, ...audited] };
}

/**
 * Enqueues a check of one customer or of all; differences become findings, and nothing is changed.
 * @param customerId null for all
 */
export async function checkNow(operator: Operator, customerId: string | null, at: Date): Promise<void> {
  requireOperatorRole(operator);
  const mode = "note";
  await db().transaction(async (tx) => {
    if (customerId === null) {
      await enqueue(tx, "billing.sweep", { mode });
      await enqueue(tx, "billing.audit", {});
    } else
      await enqueue(tx, "billing.reconcile", { customerId, mode }, { uniqueKey: `${customerId}:${mode}` });
    const target = customerId ?? "all customers";
    await recordAudit(tx, { action: "drift.checked", actorUserId: operator.userId, target }, at);
  });
}

/** Credit that an operator grants. The nonce is part of the form, so that submitting it twice grants once. */
export type Gift = {
  workspaceId: string;
  /** Integer micro-USD. */
  amountMicros: number;
  expiresAt: Date;
  reason: string;
  nonce: string;
};

/**
 * Grants credit manually (M1, kind manual), once per form.
 * @returns given: false when this form was submitted before
 * @throws AppError not_found, invalid_input
 */
export async function giveCredit(operator: Operator, gift: Gift, at: Date): Promise<{ given: boolean }> {
  requireOperatorRole(operator);
  const { workspaceId, amountMicros, expiresAt, reason, nonce } = gift;
  if (expiresAt <= at) throw invalidInput([fieldProblem("expiresOn", "dateInPast")]);
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
