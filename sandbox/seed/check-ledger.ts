import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";

/**
 * Checks the ledger of every workspace (M4): the balance equals the sum of its entries and the remaining
 * amounts of its grants, held credit equals its open holds, and daily rollups equal the sums of the request
 * log.
 * @returns one sentence per error
 */
export async function findLedgerErrors(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ error: string }>(sql`
    select 'Workspace ' || workspace_id || ': balance ' || balance_micros || ', entries ' || entries || ', grants ' || granted
        as error
      from (select b.workspace_id, b.balance_micros,
          (select coalesce(sum(amount_micros), 0) from ledger_entries e where e.workspace_id = b.workspace_id) as entries,
          (select coalesce(sum(remaining_micros), 0) from grants g where g.workspace_id = b.workspace_id) as granted
        from balances b) as totals
      where balance_micros <> entries or balance_micros <> granted
    union all
    select 'Workspace ' || workspace_id || ' holds ' || held_micros from balances b
      where held_micros <> (select coalesce(sum(amount_micros), 0) from holds h
        where h.workspace_id = b.workspace_id and h.state = 'held')
    union all
    select 'The rollups of workspace ' || coalesce(d.workspace_id, i.workspace_id) || ' differ from its request log'
      from (select workspace_id, sum(requests) as requests, sum(charged_micros) as charged
        from usage_daily group by workspace_id) d
      full join (select workspace_id, count(*) as requests, sum(charged_micros) as charged
        from openai_interactions where hold_id is not null group by workspace_id) i using (workspace_id)
      where d.requests is distinct from i.requests or d.charged is distinct from i.charged`);
  return rows.map((row) => row.error);
}
