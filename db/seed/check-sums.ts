import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";

/**
 * Whether the books balance (M4), workspace by workspace: the balance is the sum of its entries and of what its grants
 * have left, nothing is held, and the daily sums are those of the requests.
 * @returns a sentence for each thing that does not
 */
export async function checkSums(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ problem: string }>(sql`
    select 'Workspace ' || workspace_id || ': balance ' || balance_micros || ', entries ' || entries || ', grants ' || left_over
        as problem
      from (select b.workspace_id, b.balance_micros,
          (select coalesce(sum(amount_micros), 0) from ledger_entries e where e.workspace_id = b.workspace_id) as entries,
          (select coalesce(sum(remaining_micros), 0) from grants g where g.workspace_id = b.workspace_id) as left_over
        from balances b) as books
      where balance_micros <> entries or balance_micros <> left_over
    union all
    select 'Workspace ' || workspace_id || ' holds ' || held_micros from balances b
      where held_micros <> (select coalesce(sum(amount_micros), 0) from holds h
        where h.workspace_id = b.workspace_id and h.state = 'held')
    union all
    select 'The days of workspace ' || coalesce(d.workspace_id, i.workspace_id) || ' differ from its requests'
      from (select workspace_id, sum(requests) as requests, sum(charged_micros) as charged
        from usage_daily group by workspace_id) d
      full join (select workspace_id, count(*) as requests, sum(charged_micros) as charged
        from openai_interactions where hold_id is not null group by workspace_id) i using (workspace_id)
      where d.requests is distinct from i.requests or d.charged is distinct from i.charged`);
  return rows.map((row) => row.problem);
}
