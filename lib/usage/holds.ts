import { sql } from "drizzle-orm";
import type { Db, Tx } from "#db/client.ts";
import { log } from "#lib/core/log.ts";
import { chargeMicros, type HoldRates, type Tokens } from "#lib/usage/charge.ts";
import type { GrantInput } from "#lib/usage/grants.ts";
import { emptyCall, type Interaction } from "#lib/usage/interactions.ts";

export type HoldInput = {
  holdId: string;
  /** The id of the generation or API request; a subject has at most one hold. */
  subjectId: string;
  subjectKind: "generation" | "request";
  model: string;
  /** The amount to hold; less when less is available, but at least the minimum. */
  amountMicros: number;
  /** Held where the amount would leave little for other requests; by default the amount. */
  likelyMicros?: number;
  minimumMicros: number;
  /** The price list of this moment, by which the hold will be settled (M6). */
  rates: HoldRates;
  at: Date;
  expiresAt: Date;
  /** Credit that is due and granted first, once (M9). */
  grant?: GrantInput;
  /** The API key of the request and its monthly limit (UTC); null: no limit. */
  apiKey?: { id: string; budgetMicros: number | null };
};

export type TakenHold =
  | { ok: true; amountMicros: number; availableMicros: number }
  /** `lacks`: the credit or the API key's budget is too small, or other open holds reserve it. */
  | { ok: false; availableMicros: number; lacks: "credit" | "budget" | "reserved" };

/**
 * Takes a hold if it fits (M2, M5), in one statement: the SQL function `take_hold`. The row lock of the
 * balance serializes holds, so concurrent holds cannot overcommit the credit or an API key's budget.
 */
export async function takeHold(tx: Tx, workspaceId: string, hold: HoldInput): Promise<TakenHold> {
  const grant = hold.grant === undefined ? null : JSON.stringify(hold.grant);
  const [row] = await tx.execute<{
    ok: boolean;
    amount: string;
    available: string;
    budget: string | null;
    reserved: boolean;
  }>(sql`
    select ok, amount_micros as amount, available_micros as available, budget_left_micros as budget, is_reserved as reserved
    from take_hold(${workspaceId}::uuid, ${hold.holdId}::uuid, ${hold.subjectKind}, ${hold.subjectId}::uuid, ${hold.model},
      ${hold.amountMicros}::bigint, ${hold.likelyMicros ?? hold.amountMicros}::bigint, ${hold.minimumMicros}::bigint, ${JSON.stringify(hold.rates)}::jsonb,
      ${hold.at.toISOString()}::timestamptz, ${hold.expiresAt.toISOString()}::timestamptz, ${grant}::jsonb,
      ${hold.apiKey?.id ?? null}::uuid, ${hold.apiKey?.budgetMicros ?? null}::bigint)`);
  if (row === undefined) throw new Error("take_hold returned no row.");
  const availableMicros = Number(row.available);
  if (row.ok) return { ok: true, amountMicros: Number(row.amount), availableMicros };
  const budget = row.budget === null ? null : Number(row.budget);
  if (row.reserved) return { ok: false, availableMicros, lacks: "reserved" };
  const lacksBudget = budget !== null && (budget <= 0 || budget < hold.minimumMicros);
  return { ok: false, availableMicros, lacks: lacksBudget ? "budget" : "credit" };
}

/** What to add to a hold, and the monthly limit of its API key in micro-USD; null: no limit. */
export type HoldExtension = { moreMicros: number; budgetMicros: number | null; at: Date };

/**
 * Adds to an open hold while its answer is longer than expected (M5), as far as it fits (M2): the SQL
 * function `extend_hold`.
 * @returns the amount of the hold in micro-USD; null when it has ended
 */
