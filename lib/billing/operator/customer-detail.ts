import { and, desc, eq, lt } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { auditLog, users } from "#db/schema/accounts.ts";
import { invoices, subscriptionItems, subscriptions } from "#db/schema/billing.ts";
import { grants, ledgerEntries } from "#db/schema/usage.ts";
import { findMainItem } from "#lib/billing/customer/current-subscription.ts";
import { type CustomerSummary, readCustomerSummary } from "#lib/billing/operator/customer-list.ts";
import { listEvents, type StripeEventRow } from "#lib/billing/operator/stripe-event-list.ts";
import { type ReturnedPayment, readReturnedPayments } from "#lib/billing/reports/returned-payments.ts";

export type AuditRow = {
  id: string;
  action: string;
  target: string | null;
  actor: string | null;
  data: unknown;
  at: Date;
};

/** One workspace's billing, as the operator console shows it. */
export type CustomerDetail = {
  line: CustomerSummary;
  subscriptions: (Pick<
    typeof subscriptions.$inferSelect,
    | "id"
    | "status"
    | "cancelAt"
    | "cancelAtPeriodEnd"
    | "endedAt"
    | "trialEndsAt"
    | "pastDueSince"
    | "createdAt"
  > & { lookupKey: string | null; periodEnd: Date | null })[];
  grants: (typeof grants.$inferSelect)[];
  entries: (typeof ledgerEntries.$inferSelect)[];
  invoices: (Pick<
    typeof invoices.$inferSelect,
    "id" | "number" | "status" | "totalCents" | "amountPaidCents" | "createdAt"
  > & { returned: ReturnedPayment | null })[];
  /** Refunds and disputes of payments without an invoice; null without any. */
  returnedBeside: ReturnedPayment | null;
  events: StripeEventRow[];
  audit: AuditRow[];
};

const pageSize = 20;

/**
 * Reads one workspace for an operator: the newest 20 of each list, and one page of the ledger.
 * @param entriesBefore the last ledger entry of the previous page
 * @returns null when the workspace does not exist
 */
export async function readCustomerDetail(
  tx: Tx,
  workspaceId: string,
  entriesBefore: number | undefined,
  at: Date,
): Promise<CustomerDetail | null> {
  const line = await readCustomerSummary(tx, workspaceId, at);
  if (line === null) return null;
  const { customerId } = line;
  const [subscriptionRows, grantRows, entries, invoiceRows, returned, events, audit] = await Promise.all([
    readSubscriptions(tx, workspaceId),
    tx
      .select()
      .from(grants)
      .where(eq(grants.workspaceId, workspaceId))
      .orderBy(desc(grants.expiresAt), desc(grants.id))
      .limit(pageSize),
    tx
      .select()
      .from(ledgerEntries)
      .where(
        and(
          eq(ledgerEntries.workspaceId, workspaceId),
          entriesBefore === undefined ? undefined : lt(ledgerEntries.id, entriesBefore),
        ),
      )
      .orderBy(desc(ledgerEntries.id))
      .limit(pageSize + 1),
    tx
      .select({
        id: invoices.id,
        number: invoices.number,
        status: invoices.status,
        totalCents: invoices.totalCents,
        amountPaidCents: invoices.amountPaidCents,
        createdAt: invoices.createdAt,
      })
      .from(invoices)
      .where(eq(invoices.workspaceId, workspaceId))
      .orderBy(desc(invoices.createdAt), desc(invoices.id))
      .limit(pageSize),
    readReturnedPayments(tx, workspaceId),
    customerId === null ? [] : listEvents(tx, { customerId }, pageSize),
    readAuditLog(tx, workspaceId),
  ]);
  return {
    ...{ line, subscriptions: subscriptionRows, grants: grantRows, entries, events, audit },
    invoices: invoiceRows.map((row) => ({ ...row, returned: returned.get(row.id) ?? null })),
    returnedBeside: returned.get(null) ?? null,
  };
}

async function readSubscriptions(tx: Tx, workspaceId: string): Promise<CustomerDetail["subscriptions"]> {
  const rows = await tx
    .select({ subscription: subscriptions, item: subscriptionItems })
    .from(subscriptions)
    .leftJoin(subscriptionItems, eq(subscriptionItems.subscriptionId, subscriptions.id))
    .where(eq(subscriptions.workspaceId, workspaceId))
    .orderBy(desc(subscriptions.createdAt), desc(subscriptions.id));
  const byId = new Map(rows.map(({ subscription }) => [subscription.id, subscription]));
  return [...byId.values()].map((subscription) => {
    const items = rows.map(({ item }) => item).filter((item) => item?.subscriptionId === subscription.id);
    const item = findMainItem(items.filter((found) => found !== null));
    return { ...subscription, lookupKey: item?.lookupKey ?? null, periodEnd: item?.periodEnd ?? null };
  });
}

async function readAuditLog(tx: Tx, workspaceId: string): Promise<AuditRow[]> {
  return tx
    .select({
      id: auditLog.id,
      action: auditLog.action,
      target: auditLog.target,
      actor: users.name,
      data: auditLog.data,
      at: auditLog.at,
    })
    .from(auditLog)
    .leftJoin(users, eq(users.id, auditLog.actorUserId))
    .where(eq(auditLog.workspaceId, workspaceId))
    .orderBy(desc(auditLog.at), desc(auditLog.id))
    .limit(pageSize);
}
