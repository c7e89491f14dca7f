import { and, asc, eq, isNull, or, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { meterEvents } from "#db/schema/billing-records.ts";
import { overageMeter, unitMicros } from "#lib/billing/overage-prices.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { AppError } from "#lib/core/errors.ts";
import { addToEvent } from "#lib/core/log.ts";
import { maskText } from "#lib/core/mask.ts";
import { sendMeterEvent } from "#lib/gateways/stripe/metering.ts";

const batchSize = 500;
const minuteMs = 60_000;
const mostWaitMs = 15 * minuteMs;
/** Stripe knows a repetition by its identifier for a day; after that, whether an attempt had arrived cannot be told. */
const repeatableMs = 23 * 60 * minuteMs;
const remindAfterMs = 6 * 60 * minuteMs;

/**
 * Tells Stripe what was used beyond credit (M16): first what is new is written down, in whole units under identifiers of its
 * own, then what waits is sent. A process may end between any two steps: what was written is sent later, and what Stripe has
 * already it takes as a repetition, so nothing is lost and nothing counts twice.
 */
export async function meterOverage(at: Date): Promise<void> {
  const metered = await writeUse(at);
  const { sent } = await sendAll(await readWaiting(at), at);
  addToEvent({ metered, sent });
}

/**
 * The same for one workspace, before something is reckoned that its use is part of: dated a second ago, because a period that
 * ends now does not hold this very second. Whatever waits is tried at once; what Stripe does not take stops the reckoning, which would
 * leave it out.
 * @throws AppError billing_unavailable
 */
export async function meterWorkspace(workspaceId: string, at: Date): Promise<void> {
  await writeUse(new Date(at.getTime() - 1_000), workspaceId);
  const {
    failures: [failure],
  } = await sendAll(await readWaiting(null, workspaceId), at);
  if (failure !== undefined) throw failure;
}

/**
 * Writes use that was not written yet, in one statement. What is less than a unit stays with its window until more comes.
 * Its date is within its own period; what became known after the period's end bears its last second.
 * @param at how the use is dated
 * @returns how many events were written
 */
async function writeUse(at: Date, workspaceId?: string): Promise<number> {
  const moment = at.toISOString();
  const mine = workspaceId === undefined ? sql`` : sql`and w.workspace_id = ${workspaceId}::uuid`;
  const rows = await db().execute<{ identifier: string }>(sql`
    with due as (
      select w.workspace_id, w.starts_at, w.ends_at, w.reported_micros, c.stripe_customer_id,
        (w.used_micros - w.reported_micros) / ${unitMicros} as units
      from overage_windows w
      join billing_customers c on c.workspace_id = w.workspace_id and c.deleted_at is null
      where w.used_micros - w.reported_micros >= ${unitMicros} ${mine}
      order by w.starts_at limit ${batchSize}
      for update of w
    ), told as (
      update overage_windows w set reported_micros = w.reported_micros + d.units * ${unitMicros}
      from due d where w.workspace_id = d.workspace_id and w.starts_at = d.starts_at
    )
    insert into meter_events (identifier, workspace_id, stripe_customer_id, units, used_at, created_at)
    select 'overage:' || workspace_id || ':' || floor(extract(epoch from starts_at) * 1000) || ':' || reported_micros,
      workspace_id, stripe_customer_id, units,
      greatest(starts_at, least(${moment}::timestamptz, ends_at - interval '1 second')), ${moment}::timestamptz
    from due
    returning identifier`);
  return rows.length;
}

/** What waits, oldest first. @param at whose time has come by then; null for all of it */
async function readWaiting(at: Date | null, workspaceId?: string): Promise<Waiting[]> {
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

/** Sends one after the other. @returns how many Stripe has now, and why it has not the others */
async function sendAll(waiting: Waiting[], at: Date): Promise<{ sent: number; failures: unknown[] }> {
  let sent = 0;
  const failures: unknown[] = [];
  for (const event of waiting) {
    try {
      sent += (await send(event, at)) ? 1 : 0;
    } catch (error) {
      failures.push(error);
    }
  }
  return { sent, failures };
}

type Waiting = typeof meterEvents.$inferSelect;

/** @returns false where it was given up @throws what Stripe, or the way to it, said; it is noted and tried again later */
async function send(event: Waiting, at: Date): Promise<boolean> {
  const { identifier, stripeCustomerId: customerId, units, usedAt, attempts, createdAt } = event;
  if (attempts > 0 && at.getTime() - createdAt.getTime() > repeatableMs) return giveUp(event, at);
  // Counted before it is tried: an attempt whose end nobody saw may have arrived.
  const nextAttemptAt = new Date(at.getTime() + Math.min(mostWaitMs, minuteMs * 2 ** attempts));
  const mine = eq(meterEvents.identifier, identifier);
  await db()
    .update(meterEvents)
    .set({ attempts: sql`${meterEvents.attempts} + 1`, nextAttemptAt })
    .where(mine);
  try {
    await sendMeterEvent({ eventName: overageMeter.eventName, identifier, customerId, units, usedAt });
  } catch (error) {
    await db()
      .update(meterEvents)
      .set({ lastError: reasonOf(error) })
      .where(mine);
    throw error;
  }
  await db().update(meterEvents).set({ sentAt: at, lastError: null, nextAttemptAt: null }).where(mine);
  return true;
}

/** Rather unpaid than paid twice: an operator looks at Stripe and decides. It stays in the outbox. */
async function giveUp({ identifier, units, lastError }: Waiting, at: Date): Promise<false> {
  const nextAttemptAt = new Date(at.getTime() + remindAfterMs);
  await db().update(meterEvents).set({ nextAttemptAt }).where(eq(meterEvents.identifier, identifier));
  await raiseAlert({
    key: `meter:${identifier}`,
    title: "Use beyond credit could not be told to Stripe",
    detail: `The meter event ${identifier} (${units} units) was tried for a day: ${lastError ?? "no answer"}. Look whether Stripe has it; it is not sent again.`,
  });
  return false;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof AppError && error.cause instanceof Error ? error.cause : error;
  return maskText(cause instanceof Error ? cause.message : String(cause)).slice(0, 500);
}
