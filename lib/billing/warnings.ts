import { sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { queueMail } from "#lib/accounts/mail.ts";
import { findPayerAddress } from "#lib/billing/customers.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { readOverage } from "#lib/billing/overage-overview.ts";
import { readSubscription } from "#lib/billing/read.ts";
import {
  allowanceLetter,
  capLetter,
  type Warning,
  type WarningPercent,
} from "#lib/billing/warning-letters.ts";
import { addToEvent, log } from "#lib/core/log.ts";
import { readOverageWindow } from "#lib/usage/overage.ts";

const batchSize = 200;

/** One allowance, or one cap, of one workspace in one period. */
type Period = { workspaceId: string; subject: "allowance" | "overage"; periodAt: string };

/**
 * Writes the letters about parts of allowances and caps that settlements have reached (M17). Of several that were reached
 * since the last time only the highest is told. One that fails is tried again the next time, and keeps none of the others.
 */
export async function sendWarnings(at: Date): Promise<void> {
  const waiting = await db().execute<Period>(sql`
    select distinct u.workspace_id as "workspaceId", u.subject, u.period_at::text as "periodAt"
    from usage_warnings u where u.told_at is null limit ${batchSize}`);
  let written = 0;
  for (const period of waiting) {
    try {
      written += (await db().transaction((tx) => tell(tx, period, at))) ? 1 : 0;
    } catch (error) {
      log.error({ err: error, workspaceId: period.workspaceId }, "A warning could not be written");
    }
  }
  addToEvent({ warnings: written });
}

/** Letter and mark in one transaction, so that a letter is written once whatever happens in between. */
async function tell(tx: Tx, period: Period, at: Date): Promise<boolean> {
  const { workspaceId, subject, periodAt } = period;
  const reached = await tx.execute<{ percent: WarningPercent; usedMicros: number; limitMicros: number }>(sql`
    update usage_warnings set told_at = ${at.toISOString()}::timestamptz
    where workspace_id = ${workspaceId}::uuid and subject = ${subject} and period_at = ${periodAt}::timestamptz and told_at is null
    returning percent, used_micros::float8 as "usedMicros", limit_micros::float8 as "limitMicros"`);
  const highest = [...reached].sort((one, other) => other.percent - one.percent)[0];
  const endsAt = await endOf(tx, period);
  const to = await findPayerAddress(tx, workspaceId);
  // What is over is no news, and nobody is left to be told where an account was deleted.
  if (highest === undefined || endsAt === null || endsAt <= at || to === null) return false;
  const warning: Warning = { ...highest, endsAt };
  const letter =
    subject === "overage"
      ? capLetter(warning)
      : allowanceLetter({ ...warning, overage: await standing(tx, workspaceId, at) });
  const uniqueKey = ["warning", workspaceId, subject, new Date(periodAt).toISOString(), highest.percent].join(
    ":",
  );
  return queueMail(tx, { to, template: () => letter, uniqueKey, data: undefined });
}

/** An allowance's period is known by its end, a window's by its start. */
async function endOf(tx: Tx, { workspaceId, subject, periodAt }: Period): Promise<Date | null> {
  const moment = new Date(periodAt);
  if (subject === "allowance") return moment;
  return (await readOverageWindow(tx, workspaceId, moment))?.endsAt ?? null;
}

async function standing(tx: Tx, workspaceId: string, at: Date) {
  const entitlements = entitlementsOf(await readSubscription(tx, workspaceId), at);
  return readOverage(tx, workspaceId, entitlements, at);
}
