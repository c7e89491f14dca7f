import { and, desc, eq, isNotNull, isNull, lt, or } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Tx } from "#db/client.ts";
import { users, workspaces } from "#db/schema/accounts.ts";
import { billingDrift } from "#db/schema/billing-records.ts";
import type { DriftSource } from "#lib/billing/customer/record-drift.ts";

/** A finding of differences between our tables and Stripe, or of the auditor. */
export type DriftRow = {
  id: string;
  customerId: string;
  workspaceId: string | null;
  /** The check that found it. */
  source: DriftSource;
  /** The owner's name; null when the workspace is unknown. */
  name: string | null;
  differences: { what: string; ours: string; theirs: string }[];
  foundAt: Date;
  fixedAt: Date | null;
  /** The operator who fixed it; null when the sweep did. */
  fixedBy: string | null;
};

export type DriftFilter = {
  state: "open" | "closed";
  customerId?: string | undefined;
  /** The last finding of the previous page. */
  before?: { at: Date; id: string } | undefined;
};

/** Lists one page of findings over all customers, newest first. Only for operators. */
export async function listDrift(tx: Tx, filter: DriftFilter, limit: number): Promise<DriftRow[]> {
  const { state, customerId, before } = filter;
  const fixers = alias(users, "fixers");
  return tx
    .select({
      id: billingDrift.id,
      customerId: billingDrift.stripeCustomerId,
      workspaceId: billingDrift.workspaceId,
      source: billingDrift.source,
      name: users.name,
      differences: billingDrift.differences,
      foundAt: billingDrift.foundAt,
      fixedAt: billingDrift.fixedAt,
      fixedBy: fixers.name,
    })
    .from(billingDrift)
    .leftJoin(workspaces, eq(workspaces.id, billingDrift.workspaceId))
    .leftJoin(users, eq(users.id, workspaces.personalUserId))
    .leftJoin(fixers, eq(fixers.id, billingDrift.fixedBy))
    .where(
      and(
        state === "open" ? isNull(billingDrift.fixedAt) : isNotNull(billingDrift.fixedAt),
        customerId === undefined ? undefined : eq(billingDrift.stripeCustomerId, customerId),
        before &&
          or(
            lt(billingDrift.foundAt, before.at),
            and(eq(billingDrift.foundAt, before.at), lt(billingDrift.id, before.id)),
          ),
      ),
    )
    .orderBy(desc(billingDrift.foundAt), desc(billingDrift.id))
    .limit(limit);
}
