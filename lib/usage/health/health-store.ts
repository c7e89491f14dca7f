import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { Outage, OutageReason } from "#lib/gateways/openai/health/target-health.ts";
import type { UpstreamHealth } from "#lib/usage/health/judge-check.ts";

/** Notified when a model or an upstream fails or recovers. */
export const healthChannel = "parley_health";

/** A model that its upstream refuses or does not list. */
export type ModelOutage = {
  upstream: string;
  model: string;
  reason: OutageReason;
  since: Date;
  /** When calls are sent again; null for a model that is missing from the list. */
  endsAt: Date | null;
  /** The last answer of a model that is missing from the list. */
  answeredAt: Date | null;
  lastError: string;
};

type Times<T, K extends keyof T> = Omit<T, K> & { [N in K]: string | null };
type UpstreamRow = Times<UpstreamHealth, "checkedAt" | "since" | "lastErrorAt" | "answeredAt">;
type ModelRow = Times<ModelOutage, "since" | "endsAt" | "answeredAt">;

const upstreamColumns = sql.raw(`upstream, checked_at::text as "checkedAt", latency_ms as "latencyMs",
  lists_models as "listsModels", failures, outage, since::text as since, last_error as "lastError",
  last_error_at::text as "lastErrorAt", answered_at::text as "answeredAt"`);

/**
 * Claims the upstreams whose check is due, so that one process checks each. An upstream that is new in the
 * catalog is due at once.
 * @param leaseMs when another process may check it, if this one does not finish
 */
export async function claimChecks(
  tx: Tx,
  upstreams: string[],
  at: Date,
  leaseMs: number,
): Promise<UpstreamHealth[]> {
  const names = sql`array(select jsonb_array_elements_text(${JSON.stringify(upstreams)}::text::jsonb))`;
  const when = at.toISOString();
  await tx.execute(sql`
    insert into upstream_health (upstream, next_check_at)
    select name, ${when}::timestamptz from unnest(${names}) as name on conflict do nothing`);
  const rows = await tx.execute<UpstreamRow>(sql`
    update upstream_health set next_check_at = ${new Date(at.getTime() + leaseMs).toISOString()}::timestamptz
    where upstream = any(${names}) and next_check_at <= ${when}::timestamptz
    returning ${upstreamColumns}`);
  return rows.map(toUpstreamHealth);
}

/**
 * Stores the health of an upstream after a check.
 * @param before as the check began: an outage is not stored if a model has answered since
 */
export async function storeCheck(
  tx: Tx,
  before: UpstreamHealth,
  health: UpstreamHealth,
  nextCheckAt: Date,
): Promise<void> {
  const { upstream, latencyMs, listsModels, failures, lastError } = health;
  await tx.execute(sql`
    update upstream_health set next_check_at = ${nextCheckAt.toISOString()}::timestamptz,
      checked_at = ${toText(health.checkedAt)}::timestamptz, latency_ms = ${latencyMs}::integer,
      lists_models = ${listsModels}::boolean, failures = ${failures}::integer,
      outage = case when answered_at is not distinct from ${toText(before.answeredAt)}::timestamptz
        then ${health.outage}::text end,
      since = ${toText(health.since)}::timestamptz, last_error = ${lastError}::text,
      last_error_at = ${toText(health.lastErrorAt)}::timestamptz
    where upstream = ${upstream}`);
}

/**
 * Stores which models of an upstream its list contains.
 * @returns the models that were not known to be missing
 */
export async function storeListing(
  tx: Tx,
  upstream: string,
  models: { listed: string[]; unlisted: string[] },
  at: Date,
): Promise<string[]> {
  const { listed, unlisted } = models;
  await tx.execute(sql`
    delete from model_outages where upstream = ${upstream} and reason = 'unlisted' and model in (
      select jsonb_array_elements_text(${JSON.stringify(listed)}::text::jsonb))`);
  const rows = await tx.execute<{ model: string }>(sql`
    insert into model_outages (upstream, model, reason, since, last_error)
    select ${upstream}, model, 'unlisted', ${at.toISOString()}::timestamptz, 'missing from the list of models'
    from jsonb_array_elements_text(${JSON.stringify(unlisted)}::text::jsonb) as model
    on conflict (upstream, model) do update set reason = 'unlisted', ends_at = null, last_error = excluded.last_error
      where model_outages.ends_at <= excluded.since
    returning model`);
  return rows.map(({ model }) => model);
}

/** Stores that an upstream refused a model. Repeated refusals keep the begin of the outage. */
export async function storeRefusal(tx: Tx, outage: Outage, error: string): Promise<void> {
  const { upstream, model, reason, sinceMs, endsAtMs } = outage;
  await tx.execute(sql`
    insert into model_outages (upstream, model, reason, since, ends_at, last_error)
    values (${upstream}, ${model}, ${reason}, ${fromMs(sinceMs)}::timestamptz, ${fromMs(endsAtMs)}::timestamptz, ${error})
    on conflict (upstream, model) do update set reason = excluded.reason, ends_at = excluded.ends_at,
      answered_at = null, last_error = excluded.last_error`);
}

/**
 * Stores that a model has answered: its refusals have ended, and its upstream works, whatever its list says.
 */
export async function storeAnswer(
  tx: Tx,
  { upstream, model }: { upstream: string; model: string },
  at: Date,
): Promise<void> {
  const when = at.toISOString();
  await tx.execute(sql`
    with refused as (
      delete from model_outages where upstream = ${upstream} and model = ${model} and reason <> 'unlisted'
    ), unlisted as (
      update model_outages set answered_at = ${when}::timestamptz
      where upstream = ${upstream} and model = ${model} and reason = 'unlisted'
    )
    update upstream_health set answered_at = ${when}::timestamptz, failures = 0, outage = null,
      since = case when outage is null then since else ${when}::timestamptz end
    where upstream = ${upstream}`);
}

export async function notifyHealth(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_notify(${healthChannel}, '')`);
}

export async function readUpstreams(tx: Tx): Promise<UpstreamHealth[]> {
  const rows = await tx.execute<UpstreamRow>(sql`select ${upstreamColumns} from upstream_health`);
  return rows.map(toUpstreamHealth);
}

export async function readModelOutages(tx: Tx): Promise<ModelOutage[]> {
  const rows = await tx.execute<ModelRow>(sql`
    select upstream, model, reason, since::text as since, ends_at::text as "endsAt",
      answered_at::text as "answeredAt", last_error as "lastError"
    from model_outages`);
  return rows.map((row) => ({
    ...row,
    since: toDate(row.since) ?? new Date(0),
    endsAt: toDate(row.endsAt),
    answeredAt: toDate(row.answeredAt),
  }));
}

function toUpstreamHealth(row: UpstreamRow): UpstreamHealth {
  const { checkedAt, since, lastErrorAt, answeredAt } = row;
  return {
    ...row,
    checkedAt: toDate(checkedAt),
    since: toDate(since),
    lastErrorAt: toDate(lastErrorAt),
    answeredAt: toDate(answeredAt),
  };
}

const toDate = (text: string | null) => (text === null ? null : new Date(text));
const toText = (date: Date | null) => date?.toISOString() ?? null;
const fromMs = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
