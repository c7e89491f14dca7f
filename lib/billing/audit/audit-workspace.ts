import type { Tx } from "#db/client.ts";
import { compareBalance } from "#lib/billing/audit/compare-balance.ts";
import {
  compareGrace,
  compareLedger,
  comparePlanCredit,
  compareTopUps,
} from "#lib/billing/audit/compare-credit.ts";
import { compareDecisions, comparePlan, compareTrials } from "#lib/billing/audit/compare-plan.ts";
import type { AuditFinding } from "#lib/billing/audit/facts.ts";
import { readLedger, readWorkspace } from "#lib/billing/audit/read-ledger.ts";
import { readStripe } from "#lib/billing/audit/read-stripe.ts";

/** The result of an audit: the workspace's present customer, and the differences found. */
export type AuditResult = { workspaceId: string; customerId: string; findings: AuditFinding[] };

/**
 * Audits one workspace: compares the money paid for periods and top-ups, read directly from Stripe, with the
 * credit in our ledger, and the effective plan with the highest paid plan. It changes nothing and shares no
 * rule with the code that grants credit, so that both do not have the same defect.
 * @param effectivePlan the plan that the product applies to the workspace at `at`
 * @returns null for a workspace that never had a customer
 * @throws AppError billing_unavailable
 */
export async function auditWorkspace(
  tx: Tx,
  workspaceId: string,
  effectivePlan: string,
  at: Date,
): Promise<AuditResult | null> {
  const workspace = await readWorkspace(tx, workspaceId);
  if (workspace === null) return null;
  const { customerId, customerIds, invoiceIds } = workspace;
  const stripe = await readStripe(customerIds, invoiceIds);
  const ledger = await readLedger(tx, workspaceId);
  const atMs = at.getTime();
  const deviations = [
    ...comparePlanCredit(stripe, ledger, atMs),
    ...compareTopUps(stripe, ledger),
    ...compareTrials(stripe, ledger, atMs),
    ...compareGrace(stripe, ledger, atMs),
    ...comparePlan(stripe, effectivePlan, atMs),
    ...compareDecisions(stripe, ledger),
    ...compareBalance(stripe, ledger, atMs),
    ...compareLedger(ledger),
  ];
  const findings = deviations.map((deviation) => ({ workspaceId, customerId, ...deviation }));
  return { workspaceId, customerId, findings };
}