export async function enlargeHold(
  tx: Tx,
  workspaceId: string,
  holdId: string,
  { moreMicros, budgetMicros, at }: HoldExtension,
): Promise<number | null> {
  const [row] = await tx.execute<{ amount: string | null }>(sql`
    select extend_hold(${workspaceId}::uuid, ${holdId}::uuid, ${moreMicros}::bigint, ${budgetMicros}::bigint,
      ${at.toISOString()}::timestamptz) as amount`);
  return row?.amount == null ? null : Number(row.amount);
}

/** Extends the life of a hold while tokens arrive (M5). It never shortens it and never reopens one. */
export async function extendHold(
  tx: Tx,
  workspaceId: string,
  holdId: string,
  { expiresAt }: { expiresAt: Date },
): Promise<void> {
  await tx.execute(sql`
    update holds set expires_at = greatest(expires_at, ${expiresAt.toISOString()}::timestamptz)
    where id = ${holdId}::uuid and workspace_id = ${workspaceId}::uuid and state = 'held'`);
}

/** What a call used that the customer does not pay, and what it costs us. */
export type OwnUsage = { usage: Tokens; rates: HoldRates };

/** The fields of a call that we pay, which `release_hold` adds to the request log. */
export function ownUsageFields({ usage, rates }: OwnUsage) {
  const { promptTokens, cachedTokens, completionTokens } = usage;
  const costMicros = chargeMicros(rates.cost, usage);
  return { promptTokens, cachedTokens, completionTokens, estimated: true, costMicros };
}

/**
 * Ends a hold without a charge, once (M6: a failed or empty answer costs nothing).
 * @param interaction the call for the request log; left out when no call was made
 * @param ownUsage what the upstream charges us for the call, with its rates
 * @returns released: false when the hold had ended before
 */
export async function releaseHold(
  tx: Tx,
  workspaceId: string,
  holdId: string,
  { at, interaction, ownUsage }: { at: Date; interaction?: Interaction; ownUsage?: OwnUsage | undefined },
): Promise<{ released: boolean }> {
  const empty = interaction === undefined ? null : emptyCall(interaction, at);
  const call =
    empty === null ? null : JSON.stringify({ ...empty, ...(ownUsage && ownUsageFields(ownUsage)) });
  const [row] = await tx.execute<{ released: boolean }>(sql`
    select release_hold(${workspaceId}::uuid, ${holdId}::uuid, ${call}::text::jsonb, ${at.toISOString()}::timestamptz) as released`);
  return { released: row?.released ?? false };
}

const batchSize = 200;

/**
 * The job that releases holds whose process died (M5). The reaper settles received tokens minutes before a
 * hold expires, so nothing chargeable is lost.
 * @returns how many holds were released
 */
export async function sweepHolds(db: Db, at: Date): Promise<number> {
  const expired = await db.execute<{ id: string; workspaceId: string }>(sql`
    select id, workspace_id as "workspaceId" from holds
    where state = 'held' and expires_at <= ${at.toISOString()}::timestamptz order by expires_at limit ${batchSize}`);
  let count = 0;
  for (const { id, workspaceId } of expired) {
    const { released } = await releaseHold(db, workspaceId, id, { at });
    if (released) count += 1;
  }
  if (count > 0) log.warn({ count }, "Expired holds were released");
  return count;
}

/**
 * The job that writes off the rest of expired grants (M3). Grants that an open hold may still draw from are
 * skipped.
 * @returns the amount in micro-USD
 */
export async function expireGrants(db: Db, at: Date): Promise<number> {
  const when = at.toISOString();
  const due = await db.execute<{ workspaceId: string }>(sql`
    select distinct workspace_id as "workspaceId" from grants
    where expires_at <= ${when}::timestamptz and remaining_micros > 0 limit ${batchSize * 10}`);
  let total = 0;
  for (const { workspaceId } of due) {
    const [row] = await db.execute<{ expired: string }>(
      sql`select expire_grants(${workspaceId}::uuid, ${when}::timestamptz) as expired`,
    );
    total += Number(row?.expired ?? 0);
  }
  return total;
}
