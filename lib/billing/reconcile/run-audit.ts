import { db } from "#db/client.ts";
import { type AuditResult, auditWorkspace } from "#lib/billing/audit/audit-workspace.ts";
import type { AuditFinding } from "#lib/billing/audit/facts.ts";
import { listWorkspaces } from "#lib/billing/audit/read-ledger.ts";
import { type Difference, recordDrift } from "#lib/billing/customer/record-drift.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { readSubscription } from "#lib/billing/entitlements/subscription-state.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { addToEvent } from "#lib/core/log.ts";
import { enqueue } from "#lib/core/queue.ts";

/** A payment may be minutes older than its credit, so a difference counts only if it is still there then. */
const confirmAfterSeconds = 900;

/** Enqueues an audit of every workspace that ever had a customer at Stripe. Safe to repeat. */
export async function enqueueAudits(): Promise<void> {
  let enqueued = 0;
  for await (const workspaceId of listWorkspaces(db(), null)) {
    await enqueue(db(), "billing.audit-workspace", { workspaceId }, { uniqueKey: workspaceId });
    enqueued += 1;
  }
  addToEvent({ workspaces: enqueued });
}

/**
 * Audits a workspace. Differences are looked at a second time after some minutes; those that remain are
 * recorded for the operator, who is alerted to new ones. An audit without differences closes the finding.
 * @returns the recorded differences
 * @throws AppError billing_unavailable; then nothing was recorded
 */
export async function auditAndRecord(workspaceId: string, isSecondLook: boolean): Promise<Difference[]> {
  const result = await auditNow(workspaceId);
  if (result === null) return [];
  const { customerId, findings } = result;
  addToEvent({ workspaceId, auditFindings: findings.length });
  if (findings.length > 0 && !isSecondLook) {
    const data = { workspaceId, isSecondLook: true };
    const options = { uniqueKey: `${workspaceId}:second`, startAfter: confirmAfterSeconds };
    await enqueue(db(), "billing.audit-workspace", data, options);
    return [];
  }
  const found = findings.map(toDifference);
  const drift = { source: "audit" as const, customerId, workspaceId, found, left: found, fixedBy: null };
  const isNew = await db().transaction((tx) => recordDrift(tx, drift, now()));
  if (isNew) await alertOnFindings(customerId, findings);
  return found;
}

/** Audits a workspace now, with the plan that the product applies to it; records nothing. */
export async function auditNow(workspaceId: string): Promise<AuditResult | null> {
  const at = now();
  const { plan } = entitlementsOf(await readSubscription(db(), workspaceId), at);
  return auditWorkspace(db(), workspaceId, plan, at);
}

/** Names of what is compared, for the operator. */
const titles: Record<AuditFinding["kind"], string> = {
  plan_credit: "Plan credit",
  top_up_credit: "Top-up credit",
  trial_credit: "Trial credit",
  grace_credit: "Grace credit",
  plan: "Plan",
  undecided: "Needs a decision",
  ledger: "Ledger",
};

function toDifference({ kind, actual, expected, explanation }: AuditFinding): Difference {
  return { what: `${titles[kind]}: ${explanation}`, ours: actual, theirs: expected };
}

async function alertOnFindings(customerId: string, findings: readonly AuditFinding[]): Promise<void> {
  await raiseAlert({
    key: `billing.audit:${customerId}`,
    title: "Audit: the credit of a customer does not match the money paid for it",
    detail: `Customer ${customerId}: ${findings.map(({ explanation }) => explanation).join(" ")} See /operator/drift.`,
  });
}
