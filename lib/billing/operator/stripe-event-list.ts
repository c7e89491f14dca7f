import { and, desc, eq, ilike, lt, or, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { stripeEvents } from "#db/schema/billing.ts";

type EventState = (typeof stripeEvents.$inferSelect)["state"];
export type StripeEventRow = {
  id: string;
  type: string;
  customerId: string | null;
  state: EventState;
  attempts: number;
  lastError: string | null;
  createdAt: Date;
  receivedAt: Date;
  processedAt: Date | null;
};

export type EventFilter = {
  state?: EventState | undefined;
  /** The beginning of the type ("invoice."). */
  type?: string | undefined;
  customerId?: string | undefined;
  id?: string | undefined;
  /** The last event of the previous page. */
  before?: { at: Date; id: string } | undefined;
};

const columns = {
  id: stripeEvents.id,
  type: stripeEvents.type,
  customerId: stripeEvents.customerId,
  state: stripeEvents.state,
  attempts: stripeEvents.attempts,
  lastError: stripeEvents.lastError,
  createdAt: stripeEvents.createdAt,
  receivedAt: stripeEvents.receivedAt,
  processedAt: stripeEvents.processedAt,
};

/** Lists one page of the webhook inbox over all customers, newest first. Only for operators. */
export async function listEvents(tx: Tx, filter: EventFilter, limit: number): Promise<StripeEventRow[]> {
  const { state, type, customerId, id, before } = filter;
  const conditions: (SQL | undefined)[] = [
    // A literal, not a parameter: nearly all events are done, so PostgreSQL must see the value to choose the
    // right index.
    state && sql`${stripeEvents.state} = ${sql.raw(`'${state}'`)}`,
    type === undefined ? undefined : ilike(stripeEvents.type, `${escapeLike(type)}%`),
    customerId === undefined ? undefined : eq(stripeEvents.customerId, customerId),
    id === undefined ? undefined : eq(stripeEvents.id, id),
    before &&
      or(
        lt(stripeEvents.receivedAt, before.at),
        and(eq(stripeEvents.receivedAt, before.at), lt(stripeEvents.id, before.id)),
      ),
  ];
  return tx
    .select(columns)
    .from(stripeEvents)
    .where(and(...conditions))
    .orderBy(desc(stripeEvents.receivedAt), desc(stripeEvents.id))
    .limit(limit);
}

/** Escapes the wildcards of LIKE. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

/** Counts the events in each state. Only for operators. */
export async function countEvents(tx: Tx): Promise<Record<EventState, number>> {
  const rows = await tx
    .select({ state: stripeEvents.state, count: sql<number>`count(*)::int` })
    .from(stripeEvents)
    .groupBy(stripeEvents.state);
  const counted = new Map(rows.map(({ state, count }) => [state, count]));
  const of = (state: EventState) => counted.get(state) ?? 0;
  return { received: of("received"), done: of("done"), failed: of("failed") };
}

/**
 * Reads one event with its payload, which is emptied after 90 days; null when it does not exist. Only for
 * operators.
 */
export async function readEvent(tx: Tx, id: string): Promise<(StripeEventRow & { payload: unknown }) | null> {
  const [row] = await tx
    .select({ ...columns, payload: stripeEvents.payload })
    .from(stripeEvents)
    .where(eq(stripeEvents.id, id));
  return row ?? null;
}
