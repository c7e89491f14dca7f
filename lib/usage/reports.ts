import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";

/** The usage of one group: a day, a model or an API key. Amounts in micro-USD. */
export type UsageRow = {
  /** The UTC day (YYYY-MM-DD), the model's id, or the API key's id. */
  group: string;
  requests: number;
  promptTokens: number;
  completionTokens: number;
  chargedMicros: number;
};

export type UsageGroup = "day" | "model" | "key";
/** A period of UTC days, both inclusive. */
export type Period = { from: string; to: string };

const columns = { day: sql.raw("day::text"), model: sql.raw("model"), key: sql.raw("api_key_id::text") };

/**
 * Reads the usage of a period by day, model or API key (the zero UUID is the chat in the browser), from the
 * daily totals that settlements write.
 */
export async function readUsage(
  tx: Tx,
  workspaceId: string,
  { from, to }: Period,
  group: UsageGroup,
): Promise<UsageRow[]> {
  const order = group === "day" ? sql.raw("1") : sql.raw('"chargedMicros" desc, 1');
  const rows = await tx.execute<UsageRow>(sql`
    select ${columns[group]} as "group", sum(requests)::int as requests, sum(prompt_tokens)::float8 as "promptTokens",
      sum(completion_tokens)::float8 as "completionTokens", sum(charged_micros)::float8 as "chargedMicros"
    from usage_daily
    where workspace_id = ${workspaceId}::uuid and day between ${from}::date and ${to}::date
    group by 1 order by ${order}`);
  return [...rows];
}

/** Adds the days of a period without usage, so that each UTC day occurs once. */
export function fillDays(rows: UsageRow[], { from, to }: Period): UsageRow[] {
  const byDay = new Map(rows.map((row) => [row.group, row]));
  const days: UsageRow[] = [];
  const last = Date.parse(to);
  for (let at = Date.parse(from); at <= last; at += 86_400_000) {
    const group = new Date(at).toISOString().slice(0, 10);
    days.push(
      byDay.get(group) ?? { group, requests: 0, promptTokens: 0, completionTokens: 0, chargedMicros: 0 },
    );
  }
  return days;
}

export type RequestLine = {
  id: string;
  at: Date;
  model: string;
  purpose: string;
  promptTokens: number;
  completionTokens: number;
  chargedMicros: number;
  estimated: boolean;
  durationMs: number;
  outcome: string;
  keyName: string | null;
};

/** The position of the last request of a page, from which the next page starts. */
export type RequestMark = { at: Date; id: string };

/**
 * Reads a page of a workspace's requests, newest first. Title calls, which we pay, are left out.
 * @param options.before the last request of the page before
 */
export async function recentRequests(
  tx: Tx,
  workspaceId: string,
  options: { before?: RequestMark | undefined; limit?: number } = {},
): Promise<RequestLine[]> {
  const { before, limit = 25 } = options;
  const older =
    before === undefined
      ? sql``
      : sql`and (i.at, i.id) < (${before.at.toISOString()}::timestamptz, ${before.id}::uuid)`;
  const rows = await tx.execute<Omit<RequestLine, "at"> & { at: string }>(sql`
    select i.id, i.at::text as at, i.model, i.purpose, i.prompt_tokens as "promptTokens",
      i.completion_tokens as "completionTokens", i.charged_micros::float8 as "chargedMicros", i.estimated,
      i.duration_ms as "durationMs", i.outcome, k.name as "keyName"
    from openai_interactions i left join api_keys k on k.id = i.api_key_id
    where i.workspace_id = ${workspaceId}::uuid and i.purpose <> 'title' ${older}
    order by i.at desc, i.id desc limit ${limit}`);
  return rows.map((row) => ({ ...row, at: new Date(row.at) }));
}
