import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { marginOf, untaxedCharges } from "#lib/billing/margin.ts";
import { type PlanId, plans } from "#lib/billing/plans.ts";
import { type SubscriptionState, subscriptionJson } from "#lib/billing/read.ts";
import { fromCents } from "#lib/ground/money.ts";

/** A workspace as the operator sees it among all others. Money in micro-USD. */
export type CustomerLine = {
  workspaceId: string;
  /** Of its owner; the workspace's own name where nobody is left. */
  name: string;
  email: string | null;
  /** Stripe's id; null where nobody ever paid. */
  customerId: string | null;
  plan: PlanId;
  planName: string;
  /** Stripe's word for the subscription; null where there never was one. */
  status: string | null;
  balanceMicros: number;
  /** What answers were charged, ever. */
  spentMicros: number;
  /** What came in before tax, less what went back. */
  paidMicros: number;
  /** What the models cost us for those answers. */
  costMicros: number;
  marginMicros: number;
  syncedAt: Date | null;
  createdAt: Date;
};

export type CustomerFilter = {
  /** Part of a name or address, or of Stripe's id. */
  text?: string | undefined;
  /** Only those whose subscription has not ended. */
  payingOnly?: boolean;
  /** The last workspace of the page before. */
  before?: string | undefined;
};

/** Workspaces of all people, the newest ids first, a page at a time. For operators alone. */
export async function listCustomers(
  tx: Tx,
  filter: CustomerFilter,
  limit: number,
  at: Date,
): Promise<CustomerLine[]> {
  const { text, payingOnly = false, before } = filter;
  const like = text === undefined ? null : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const where = sql`true
    ${before === undefined ? sql`` : sql`and w.id < ${before}::uuid`}
    ${like === null ? sql`` : sql`and (u.name ilike ${like} or u.email ilike ${like} or c.stripe_customer_id ilike ${like})`}
    ${payingOnly ? sql`and exists (select 1 from subscriptions s where s.workspace_id = w.id and s.ended_at is null)` : sql``}`;
  return readLines(tx, where, limit, at);
}

/** One workspace as the operator sees it; null where there is none. For operators alone. */
export async function readCustomerLine(tx: Tx, workspaceId: string, at: Date): Promise<CustomerLine | null> {
  return (await readLines(tx, sql`w.id = ${workspaceId}::uuid`, 1, at))[0] ?? null;
}

type Row = {
  workspaceId: string;
  name: string;
  email: string | null;
  customerId: string | null;
  syncedAt: string | null;
  createdAt: string;
  subscription: SubscriptionState | null;
  balanceMicros: number;
  spentMicros: number;
  costMicros: number;
  paidCents: number;
  returnedCents: number;
};

/** The page is cut first, so that sums are made of its workspaces alone. */
async function readLines(tx: Tx, where: SQL, limit: number, at: Date): Promise<CustomerLine[]> {
  const rows = await tx.execute<Row>(sql`
    with page as materialized (
      select w.id, coalesce(u.name, w.name) as name, u.email, c.stripe_customer_id, c.synced_at, w.created_at
      from workspaces w left join users u on u.id = w.personal_user_id
        left join billing_customers c on c.workspace_id = w.id
      where ${where} order by w.id desc limit ${limit}
    )
    select w.id as "workspaceId", w.name, w.email, w.stripe_customer_id as "customerId", w.synced_at::text as "syncedAt",
      w.created_at::text as "createdAt", ${sql.raw(subscriptionJson("w.id"))} as subscription,
      coalesce(b.balance_micros, 0)::float8 as "balanceMicros", used.spent as "spentMicros", used.cost as "costMicros",
      paid.paid as "paidCents", paid.returned as "returnedCents"
    from page w left join balances b on b.workspace_id = w.id
      cross join lateral (select coalesce(sum(charged_micros), 0)::float8 as spent, coalesce(sum(cost_micros), 0)::float8 as cost
        from usage_daily d where d.workspace_id = w.id) used
      cross join lateral (select coalesce(round(sum(h.paid)), 0)::float8 as paid,
        coalesce(round(sum(h.returned)), 0)::float8 as returned
        from (${untaxedCharges}) h where h.workspace_id = w.id) paid
    order by w.id desc`);
  return rows.map((row) => lineOf(row, at));
}

function lineOf(row: Row, at: Date): CustomerLine {
  const { subscription, paidCents, returnedCents, syncedAt, createdAt, ...rest } = row;
  const { plan } = entitlementsOf(subscription, at);
  return {
    ...rest,
    plan,
    planName: plans[plan].name,
    status: subscription?.status ?? null,
    paidMicros: fromCents(paidCents - returnedCents),
    marginMicros: marginOf({ paidCents, returnedCents, costMicros: row.costMicros }),
    syncedAt: syncedAt === null ? null : new Date(syncedAt),
    createdAt: new Date(createdAt),
  };
}
