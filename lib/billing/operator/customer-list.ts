import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { type PlanId, plans } from "#lib/billing/catalog/plans.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import {
  currentSubscription,
  type SubscriptionRow,
  subscriptionsJson,
} from "#lib/billing/entitlements/subscription-state.ts";
import { chargesBeforeTax, marginOf } from "#lib/billing/reports/margin.ts";
import { fromCents } from "#lib/core/money.ts";

/** A row of the operator's customer list. Amounts in micro-USD. */
export type CustomerSummary = {
  workspaceId: string;
  /** The owner's name; the workspace's name after the owner was deleted. */
  name: string;
  email: string | null;
  /** The Stripe customer's id; null without a customer. */
  customerId: string | null;
  plan: PlanId;
  planName: string;
  /** Stripe's status of the subscription; null without one. */
  status: string | null;
  balanceMicros: number;
  /** Charges for usage, all time. */
  spentMicros: number;
  /** Payments before tax, less refunds and disputes. */
  paidMicros: number;
  /** The model cost of that usage. */
  costMicros: number;
  marginMicros: number;
  syncedAt: Date | null;
  createdAt: Date;
};

export type CustomerFilter = {
  /** Part of a name, an email address or a customer id. */
  text?: string | undefined;
  /** Only workspaces with a subscription that has not ended. */
  payingOnly?: boolean;
  /** The last workspace of the previous page. */
  before?: string | undefined;
};

/** Lists one page of all workspaces, newest first. Only for operators. */
export async function listCustomers(
  tx: Tx,
  filter: CustomerFilter,
  limit: number,
  at: Date,
): Promise<CustomerSummary[]> {
  const { text, payingOnly = false, before } = filter;
  const like = text === undefined ? null : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const where = sql`true
    ${before === undefined ? sql`` : sql`and w.id < ${before}::uuid`}
    ${like === null ? sql`` : sql`and (u.name ilike ${like} or u.email ilike ${like} or c.stripe_customer_id ilike ${like})`}
    ${payingOnly ? sql`and exists (select 1 from subscriptions s where s.workspace_id = w.id and s.ended_at is null)` : sql``}`;
  return readRows(tx, where, limit, at);
}

/** Reads one workspace's row; null when it does not exist. Only for operators. */
export async function readCustomerSummary(
  tx: Tx,
  workspaceId: string,
  at: Date,
): Promise<CustomerSummary | null> {
  return (await readRows(tx, sql`w.id = ${workspaceId}::uuid`, 1, at))[0] ?? null;
}

type Row = {
  workspaceId: string;
  name: string;
  email: string | null;
  customerId: string | null;
  syncedAt: string | null;
  createdAt: string;
  subscriptions: SubscriptionRow[];
  balanceMicros: number;
  spentMicros: number;
  costMicros: number;
  paidCents: number;
  returnedCents: number;
};

/** Selects the page first, so that sums are computed only for its workspaces. */
async function readRows(tx: Tx, where: SQL, limit: number, at: Date): Promise<CustomerSummary[]> {
  const rows = await tx.execute<Row>(sql`
    with page as materialized (
      select w.id, coalesce(u.name, w.name) as name, u.email, c.stripe_customer_id, c.synced_at, w.created_at
      from workspaces w left join users u on u.id = w.personal_user_id
        left join billing_customers c on c.workspace_id = w.id
      where ${where} order by w.id desc limit ${limit}
    )
    select w.id as "workspaceId", w.name, w.email, w.stripe_customer_id as "customerId", w.synced_at::text as "syncedAt",
      w.created_at::text as "createdAt", ${sql.raw(subscriptionsJson("w.id"))} as subscriptions,
      coalesce(b.balance_micros, 0)::float8 as "balanceMicros", usage.spent as "spentMicros", usage.cost as "costMicros",
      paid.paid as "paidCents", paid.returned as "returnedCents"
    from page w left join balances b on b.workspace_id = w.id
      cross join lateral (select coalesce(sum(charged_micros), 0)::float8 as spent, coalesce(sum(cost_micros), 0)::float8 as cost
        from usage_daily d where d.workspace_id = w.id) usage
      cross join lateral (select coalesce(round(sum(h.paid)), 0)::float8 as paid,
        coalesce(round(sum(h.returned)), 0)::float8 as returned
        from (${chargesBeforeTax}) h where h.workspace_id = w.id) paid
    order by w.id desc`);
  return rows.map((row) => toSummary(row, at));
}

function toSummary(row: Row, at: Date): CustomerSummary {
  const { subscriptions, paidCents, returnedCents, syncedAt, createdAt, ...rest } = row;
  const subscription = currentSubscription(subscriptions);
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
