import { db, type Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import type { Difference } from "#lib/billing/credit-differences.ts";
import { withCustomerLock } from "#lib/billing/customer-lock.ts";
import { findWorkspaceOf } from "#lib/billing/customers.ts";
import { differencesOf } from "#lib/billing/differences.ts";
import { noteDrift } from "#lib/billing/drift-rows.ts";
import { type CustomerState, fetchCustomer } from "#lib/billing/fetch-customer.ts";
import { readBooks } from "#lib/billing/read-books.ts";
import { adoptStray, judgeStray, type Stray } from "#lib/billing/stray-customers.ts";
import { applyCustomer } from "#lib/billing/sync.ts";
import { raiseAlert } from "#lib/ground/alerts.ts";
import { now } from "#lib/ground/clock.ts";
import { addToEvent } from "#lib/ground/log.ts";

/** Look: say what differs, and leave no trace. Note: leave a finding. Fix: put it right, and leave a finding of what was. */
export type ReconcileMode = "look" | "note" | "fix";

/** What differed, and what of it still does. */
export type Reconciled = { found: Difference[]; left: Difference[] };

type How = {
  mode: ReconcileMode;
  /** The operator who asks for it; null for the sweep. */
  fixedBy?: string | null;
};

/**
 * Holds what we say of a customer against what Stripe says, and puts ours right by the same writing that every sync does. What
 * a sync cannot put right stays an open finding, and the operator is told of it.
 * @throws AppError billing_unavailable; then nothing has changed and it may be called again
 */
export async function reconcileCustomer(customerId: string, how: How): Promise<Reconciled> {
  const workspaceId = await findWorkspaceOf(db(), customerId);
  const outcome =
    workspaceId === null
      ? await reconcileStray(customerId, how)
      : await withCustomerLock(workspaceId, (tx) => converge(tx, { customerId, workspaceId }, how, []));
  addToEvent({ drift: outcome.found.length, driftLeft: outcome.left.length });
  if (how.mode === "fix" && outcome.left.length > 0) await tellOperator(customerId, outcome.left);
  return outcome;
}

type Whose = { customerId: string; workspaceId: string };

async function converge(tx: Tx, whose: Whose, how: How, before: Difference[]): Promise<Reconciled> {
  const { customerId, workspaceId } = whose;
  const { mode, fixedBy = null } = how;
  const theirs = await fetchCustomer(customerId);
  const at = now();
  const found = [...before, ...differencesOf(await readBooks(tx, workspaceId), theirs, at)];
  if (mode === "look") return { found, left: found };
  if (mode === "fix") await applyCustomer(tx, workspaceId, theirs, at);
  const left = mode === "fix" ? await whatIsLeft(tx, whose, theirs, at) : found;
  await noteDrift(tx, { ...whose, found, left, fixedBy }, at);
  if (mode === "fix" && fixedBy !== null) await recordFix(tx, whose, { found, left }, fixedBy, at);
  return { found, left };
}

/** Writing may change things at Stripe too (a trial that is refused ends there), so what seems to be left is fetched anew. */
async function whatIsLeft(
  tx: Tx,
  { customerId, workspaceId }: Whose,
  theirs: CustomerState,
  at: Date,
): Promise<Difference[]> {
  const books = await readBooks(tx, workspaceId);
  const left = differencesOf(books, theirs, at);
  return left.length === 0 ? left : differencesOf(books, await fetchCustomer(customerId), at);
}

async function recordFix(tx: Tx, whose: Whose, { found, left }: Reconciled, fixedBy: string, at: Date) {
  const { customerId, workspaceId } = whose;
  const data = { found: found.map(({ what }) => what), left: left.map(({ what }) => what) };
  const entry = { action: "drift.fixed", actorUserId: fixedBy, workspaceId, target: customerId, data };
  await recordAudit(tx, entry, at);
}

/** A customer that names a workspace of ours and that we do not know: made ours where nothing speaks against it. */
async function reconcileStray(customerId: string, how: How): Promise<Reconciled> {
  const stray = await judgeStray(customerId);
  if (stray === null) return { found: [], left: [] };
  const { workspaceId, adopt } = stray;
  const found = [differenceOf(customerId, stray)];
  if (workspaceId === null || !adopt) {
    if (how.mode !== "look")
      await noteDrift(db(), { customerId, workspaceId, found, left: found, fixedBy: null }, now());
    return { found, left: found };
  }
  return withCustomerLock(workspaceId, async (tx) => {
    if (how.mode === "fix") await adoptStray(tx, workspaceId, customerId, now());
    return converge(tx, { customerId, workspaceId }, how, found);
  });
}

function differenceOf(customerId: string, { why, running }: Stray): Difference {
  const theirs = running.length === 0 ? "there" : `there, with ${running.join(" and ")}`;
  return { what: `Customer ${customerId}`, ours: `not here, and ${why}`, theirs };
}

async function tellOperator(customerId: string, left: Difference[]): Promise<void> {
  await raiseAlert({
    key: "billing.drift",
    title: "Drift found: Stripe and our books differ, and a sync cannot put it right",
    detail: `Customer ${customerId}: ${left.map(({ what }) => what).join("; ")}. See /operator/drift.`,
  });
}
