import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  type GrantDue,
  type GrantRevocation,
  grantsDue,
  grantsToRevoke,
  trialGrant,
} from "#lib/billing/credit/grants-due.ts";
import { type ClawBack, clawBacksDue, isClawedBack } from "#lib/billing/credit/refunds-and-disputes.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { clawBack, type GrantInput, grantCredit, setGrantExpiry } from "#lib/usage/grants.ts";

/** An existing grant. `spentMicros` may still grow while generations that draw from it run. */
type ExistingGrant = {
  sourceKey: string;
  amountMicros: number;
  spentMicros: number;
  remainingMicros: number;
  takenBackMicros: number;
  expiredMicros: number;
  expiresAtMs: number;
};

/**
 * Makes a workspace's credit match its customer's state: revokes grants that end early, issues those that are
 * due, and claws back returned ones. Under the customer's lock. Idempotent.
 * @returns the number of issued grants
 */
export async function applyCredit(
  tx: Tx,
  workspaceId: string,
  state: CustomerState,
  at: Date,
): Promise<number> {
  let granted = 0;
  await revokeAll(tx, workspaceId, grantsToRevoke(state), at);
  await followTrials(tx, workspaceId, state, at);
  const due = grantsDue(state, at);
  const graces = await readGrants(
    tx,
    workspaceId,
    due.flatMap(({ graceKey }) => graceKey ?? []),
  );
  const graceSpent = new Map(graces.map(({ sourceKey, spentMicros }) => [sourceKey, spentMicros]));
  for (const grant of due) granted += (await issue(tx, workspaceId, grant, graceSpent, at)) ? 1 : 0;
  await clawBackAll(tx, workspaceId, clawBacksDue(state), at);
  return granted;
}

/** Skips grants that expire by themselves no later than the revocation. */
async function revokeAll(
  tx: Tx,
  workspaceId: string,
  revocations: GrantRevocation[],
  at: Date,
): Promise<void> {
  const endedAtByKey = new Map(revocations.map(({ sourceKey, endedAt }) => [sourceKey, endedAt]));
  for (const grant of await readGrants(tx, workspaceId, [...endedAtByKey.keys()])) {
    const moment = endedAtByKey.get(grant.sourceKey) ?? null;
    if (moment === null || moment.getTime() < grant.expiresAtMs) await revoke(tx, workspaceId, grant, at);
  }
}

/**
 * A trial's credit lasts as long as the trial, also when an administrator moved its end, or ended it and
 * started it anew: the rest that was revoked returns (M11).
 */
async function followTrials(tx: Tx, workspaceId: string, state: CustomerState, at: Date): Promise<void> {
  const trials = state.subscriptions.flatMap((each) => trialGrant(each) ?? []);
  const endsByKey = new Map(trials.map(({ sourceKey, expiresAt }) => [sourceKey, expiresAt]));
  const given = await readGrants(tx, workspaceId, [...endsByKey.keys()]);
  for (const { sourceKey, expiresAtMs, takenBackMicros } of given) {
    const expiresAt = endsByKey.get(sourceKey);
    if (expiresAt === undefined || expiresAt <= at) continue;
    if (expiresAt.getTime() !== expiresAtMs)
      await setGrantExpiry(tx, workspaceId, { sourceKey, expiresAt, at });
    if (takenBackMicros > 0)
      await clawBack(tx, workspaceId, { sourceKey, targetMicros: 0, reason: "trial", at });
  }
}

/** Removes the rest of a grant; spent credit stays spent. */
async function revoke(tx: Tx, workspaceId: string, grant: ExistingGrant, at: Date): Promise<void> {
  const { sourceKey, remainingMicros, takenBackMicros } = grant;
  const targetMicros = takenBackMicros + Math.max(0, remainingMicros);
  await clawBack(tx, workspaceId, { sourceKey, targetMicros, reason: "ended", at });
}

/** Issues a grant, less what was spent of the grace grant before the renewal was paid (M13). */
async function issue(
  tx: Tx,
  workspaceId: string,
  { graceKey, ...grant }: GrantDue,
  graceSpent: ReadonlyMap<string, number>,
  at: Date,
): Promise<boolean> {
  const amountMicros = grant.amountMicros - (graceSpent.get(graceKey ?? "") ?? 0);
  const rest: GrantInput = { ...grant, amountMicros };
  // An invoice may bill less than the grace grant before it, such as for a few days.
  if (rest.amountMicros <= 0) return false;
  return (await grantCredit(tx, workspaceId, rest, at)).granted;
}

/** Sets what is taken back of each grant (M12, M18, M19). Grants that were never issued are skipped. */
async function clawBackAll(tx: Tx, workspaceId: string, due: ClawBack[], at: Date): Promise<void> {
  const byKey = new Map(due.map((each) => [each.sourceKey, each]));
  for (const grant of await readGrants(tx, workspaceId, [...byKey.keys()])) {
    const found = byKey.get(grant.sourceKey);
    if (found === undefined || isClawedBack(grant, found.targetMicros)) continue;
    await clawBack(tx, workspaceId, { ...found, at });
  }
}

async function readGrants(tx: Tx, workspaceId: string, sourceKeys: string[]): Promise<ExistingGrant[]> {
  if (sourceKeys.length === 0) return [];
  const keys = sql.join(
    sourceKeys.map((key) => sql`${key}`),
    sql`, `,
  );
  return tx.execute<ExistingGrant>(sql`
    select source_key as "sourceKey", amount_micros::float8 as "amountMicros", spent_micros::float8 as "spentMicros",
      remaining_micros::float8 as "remainingMicros", taken_back_micros::float8 as "takenBackMicros",
      expired_micros::float8 as "expiredMicros", (extract(epoch from expires_at) * 1000)::float8 as "expiresAtMs"
    from grants where workspace_id = ${workspaceId}::uuid and source_key in (${keys}) order by source_key`);
}
