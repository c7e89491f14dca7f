import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { newId } from "#lib/core/ids.ts";

/** Credit to add (M1). A workspace gets a grant with the same source key only once. */
export type GrantInput = {
  kind: "allowance" | "trial" | "grace" | "top_up" | "manual" | "restored";
  /** Integer micro-USD, above zero. */
  amountMicros: number;
  startsAt: Date;
  expiresAt: Date;
  sourceKey: string;
  /**
   * The key of a grant with the same end that is a part of this one and may have been given before (S5). Only
   * the grant of a hold has it: the SQL function `write_due_grant` deducts it.
   */
  lessSourceKey?: string;
};

/**
 * Adds credit to a workspace, once per source key (M1).
 * @returns granted: false when it had been granted before
 */
export async function grantCredit(
  tx: Tx,
  workspaceId: string,
  grant: GrantInput,
  at: Date,
): Promise<{ granted: boolean }> {
  const { kind, amountMicros, startsAt, expiresAt, sourceKey } = grant;
  const [row] = await tx.execute<{ granted: boolean }>(sql`
    select grant_credit(${workspaceId}::uuid, ${newId()}::uuid, ${kind}, ${amountMicros}::bigint,
      ${startsAt.toISOString()}::timestamptz, ${expiresAt.toISOString()}::timestamptz, ${sourceKey},
      ${at.toISOString()}::timestamptz) as granted`);
  return { granted: row?.granted ?? false };
}

/**
 * Sets the amount clawed back from a grant after a refund or dispute (M18): from what remains first, below
 * zero if necessary, never more than the grant. Idempotent; a lower target restores credit (M19).
 * @param reason the cause, for the ledger ("refund:re_...", "dispute:dp_...")
 * @returns the change in micro-USD; null when there is no such grant
 */
export async function clawBack(
  tx: Tx,
  workspaceId: string,
  {
    sourceKey,
    targetMicros,
    reason,
    at,
  }: { sourceKey: string; targetMicros: number; reason: string; at: Date },
): Promise<number | null> {
  const [row] = await tx.execute<{ delta: string | null }>(sql`
    select claw_back(${workspaceId}::uuid, ${sourceKey}, ${targetMicros}::bigint, ${reason},
      ${at.toISOString()}::timestamptz) as delta`);
  return row?.delta == null ? null : Number(row.delta);
}

/**
 * Moves the end of a grant (M11). Credit that expired at the old end returns if the new one is still to come.
 * Idempotent; a workspace without such a grant is left alone.
 */
export async function setGrantExpiry(
  tx: Tx,
  workspaceId: string,
  { sourceKey, expiresAt, at }: { sourceKey: string; expiresAt: Date; at: Date },
): Promise<void> {
  await tx.execute(sql`
    select set_grant_expiry(${workspaceId}::uuid, ${sourceKey}, ${expiresAt.toISOString()}::timestamptz,
      ${at.toISOString()}::timestamptz)`);
}
