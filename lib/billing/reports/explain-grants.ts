import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";

/**
 * A generation that spent from a grant. Its tokens are null once the request log is deleted, after 90 days.
 */
export type GrantSpend = {
  entryId: number;
  at: Date;
  model: string;
  promptTokens: number | null;
  completionTokens: number | null;
  /** The part spent from this grant, in micro-USD; other grants paid the rest. */
  spentMicros: number;
  chargedMicros: number;
};

/** How a grant was used, summed from its ledger entries. Amounts in micro-USD. */
export type ExplainedGrant = {
  id: string;
  sourceKey: string;
  kind: string;
  startsAt: Date;
  expiresAt: Date;
  grantedMicros: number;
  spentMicros: number;
  expiredMicros: number;
  takenBackMicros: number;
  remainingMicros: number;
  /** Whether the sums of the entries match the grant's row and add up (M4). */
  addsUp: boolean;
  answerCount: number;
  answers: GrantSpend[];
  /** The id of the last returned entry if there are older ones; otherwise null. */
  answersBefore: number | null;
};

type GrantRow = Omit<ExplainedGrant, "startsAt" | "expiresAt" | "addsUp" | "answers" | "answersBefore"> & {
  startsAt: string;
  expiresAt: string;
  matches: boolean;
};

const pageSize = 20;

/**
 * Reads how a workspace's grants with these source keys were used, ordered by start.
 * @param before continues the entries of one grant after the last returned entry
 */
export async function explainGrants(
  tx: Tx,
  workspaceId: string,
  sourceKeys: string[],
  before?: { grantId: string; entryId: number },
): Promise<ExplainedGrant[]> {
  if (sourceKeys.length === 0) return [];
  const keys = sql.join(
    sourceKeys.map((key) => sql`${key}`),
    sql`, `,
  );
  const rows = await tx.execute<GrantRow>(sql`
    select g.id, g.source_key as "sourceKey", g.kind, g.starts_at::text as "startsAt", g.expires_at::text as "expiresAt",
      e.granted as "grantedMicros", e.spent as "spentMicros", e.expired as "expiredMicros", e.taken as "takenBackMicros",
      g.remaining_micros::float8 as "remainingMicros", e.answers as "answerCount",
      (g.amount_micros, g.spent_micros, g.expired_micros, g.taken_back_micros) = (e.granted, e.spent, e.expired, e.taken) as matches
    from grants g cross join lateral (
      select coalesce(sum(amount_micros) filter (where kind = 'grant'), 0)::float8 as granted,
        coalesce(-sum(amount_micros) filter (where kind = 'spend'), 0)::float8 as spent,
        coalesce(-sum(amount_micros) filter (where kind = 'expire'), 0)::float8 as expired,
        coalesce(-sum(amount_micros) filter (where kind in ('take_back', 'restore')), 0)::float8 as taken,
        count(*) filter (where kind = 'spend' and hold_id is not null)::int as answers
      from ledger_entries where grant_id = g.id
    ) e
    where g.workspace_id = ${workspaceId}::uuid and g.source_key in (${keys})
    order by g.starts_at, g.id`);
  return Promise.all(
    rows.map(async ({ matches, startsAt, expiresAt, ...row }) => {
      const after = before?.grantId === row.id ? before.entryId : undefined;
      const answers = await readAnswers(tx, workspaceId, row.id, after);
      const shown = answers.slice(0, pageSize);
      return {
        ...row,
        startsAt: new Date(startsAt),
        expiresAt: new Date(expiresAt),
        addsUp: matches && addsUp(row),
        answers: shown,
        answersBefore: answers.length > pageSize ? (shown.at(-1)?.entryId ?? null) : null,
      };
    }),
  );
}

/** Whether a grant's sums add up (M4). Pure. */
export function addsUp(
  grant: Pick<
    ExplainedGrant,
    "grantedMicros" | "spentMicros" | "expiredMicros" | "takenBackMicros" | "remainingMicros"
  >,
): boolean {
  const { grantedMicros, spentMicros, expiredMicros, takenBackMicros, remainingMicros } = grant;
  return grantedMicros === spentMicros + expiredMicros + takenBackMicros + remainingMicros;
}

async function readAnswers(
  tx: Tx,
  workspaceId: string,
  grantId: string,
  before: number | undefined,
): Promise<GrantSpend[]> {
  const rows = await tx.execute<Omit<GrantSpend, "at"> & { at: string }>(sql`
    select e.id::float8 as "entryId", e.at::text as at, h.model, i.prompt_tokens as "promptTokens",
      i.completion_tokens as "completionTokens", (-e.amount_micros)::float8 as "spentMicros",
      coalesce(h.charged_micros, 0)::float8 as "chargedMicros"
    from ledger_entries e join holds h on h.id = e.hold_id left join openai_interactions i on i.hold_id = h.id
    where e.grant_id = ${grantId}::uuid and e.workspace_id = ${workspaceId}::uuid and e.kind = 'spend'
      ${before === undefined ? sql`` : sql`and e.id < ${before}`}
    order by e.id desc limit ${pageSize + 1}`);
  return rows.map((row) => ({ ...row, at: new Date(row.at) }));
}
