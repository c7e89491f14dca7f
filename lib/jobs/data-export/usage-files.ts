import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { ExportOwner } from "#lib/jobs/data-export/account-files.ts";
import { csvFile, type ExportFile, pageSize, readPages, toUsd } from "#lib/jobs/data-export/export-file.ts";

type RequestRow = {
  id: string;
  at: string;
  purpose: string;
  model: string;
  promptTokens: number;
  completionTokens: number;
  estimated: boolean;
  chargedMicros: number;
  durationMs: number;
  outcome: string;
  keyPrefix: string | null;
  prompt: string | null;
  answer: string | null;
};

/** The request log: each call to a model, with its text if this installation retains it (LOG_CONTENT). */
export function requestFile(tx: Tx, { userId, workspaceId, isAdmin }: ExportOwner): ExportFile {
  const own = isAdmin ? sql`` : sql`and i.user_id = ${userId}::uuid`;
  const pages = readPages<RequestRow>((after) =>
    tx.execute<RequestRow>(sql`
      select i.id, i.at::text as at, i.purpose, i.model, i.prompt_tokens as "promptTokens",
        i.completion_tokens as "completionTokens", i.estimated, i.charged_micros::float8 as "chargedMicros",
        i.duration_ms as "durationMs", i.outcome, k.prefix as "keyPrefix", i.prompt, i.answer
      from openai_interactions i left join api_keys k on k.id = i.api_key_id
      where i.workspace_id = ${workspaceId}::uuid ${own}
        ${after ? sql`and (i.at, i.id) > (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
      order by i.at, i.id limit ${pageSize}`),
  );
  const header = [
    "at",
    "purpose",
    "model",
    "prompt_tokens",
    "completion_tokens",
    "estimated",
    "charged_usd",
    "duration_ms",
    "outcome",
    "api_key",
    "prompt",
    "answer",
  ];
  return csvFile("usage/requests.csv", header, pages, (row) => [
    new Date(row.at),
    row.purpose,
    row.model,
    row.promptTokens,
    row.completionTokens,
    row.estimated,
    toUsd(row.chargedMicros),
    row.durationMs,
    row.outcome,
    row.keyPrefix,
    row.prompt,
    row.answer,
  ]);
}

type DayRow = {
  day: string;
  model: string;
  apiKeyId: string;
  requests: number;
  promptTokens: number;
  completionTokens: number;
  chargedMicros: number;
};

/** Totals by day, model and API key. */
export function dailyUsageFile(tx: Tx, { workspaceId }: ExportOwner): ExportFile {
  const pages = readPages<DayRow>((after) =>
    tx.execute<DayRow>(sql`
      select day::text as day, model, api_key_id as "apiKeyId", requests, prompt_tokens::float8 as "promptTokens",
        completion_tokens::float8 as "completionTokens", charged_micros::float8 as "chargedMicros"
      from usage_daily where workspace_id = ${workspaceId}::uuid
        ${after ? sql`and (day, model, api_key_id) > (${after.day}::date, ${after.model}, ${after.apiKeyId}::uuid)` : sql``}
      order by usage_daily.day, model, api_key_id limit ${pageSize}`),
  );
  const header = [
    "day",
    "model",
    "api_key_id",
    "requests",
    "prompt_tokens",
    "completion_tokens",
    "charged_usd",
  ];
  return csvFile("usage/daily.csv", header, pages, (row) => [
    row.day,
    row.model,
    row.apiKeyId === "00000000-0000-0000-0000-000000000000" ? null : row.apiKeyId,
    row.requests,
    row.promptTokens,
    row.completionTokens,
    toUsd(row.chargedMicros),
  ]);
}

type LedgerRow = {
  id: number;
  at: string;
  kind: string;
  amountMicros: number;
  grantId: string | null;
  source: string;
};

/** Every change of credit (M4). */
export function ledgerFile(tx: Tx, { workspaceId }: ExportOwner): ExportFile {
  const pages = readPages<LedgerRow>((after) =>
    tx.execute<LedgerRow>(sql`
      select id::float8 as id, at::text as at, kind, amount_micros::float8 as "amountMicros", grant_id as "grantId", source
      from ledger_entries where workspace_id = ${workspaceId}::uuid and id > ${after?.id ?? 0}::bigint
      order by ledger_entries.id limit ${pageSize}`),
  );
  const header = ["id", "at", "kind", "amount_usd", "grant_id", "source"];
  return csvFile("billing/ledger.csv", header, pages, (row) => [
    row.id,
    new Date(row.at),
    row.kind,
    toUsd(row.amountMicros),
    row.grantId,
    row.source,
  ]);
}
