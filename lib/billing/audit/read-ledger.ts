import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { LedgerFacts, LedgerGrant } from "#lib/billing/audit/facts.ts";

const pageSize = 200;

/** A workspace with its present customer, all its customers, and the invoices in our tables. */
export type AuditedWorkspace = {
  workspaceId: string;
  customerId: string;
  customerIds: string[];
  invoiceIds: string[];
};

/**
 * Lists every workspace that ever had a customer at Stripe, by id, a page at a time.
 * @param after the last workspace of an earlier run, to continue behind it
 */
export async function* listWorkspaces(tx: Tx, after: string | null): AsyncGenerator<string> {
  let last = after;
  while (true) {
    const page = await tx.execute<{ id: string }>(sql`
      select id from (
        select workspace_id as id from billing_customers union select workspace_id from former_customers
      ) as audited
      where ${last}::uuid is null or id > ${last}::uuid
      order by id limit ${pageSize}`);
    for (const { id } of page) yield id;
    last = page.at(-1)?.id ?? null;
    if (page.length < pageSize) return;
  }
}

/** Reads which customers and invoices a workspace has; null for one that never had a customer. */
export async function readWorkspace(tx: Tx, workspaceId: string): Promise<AuditedWorkspace | null> {
  const [row] = await tx.execute<{ customerId: string | null; former: string[]; invoiceIds: string[] }>(sql`
    select
      (select stripe_customer_id from billing_customers where workspace_id = w.id) as "customerId",
      array(select stripe_customer_id from former_customers where workspace_id = w.id order by 1) as former,
      array(select id from invoices where workspace_id = w.id order by 1) as "invoiceIds"
    from (values (${workspaceId}::uuid)) as w(id)`);
  if (row === undefined) return null;
  const { former, invoiceIds } = row;
  const customerId = row.customerId ?? former.at(-1);
  if (customerId === undefined) return null;
  return { workspaceId, customerId, customerIds: [...new Set([customerId, ...former])], invoiceIds };
}

/** Reads the credit that a workspace was granted, without that of the Free plan, and its balance. */
export async function readLedger(tx: Tx, workspaceId: string): Promise<LedgerFacts> {
  const grants = await tx.execute<LedgerGrant>(sql`
    select kind, source_key as "sourceKey", amount_micros::float8 as "amountMicros",
      remaining_micros::float8 as "remainingMicros", spent_micros::float8 as "spentMicros",
      expired_micros::float8 as "expiredMicros", taken_back_micros::float8 as "takenBackMicros",
      (extract(epoch from starts_at) * 1000)::float8 as "startsMs",
      (extract(epoch from expires_at) * 1000)::float8 as "expiresMs"
    from grants where workspace_id = ${workspaceId}::uuid and source_key not like 'free:%'
    order by starts_at, source_key`);
  const [facts] = await tx.execute<Omit<LedgerFacts, "grants">>(sql`
    select coalesce((select balance_micros from balances where workspace_id = w.id), 0)::float8 as "balanceMicros",
      coalesce((select sum(amount_micros) from ledger_entries where workspace_id = w.id), 0)::float8
        as "entriesMicros",
      exists (select from billing_drift where workspace_id = w.id and source = 'sync' and fixed_at is null)
        as "hasOpenDecision"
    from (values (${workspaceId}::uuid)) as w(id)`);
  if (facts === undefined) throw new Error("A select without a condition returned no row.");
  return { ...facts, grants: [...grants] };
}
