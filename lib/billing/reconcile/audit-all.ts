import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { closeDatabase, db } from "#db/client.ts";
import type { AuditFinding } from "#lib/billing/audit/facts.ts";
import { listWorkspaces } from "#lib/billing/audit/read-ledger.ts";
import { auditNow } from "#lib/billing/reconcile/run-audit.ts";

type AuditAllOptions = {
  /** Only this workspace; null for all. */
  workspaceId: string | null;
  /** Continues behind this workspace, after an interrupted run. */
  after: string | null;
  report: (line: string) => void;
};

/**
 * Audits every workspace, one by one, and reports each finding as one row of a table. Changes and records
 * nothing.
 * @returns the number of workspaces and findings
 * @throws AppError billing_unavailable; the last reported workspace tells where to continue
 */
export async function auditAll(options: AuditAllOptions): Promise<{ workspaces: number; findings: number }> {
  const { workspaceId, after, report } = options;
  const totals = { workspaces: 0, findings: 0 };
  const ids = workspaceId === null ? listWorkspaces(db(), after) : [workspaceId];
  for await (const id of ids) {
    const result = await auditNow(id).catch((error: unknown) => {
      report(
        `The audit stopped at workspace ${id}. Continue with --after ${id}, or audit it with --workspace ${id}.`,
      );
      throw error;
    });
    if (result === null) continue;
    if (totals.findings === 0 && result.findings.length > 0) report(toRow(header));
    for (const finding of result.findings) {
      report(toRow(cellsOf(finding)));
      report(`  ${finding.explanation}`);
    }
    totals.workspaces += 1;
    totals.findings += result.findings.length;
  }
  report(`${totals.workspaces} workspaces audited, ${totals.findings} differences`);
  return totals;
}

const header = ["kind", "workspace", "customer", "expected", "actual"];
const widths = [14, 37, 22, 28, 0];

function cellsOf({ kind, workspaceId, customerId, expected, actual }: AuditFinding): string[] {
  return [kind, workspaceId, customerId, expected, actual];
}

function toRow(cells: readonly string[]): string {
  return cells
    .map((cell, index) => `${cell.padEnd(widths[index] ?? 0)} `)
    .join("")
    .trimEnd();
}

/** Runs `npm run billing:audit`; exit code 1 when there are differences. */
async function run(): Promise<void> {
  const { values } = parseArgs({ options: { workspace: { type: "string" }, after: { type: "string" } } });
  const report = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    const selection = { workspaceId: values.workspace ?? null, after: values.after ?? null };
    const { findings } = await auditAll({ ...selection, report });
    process.exitCode = findings > 0 ? 1 : 0;
  } finally {
    await closeDatabase();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run();
