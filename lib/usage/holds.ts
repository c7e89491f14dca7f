import { sql } from "drizzle-orm";
import type { Db, Tx } from "#db/client.ts";
import { log } from "#lib/core/log.ts";
import type { Rates } from "#lib/usage/charge.ts";
import type { GrantInput } from "#lib/usage/grants.ts";
import { emptyCall, type Interaction } from "#lib/usage/interactions.ts";

export type HoldInput = {
  holdId: string;
  /** The generation's or API request's id; it has one hold at most. */
  subjectId: string;
  subjectKind: "generation" | "request";
  model: string;
  /** What to hold; less when less is available, but never less than the minimum. */
  amountMicros: number;
  minimumMicros: number;
  /** The price list of this moment, by which it will be settled (M6). */
  rates: { price: Rates; cost: Rates };
  at: Date;
  expiresAt: Date;
  /** Credit that is due and given first, once (M9). */
  grant?: GrantInput;
  /** The API key that asks, and what it may spend in a month (UTC); null: no limit of its own. */
  apiKey?: { id: string; budgetMicros: number | null };
};

export type TakenHold =
  | { ok: true; amountMicros: number; availableMicros: number }
  /** Whether it is credit that lacks, or what the key's budget has left beside its open holds. */
  | { ok: false; availableMicros: number; lacks: "credit" | "budget" };

/**
 * Takes a hold if it fits (M2, M5), in one statement: the SQL function `take_hold`.
 * Parallel holds on the last cent, or on the last cent of a key's budget, wait for each other, so exactly as many fit as fit.
 */
export async function takeHold(tx: Tx, workspaceId: string, hold: HoldInput): Promise<TakenHold> {
  const grant = hold.grant === undefined ? null : JSON.stringify(hold.grant);
  const [row] = await tx.execute<{
    ok: boolean;
    amount: string;
    available: string;
    budget: string | null;
  }>(sql`
    select ok, amount_micros as amount, available_micros as available, budget_left_micros as budget
    from take_hold(${workspaceId}::uuid, ${hold.holdId}::uuid, ${hold.subjectKind}, ${hold.subjectId}::uuid, ${hold.model},
      ${hold.amountMicros}::bigint, ${hold.minimumMicros}::bigint, ${JSON.stringify(hold.rates)}::jsonb,
      ${hold.at.toISOString()}::timestamptz, ${hold.expiresAt.toISOString()}::timestamptz, ${grant}::jsonb,
      ${hold.apiKey?.id ?? null}::uuid, ${hold.apiKey?.budgetMicros ?? null}::bigint)`);
  if (row === undefined) throw new Error("take_hold gave no row.");
  const availableMicros = Number(row.available);
  if (row.ok) return { ok: true, amountMicros: Number(row.amount), availableMicros };
  const lacksBudget = row.budget !== null && Number(row.budget) < hold.minimumMicros;
  return { ok: false, availableMicros, lacks: lacksBudget ? "budget" : "credit" };
}

/** Keeps a hold alive while tokens flow (M5); never shortens it, and wakes none that has ended. */
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

/**
 * Ends a hold without a charge (M6: what failed or gave nothing costs nothing), once.
 * @param interaction what the request log keeps of the call; left out when no call was made
 * @returns released: false when the hold had ended before
 */
export async function releaseHold(
  tx: Tx,
  workspaceId: string,
  holdId: string,
  { at, interaction }: { at: Date; interaction?: Interaction },
): Promise<{ released: boolean }> {
  const call = interaction === undefined ? null : JSON.stringify(emptyCall(interaction, at));
  const [row] = await tx.execute<{ released: boolean }>(sql`
    select end_unpaid(${workspaceId}::uuid, ${holdId}::uuid, ${call}::text::jsonb, ${at.toISOString()}::timestamptz) as released`);
  return { released: row?.released ?? false };
}

const batch = 200;

/**
 * The job that frees holds whose owner died without a trace (M5). What could be charged was charged before: an answer's
 * reaper comes minutes before its hold expires.
 * @returns how many were freed
 */
export async function sweepHolds(db: Db, at: Date): Promise<number> {
  const dead = await db.execute<{ id: string; workspaceId: string }>(sql`
    select id, workspace_id as "workspaceId" from holds
    where state = 'held' and expires_at <= ${at.toISOString()}::timestamptz order by expires_at limit ${batch}`);
  let freed = 0;
  for (const { id, workspaceId } of dead) {
    const { released } = await releaseHold(db, workspaceId, id, { at });
    if (released) freed += 1;
  }
  if (freed > 0) log.warn({ freed }, "Holds that nobody ended were freed");
  return freed;
}

/**
 * The job that writes off what expired grants have left (M3); what an open hold may still draw from waits for it.
 * @returns the amount in micro-USD
 */
export async function expireGrants(db: Db, at: Date): Promise<number> {
  const when = at.toISOString();
  const due = await db.execute<{ workspaceId: string }>(sql`
    select distinct workspace_id as "workspaceId" from grants
    where expires_at <= ${when}::timestamptz and remaining_micros > 0 limit ${batch * 10}`);
  let total = 0;
  for (const { workspaceId } of due) {
    const [row] = await db.execute<{ expired: string }>(
      sql`select expire_grants(${workspaceId}::uuid, ${when}::timestamptz) as expired`,
    );
    total += Number(row?.expired ?? 0);
  }
  return total;
}
