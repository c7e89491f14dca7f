import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { newId } from "#lib/core/ids.ts";

/** Credit to be given (M1). The source key makes it happen once a workspace, however often it is asked for. */
export type GrantInput = {
  kind: "allowance" | "trial" | "grace" | "top_up" | "manual" | "restored";
  /** Integer micro-USD, above zero. */
  amountMicros: number;
  startsAt: Date;
  expiresAt: Date;
  sourceKey: string;
};

/**
 * Gives credit to a workspace, once a source key (M1).
 * @returns granted: false when it had been given before
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
 * Brings what was taken back from a grant to a target, because money went back (M18): from what remains first, below zero
 * if it must be, never beyond the grant. The same target twice changes nothing; a lower one restores (M19).
 * @param reason what caused it, for the ledger ("refund:re_...", "dispute:dp_...")
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
    select take_back(${workspaceId}::uuid, ${sourceKey}, ${targetMicros}::bigint, ${reason},
      ${at.toISOString()}::timestamptz) as delta`);
  return row?.delta == null ? null : Number(row.delta);
}
