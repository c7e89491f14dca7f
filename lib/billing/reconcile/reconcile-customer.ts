import { db, type Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { findWorkspaceOfCustomer } from "#lib/billing/customer/customers.ts";
import { type Difference, recordDrift } from "#lib/billing/customer/record-drift.ts";
import { findDifferences } from "#lib/billing/reconcile/differences.ts";
import { readLocalState } from "#lib/billing/reconcile/local-state.ts";
import {
  classifyOrphan,
  linkCustomer,
  type OrphanedCustomer,
} from "#lib/billing/reconcile/orphaned-customers.ts";
import { fetchCustomer } from "#lib/billing/sync/fetch-customer.ts";
import { applyCustomerState } from "#lib/billing/sync/sync-customer.ts";
import { recordUndecided, undecidedFacts } from "#lib/billing/sync/undecided-facts.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { addToEvent } from "#lib/core/log.ts";
import { traced } from "#lib/core/observability/tracing.ts";

/** look: only return the differences. note: record a finding. fix: sync, and record what was fixed. */
export type ReconcileMode = "look" | "note" | "fix";

/** The differences found, and those that remain. */
export type ReconcileResult = { found: Difference[]; left: Difference[] };

type ReconcileOptions = {
  mode: ReconcileMode;
  /** The operator who requested the fix; null for the sweep. */
  fixedBy?: string | null;
};

/**
 * Compares a customer's rows with Stripe, and in mode "fix" repairs them with the same writes as a sync.
 * Differences that a sync cannot fix remain an open finding, and the operator is alerted.
 * @throws AppError billing_unavailable; then nothing has changed and it may be called again
 */
export const reconcileCustomer = traced(
  "billing.reconcileCustomer",
  async (customerId: string, options: ReconcileOptions): Promise<ReconcileResult> => {
    const workspaceId = await findWorkspaceOfCustomer(db(), customerId);
    const result =
      workspaceId === null
        ? await reconcileOrphan(customerId, options)
        : await withCustomerLock(workspaceId, (tx) => converge(tx, { customerId, workspaceId }, options, []));
    addToEvent({ drift: result.found.length, driftLeft: result.left.length });
    if (options.mode === "fix" && result.left.length > 0) await alertOnDrift(customerId, result.left);
    return result;
  },
);

type Customer = { customerId: string; workspaceId: string };

async function converge(
  tx: Tx,
  customer: Customer,
  options: ReconcileOptions,
  before: Difference[],
): Promise<ReconcileResult> {
  const { customerId, workspaceId } = customer;
  const { mode, fixedBy = null } = options;
  const theirs = await fetchCustomer(customerId);
  const at = now();
  const found = [
    ...before,
    ...findDifferences(await readLocalState(tx, workspaceId, customerId), theirs, at),
  ];
  const undecided = undecidedFacts(theirs);
  if (mode === "look") return { found: [...found, ...undecided], left: [...found, ...undecided] };
  if (mode === "fix") await applyCustomerState(tx, workspaceId, theirs, at);
  else await recordUndecided(tx, workspaceId, theirs, at);
  const left = mode === "fix" ? await findRemaining(tx, customer, theirs, at) : found;
  await recordDrift(tx, { source: "reconcile", ...customer, found, left, fixedBy }, at);
  if (mode === "fix" && fixedBy !== null) await recordFix(tx, customer, { found, left }, fixedBy, at);
  return { found: [...found, ...undecided], left: [...left, ...undecided] };
}

/**
 * Returns the remaining differences. Writing may change Stripe too (a refused trial ends there), so it
 * fetches again if any remain.
 */
async function findRemaining(
  tx: Tx,
  { customerId, workspaceId }: Customer,
  theirs: CustomerState,
  at: Date,
): Promise<Difference[]> {
  const local = await readLocalState(tx, workspaceId, customerId);
  const left = findDifferences(local, theirs, at);
  return left.length === 0 ? left : findDifferences(local, await fetchCustomer(customerId), at);
}

async function recordFix(
  tx: Tx,
  customer: Customer,
  { found, left }: ReconcileResult,
  fixedBy: string,
  at: Date,
) {
  const { customerId, workspaceId } = customer;
  const data = { found: found.map(({ what }) => what), left: left.map(({ what }) => what) };
  const entry = { action: "drift.fixed", actorUserId: fixedBy, workspaceId, target: customerId, data };
  await recordAudit(tx, entry, at);
}

/** Links a customer without a row to the workspace that it names, if possible, and reconciles it. */
async function reconcileOrphan(customerId: string, options: ReconcileOptions): Promise<ReconcileResult> {
  const orphan = await classifyOrphan(customerId);
  if (orphan === null) return { found: [], left: [] };
  const { workspaceId, canLink } = orphan;
  const found = [orphanDifference(customerId, orphan)];
  if (workspaceId === null || !canLink) {
    if (options.mode !== "look")
      await recordDrift(
        db(),
        { source: "reconcile", customerId, workspaceId, found, left: found, fixedBy: null },
        now(),
      );
    return { found, left: found };
  }
  return withCustomerLock(workspaceId, async (tx) => {
    if (options.mode === "fix") await linkCustomer(tx, workspaceId, customerId, now());
    return converge(tx, { customerId, workspaceId }, options, found);
  });
}

function orphanDifference(customerId: string, { reason, ongoing }: OrphanedCustomer): Difference {
  const theirs = ongoing.length === 0 ? "there" : `there, with ${ongoing.join(" and ")}`;
  return { what: `Customer ${customerId}`, ours: `not here, and ${reason}`, theirs };
}

async function alertOnDrift(customerId: string, left: Difference[]): Promise<void> {
  await raiseAlert({
    key: "billing.drift",
    title: "Drift found: Stripe and our tables differ, and a sync cannot fix it",
    detail: `Customer ${customerId}: ${left.map(({ what }) => what).join("; ")}. See /operator/drift.`,
  });
}
