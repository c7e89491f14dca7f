import { and, desc, eq, ilike, lt, or, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { stripeEvents } from "#db/schema/billing.ts";

type EventState = (typeof stripeEvents.$inferSelect)["state"];
export type EventLine = {
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
  /** How its type begins ("invoice."). */
  type?: string | undefined;
  customerId?: string | undefined;
  id?: string | undefined;
  /** The last event of the page before. */
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

/** The inbox over all customers, the newest first, a page at a time. For operators alone. */
export async function listEvents(tx: Tx, filter: EventFilter, limit: number): Promise<EventLine[]> {
  const { state, type, customerId, id, before } = filter;
  const conditions: (SQL | undefined)[] = [
    // Written out, not bound: nearly all are done, so that few others are found at once only by a plan that knows which.
    state && sql`${stripeEvents.state} = ${sql.raw(`'${state}'`)}`,
    type === undefined ? undefined : ilike(stripeEvents.type, `${plain(type)}%`),
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

/** What somebody typed means itself, not a pattern. */
function plain(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

/** How many events there are in each state. For operators alone. */
export async function countEvents(tx: Tx): Promise<Record<EventState, number>> {
  const rows = await tx
    .select({ state: stripeEvents.state, count: sql<number>`count(*)::int` })
    .from(stripeEvents)
    .groupBy(stripeEvents.state);
  const counted = new Map(rows.map(({ state, count }) => [state, count]));
  const of = (state: EventState) => counted.get(state) ?? 0;
  return { received: of("received"), done: of("done"), failed: of("failed") };
}

/** One event with its payload, which is empty once it is older than 90 days; null where there is none. For operators alone. */
export async function readEvent(tx: Tx, id: string): Promise<(EventLine & { payload: unknown }) | null> {
  const [row] = await tx
    .select({ ...columns, payload: stripeEvents.payload })
    .from(stripeEvents)
    .where(eq(stripeEvents.id, id));
  return row ?? null;
}
