import { connect } from "#db/client.ts";

export type LedgerSummary = {
  answers: number;
  chargedMicros: number;
  entries: number;
  /** Sentences about what is not exact; empty if all is. */
  problems: string[];
};

type Row = {
  answers: number;
  charged: number;
  entries: number;
  balances: number;
  held: number;
  holds: number;
  running: number;
  uncharged: number;
  unspent: number;
  grants: number;
};

const settleMs = 30_000;

/**
 * Compares balances, holds, charges and the request log of every workspace, when the last answers are
 * settled.
 * @param expectedAnswers how many answers the clients have received
 */
export async function checkLedger(databaseUrl: string, expectedAnswers: number): Promise<LedgerSummary> {
  const { sql } = connect(databaseUrl, { max: 1 });
  try {
    const until = Date.now() + settleMs;
    let row = await readLedger(sql);
    while (Date.now() < until && row.holds + row.running > 0) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      row = await readLedger(sql);
    }
    return {
      answers: row.answers,
      chargedMicros: row.charged,
      entries: row.entries,
      problems: [
        ...problem(row.balances, "balances differ from the sum of their ledger entries"),
        ...problem(row.held, "workspaces still have held credit"),
        ...problem(row.holds, "holds are still open"),
        ...problem(row.running, "generations still run"),
        ...problem(row.uncharged, "settled holds differ from the request log"),
        ...problem(row.unspent, "settled holds differ from their ledger entries"),
        ...problem(row.grants, "grants differ from their ledger entries"),
        ...problem(
          row.answers - expectedAnswers,
          `more or fewer answers than the ${expectedAnswers} received`,
        ),
      ],
    };
  } finally {
    await sql.end();
  }
}

function problem(count: number, text: string): string[] {
  return count === 0 ? [] : [`${count} ${text}`];
}

async function readLedger(sql: ReturnType<typeof connect>["sql"]): Promise<Row> {
  const [row] = await sql<Row[]>`
    select
      (select count(*) from openai_interactions where purpose = 'chat' and outcome = 'done')::int as answers,
      (select coalesce(sum(charged_micros), 0) from openai_interactions)::float8 as charged,
      (select count(*) from ledger_entries)::int as entries,
      (select count(*) from balances b where balance_micros <>
        (select coalesce(sum(amount_micros), 0) from ledger_entries e where e.workspace_id = b.workspace_id))::int as balances,
      (select count(*) from balances where held_micros <> 0)::int as held,
      (select count(*) from holds where state = 'held')::int as holds,
      (select count(*) from generations where status = 'running')::int as running,
      (select count(*) from holds h full join (select * from openai_interactions where hold_id is not null) i on i.hold_id = h.id
        where h.state is distinct from 'released' and h.charged_micros is distinct from i.charged_micros)::int as uncharged,
      (select count(*) from holds h where h.state = 'settled' and h.charged_micros <>
        (select coalesce(-sum(amount_micros), 0) from ledger_entries e where e.hold_id = h.id))::int as unspent,
      (select count(*) from grants g where g.remaining_micros <>
        (select coalesce(sum(amount_micros), 0) from ledger_entries e where e.grant_id = g.id))::int as grants`;
  if (row === undefined) throw new Error("The ledger could not be read.");
  return row;
}
