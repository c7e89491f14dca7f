import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";

/** A period in which a workspace may use more than its credit, up to a cap (M16). The end is excluded. */
export type OverageWindow = { startsAt: Date; endsAt: Date; capMicros: number; usedMicros: number };

/**
 * Opens a window, or changes the cap or end of an open one. Idempotent. A window ends where a later one
 * begins, so at most one contains any moment. Used overage and open holds stay, also above a lower cap.
 * @param window.capMicros the most that may be used in the window, including what was used before
 */
export async function openOverage(
  tx: Tx,
  workspaceId: string,
  window: Pick<OverageWindow, "startsAt" | "endsAt" | "capMicros">,
): Promise<void> {
  const startsAt = window.startsAt.toISOString();
  await lockBalance(tx, workspaceId);
  await tx.execute(sql`
    update overage_windows set ends_at = ${startsAt}::timestamptz
    where workspace_id = ${workspaceId}::uuid and starts_at < ${startsAt}::timestamptz and ends_at > ${startsAt}::timestamptz`);
  await tx.execute(sql`
    insert into overage_windows (workspace_id, starts_at, ends_at, cap_micros)
    values (${workspaceId}::uuid, ${startsAt}::timestamptz,
      least(${window.endsAt.toISOString()}::timestamptz, (
        select min(later.starts_at) from overage_windows later
        where later.workspace_id = ${workspaceId}::uuid and later.starts_at > ${startsAt}::timestamptz)),
      ${window.capMicros}::bigint)
    on conflict (workspace_id, starts_at) do update set ends_at = excluded.ends_at, cap_micros = excluded.cap_micros`);
}

/** Sets the cap to zero: no new hold uses overage. Used overage and open holds stay. */
export async function closeOverage(tx: Tx, workspaceId: string, at: Date): Promise<void> {
  await lockBalance(tx, workspaceId);
  await tx.execute(sql`
    update overage_windows set cap_micros = 0
    where workspace_id = ${workspaceId}::uuid and ends_at > ${at.toISOString()}::timestamptz and cap_micros > 0`);
}

/** Returns the window that contains a moment; null when there is none. */
export async function readOverageWindow(
  tx: Tx,
  workspaceId: string,
  at: Date,
): Promise<OverageWindow | null> {
  const when = at.toISOString();
  const [row] = await tx.execute<{
    startsAt: string;
    endsAt: string;
    capMicros: number;
    usedMicros: number;
  }>(sql`
    select starts_at::text as "startsAt", ends_at::text as "endsAt", cap_micros::float8 as "capMicros",
      used_micros::float8 as "usedMicros"
    from overage_windows
    where workspace_id = ${workspaceId}::uuid and starts_at <= ${when}::timestamptz and ends_at > ${when}::timestamptz`);
  if (row === undefined) return null;
  return { ...row, startsAt: new Date(row.startsAt), endsAt: new Date(row.endsAt) };
}

/** Every change of a workspace's credit takes this lock. */
async function lockBalance(tx: Tx, workspaceId: string): Promise<void> {
  await tx.execute(sql`select 1 from balances where workspace_id = ${workspaceId}::uuid for update`);
}
