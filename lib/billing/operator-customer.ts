import { and, asc, desc, eq, lt } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { auditLog, users } from "#db/schema/accounts.ts";
import { invoices, subscriptionItems, subscriptions } from "#db/schema/billing.ts";
import { grants, ledgerEntries } from "#db/schema/usage.ts";
import { type CustomerLine, readCustomerLine } from "#lib/billing/operator-customers.ts";
import { type EventLine, listEvents } from "#lib/billing/operator-events.ts";
import { type ReturnedMoney, readReturnedMoney } from "#lib/billing/returned-money.ts";

export type AuditLine = {
  id: string;
  action: string;
  target: string | null;
  actor: string | null;
  data: unknown;
  at: Date;
};

/** One workspace's billing, as much of it as an operator asks about. */
export type CustomerDetail = {
  line: CustomerLine;
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
  > & { returned: ReturnedMoney | null })[];
  /** What went back of payments that paid no invoice; null where nothing did. */
  returnedBeside: ReturnedMoney | null;
  events: EventLine[];
  audit: AuditLine[];
};

const newest = 20;

/**
 * Reads one workspace for an operator; each list has its newest twenty, the ledger a page at a time.
 * @param entriesBefore the last ledger entry of the page before
 * @returns null where there is no such workspace
 */
export async function readCustomerDetail(
  tx: Tx,
  workspaceId: string,
  entriesBefore: number | undefined,
  at: Date,
): Promise<CustomerDetail | null> {
  const line = await readCustomerLine(tx, workspaceId, at);
  if (line === null) return null;
  const { customerId } = line;
  const [held, given, entries, bills, returned, events, audit] = await Promise.all([
    readSubscriptions(tx, workspaceId),
    tx
      .select()
      .from(grants)
      .where(eq(grants.workspaceId, workspaceId))
      .orderBy(desc(grants.expiresAt), desc(grants.id))
      .limit(newest),
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
      .limit(newest + 1),
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
      .limit(newest),
    readReturnedMoney(tx, workspaceId),
    customerId === null ? [] : listEvents(tx, { customerId }, newest),
    readTrail(tx, workspaceId),
  ]);
  return {
    ...{ line, subscriptions: held, grants: given, entries, events, audit },
    invoices: bills.map((bill) => ({ ...bill, returned: returned.get(bill.id) ?? null })),
    returnedBeside: returned.get(null) ?? null,
  };
}

async function readSubscriptions(tx: Tx, workspaceId: string): Promise<CustomerDetail["subscriptions"]> {
  const rows = await tx
    .select({ subscription: subscriptions, item: subscriptionItems })
    .from(subscriptions)
    .leftJoin(subscriptionItems, eq(subscriptionItems.subscriptionId, subscriptions.id))
    .where(eq(subscriptions.workspaceId, workspaceId))
    .orderBy(desc(subscriptions.createdAt), desc(subscriptions.id), asc(subscriptionItems.lookupKey));
  const first = rows.filter(
    ({ subscription }, index) =>
      rows.findIndex((other) => other.subscription.id === subscription.id) === index,
  );
  return first.map(({ subscription, item }) => ({
    ...subscription,
    lookupKey: item?.lookupKey ?? null,
    periodEnd: item?.periodEnd ?? null,
  }));
}

async function readTrail(tx: Tx, workspaceId: string): Promise<AuditLine[]> {
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
    .limit(newest);
}
