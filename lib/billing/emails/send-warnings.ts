import { sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { readOverageStatus } from "#lib/billing/credit/overage-status.ts";
import { findBillingEmail } from "#lib/billing/customer/customers.ts";
import {
  allowanceWarningEmail,
  capWarningEmail,
  type Warning,
  type WarningPercent,
} from "#lib/billing/emails/warning-emails.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { readSubscription } from "#lib/billing/entitlements/subscription-state.ts";
import { addToEvent, log } from "#lib/core/log.ts";
import { readOverageWindow } from "#lib/usage/overage.ts";

const batchSize = 200;

/** A workspace's allowance or overage cap in one period. */
type Period = { workspaceId: string; subject: "allowance" | "overage"; periodAt: string };

/**
 * Queues the emails about warning thresholds that settlements have reached (M17). If several thresholds were
 * reached since the last run, only the highest is sent. A failure is retried at the next run and does not
 * affect the others.
 */
export async function sendWarnings(at: Date): Promise<void> {
  const due = await db().execute<Period>(sql`
    select distinct u.workspace_id as "workspaceId", u.subject, u.period_at::text as "periodAt"
    from usage_warnings u where u.told_at is null limit ${batchSize}`);
  let queued = 0;
  for (const period of due) {
    try {
      queued += (await db().transaction((tx) => queueWarning(tx, period, at))) ? 1 : 0;
    } catch (error) {
      log.error({ err: error, workspaceId: period.workspaceId }, "Queueing a usage warning failed");
    }
  }
  addToEvent({ warnings: queued });
}

/** Queues the email and marks the thresholds in one transaction, so that each email is sent once. */
async function queueWarning(tx: Tx, period: Period, at: Date): Promise<boolean> {
  const { workspaceId, subject, periodAt } = period;
  const reached = await tx.execute<{ percent: WarningPercent; usedMicros: number; limitMicros: number }>(sql`
    update usage_warnings set told_at = ${at.toISOString()}::timestamptz
    where workspace_id = ${workspaceId}::uuid and subject = ${subject} and period_at = ${periodAt}::timestamptz and told_at is null
    returning percent, used_micros::float8 as "usedMicros", limit_micros::float8 as "limitMicros"`);
  const highest = [...reached].sort((one, other) => other.percent - one.percent)[0];
  const endsAt = await findPeriodEnd(tx, period);
  const to = await findBillingEmail(tx, workspaceId);
  // No email for a period that is over, or to a deleted user.
  if (highest === undefined || endsAt === null || endsAt <= at || to === null) return false;
  const warning: Warning = { ...highest, endsAt };
  const overage = subject === "overage" ? null : await readStatus(tx, workspaceId, at);
  const uniqueKey = ["warning", workspaceId, subject, new Date(periodAt).toISOString(), highest.percent].join(
    ":",
  );
  return overage === null
    ? queueEmail(tx, { to, template: capWarningEmail, uniqueKey, data: warning })
    : queueEmail(tx, { to, template: allowanceWarningEmail, uniqueKey, data: { ...warning, overage } });
}

/** Returns the period's end: warnings identify an allowance by its end and an overage window by its start. */
async function findPeriodEnd(tx: Tx, { workspaceId, subject, periodAt }: Period): Promise<Date | null> {
  const moment = new Date(periodAt);
  if (subject === "allowance") return moment;
  return (await readOverageWindow(tx, workspaceId, moment))?.endsAt ?? null;
}

async function readStatus(tx: Tx, workspaceId: string, at: Date) {
  const entitlements = entitlementsOf(await readSubscription(tx, workspaceId), at);
  return readOverageStatus(tx, workspaceId, entitlements, at);
}
