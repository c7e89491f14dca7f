import { and, asc, eq, isNull, or, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { meterEvents } from "#db/schema/billing-records.ts";
import { overageMeter, unitMicros } from "#lib/billing/catalog/overage-prices.ts";
import { toErrorReason } from "#lib/billing/sync/error-reason.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { addToEvent } from "#lib/core/log.ts";
import { sendMeterEvent } from "#lib/gateways/stripe/catalog/metering.ts";

const batchSize = 500;
const minuteMs = 60_000;
const maxWaitMs = 15 * minuteMs;
/** Stripe deduplicates meter events by identifier for a day; after that, a retry could count twice. */
const deduplicationMs = 23 * 60 * minuteMs;
const remindAfterMs = 6 * 60 * minuteMs;

/**
 * Reports overage to Stripe (M16): records new usage in whole units with unique identifiers, then sends all
 * unsent events. If the process ends between two steps, recorded events are sent later, and Stripe ignores
 * those it already has.
 */
export async function meterOverage(at: Date): Promise<void> {
  const metered = await recordUsage(at);
  const { sent } = await sendAll(await readUnsent(at), at);
  addToEvent({ metered, sent });
}

/**
 * Reports one workspace's overage before an invoice or preview that must include it. The usage is dated one
 * second ago, because a period that ends now does not include the current second. All unsent events are sent
 * now; a failure is thrown, because the invoice would omit that usage.
 * @throws AppError billing_unavailable
 */
export async function meterWorkspace(workspaceId: string, at: Date): Promise<void> {
  await recordUsage(new Date(at.getTime() - 1_000), workspaceId);
  const {
    failures: [failure],
  } = await sendAll(await readUnsent(null, workspaceId), at);
  if (failure !== undefined) throw failure;
}

/**
 * Records new usage as meter events, in one transaction. Less than a unit is carried over in its window. The
 * date lies within the window; usage that was settled after the window's end gets its last second.
 *
 * The windows are locked by a statement of their own: the next statement then sees their latest values. In a
 * single statement, a concurrent settlement or report could change a window between the calculation of its
 * units and its update.
 * @param at the date of the usage
 * @returns how many events were recorded
 */
async function recordUsage(at: Date, workspaceId?: string): Promise<number> {
  const moment = at.toISOString();
  const ofWorkspace = workspaceId === undefined ? sql`` : sql`and w.workspace_id = ${workspaceId}::uuid`;
  return db().transaction(async (tx) => {
    // Times as text, because a Date would lose microseconds.
    const locked = await tx.execute<{ workspaceId: string; startsAt: string }>(sql`
      select w.workspace_id as "workspaceId", w.starts_at::text as "startsAt"
      from overage_windows w
      join billing_customers c on c.workspace_id = w.workspace_id and c.deleted_at is null
      where w.used_micros - w.reported_micros >= ${unitMicros} ${ofWorkspace}
      order by w.starts_at, w.workspace_id limit ${batchSize}
      for update of w`);
    if (locked.length === 0) return 0;
    const windows = JSON.stringify([...locked]);
    const recorded = await tx.execute<{ identifier: string }>(sql`
      with due as (
        select w.workspace_id, w.starts_at, w.ends_at, w.reported_micros, c.stripe_customer_id,
          (w.used_micros - w.reported_micros) / ${unitMicros} as units
        from jsonb_to_recordset(${windows}::text::jsonb) as l ("workspaceId" uuid, "startsAt" timestamptz)
        join overage_windows w on w.workspace_id = l."workspaceId" and w.starts_at = l."startsAt"
        join billing_customers c on c.workspace_id = w.workspace_id and c.deleted_at is null
        where w.used_micros - w.reported_micros >= ${unitMicros}
      ), reported as (
        update overage_windows w set reported_micros = w.reported_micros + d.units * ${unitMicros}
        from due d where w.workspace_id = d.workspace_id and w.starts_at = d.starts_at
      )
      insert into meter_events (identifier, workspace_id, stripe_customer_id, units, used_at, created_at)
      select 'overage:' || workspace_id || ':' || floor(extract(epoch from starts_at) * 1000) || ':' || reported_micros,
        workspace_id, stripe_customer_id, units,
        greatest(starts_at, least(${moment}::timestamptz, ends_at - interval '1 second')), ${moment}::timestamptz
      from due
      returning identifier`);
    return recorded.length;
  });
}

/** Reads unsent events, oldest first. @param at only events due by then; null for all */
async function readUnsent(at: Date | null, workspaceId?: string): Promise<OutboxEvent[]> {
  const isDue =
    at === null
      ? undefined
      : or(
          isNull(meterEvents.nextAttemptAt),
          sql`${meterEvents.nextAttemptAt} <= ${at.toISOString()}::timestamptz`,
        );
  return db()
    .select()
    .from(meterEvents)
    .where(
      and(
        isNull(meterEvents.sentAt),
        workspaceId === undefined ? undefined : eq(meterEvents.workspaceId, workspaceId),
        isDue,
      ),
    )
    .orderBy(asc(meterEvents.createdAt), asc(meterEvents.identifier))
    .limit(batchSize);
}

/** Sends events one by one. @returns how many were sent, and the errors of the others */
async function sendAll(events: OutboxEvent[], at: Date): Promise<{ sent: number; failures: unknown[] }> {
  let sent = 0;
  const failures: unknown[] = [];
  for (const event of events) {
    try {
      sent += (await send(event, at)) ? 1 : 0;
    } catch (error) {
      failures.push(error);
    }
  }
  return { sent, failures };
}

type OutboxEvent = typeof meterEvents.$inferSelect;

/**
 * @returns false when the event was given up
 * @throws Stripe's error or a network error, after recording it for the retry
 */
async function send(event: OutboxEvent, at: Date): Promise<boolean> {
  const { identifier, stripeCustomerId: customerId, units, usedAt, attempts, createdAt } = event;
  if (attempts > 0 && at.getTime() - createdAt.getTime() > deduplicationMs) return giveUp(event, at);
  // Counted before the call, because an interrupted attempt may have arrived.
  const nextAttemptAt = new Date(at.getTime() + Math.min(maxWaitMs, minuteMs * 2 ** attempts));
  const row = eq(meterEvents.identifier, identifier);
  await db()
    .update(meterEvents)
    .set({ attempts: sql`${meterEvents.attempts} + 1`, nextAttemptAt })
    .where(row);
  try {
    await sendMeterEvent({ eventName: overageMeter.eventName, identifier, customerId, units, usedAt });
  } catch (error) {
    await db()
      .update(meterEvents)
      .set({ lastError: toErrorReason(error) })
      .where(row);
    throw error;
  }
  await db().update(meterEvents).set({ sentAt: at, lastError: null, nextAttemptAt: null }).where(row);
  return true;
}

/** Alerts the operator instead of risking a double charge. The event stays in the outbox, unsent. */
async function giveUp({ identifier, units, lastError }: OutboxEvent, at: Date): Promise<false> {
  const nextAttemptAt = new Date(at.getTime() + remindAfterMs);
  await db().update(meterEvents).set({ nextAttemptAt }).where(eq(meterEvents.identifier, identifier));
  await raiseAlert({
    key: `meter:${identifier}`,
    title: "Use beyond credit could not be told to Stripe",
    detail: `The meter event ${identifier} (${units} units) was tried for a day: ${lastError ?? "no answer"}. Look whether Stripe has it; it is not sent again.`,
  });
  return false;
}
