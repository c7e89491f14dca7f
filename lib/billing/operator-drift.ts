import { and, desc, eq, isNotNull, isNull, lt, or } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Tx } from "#db/client.ts";
import { users, workspaces } from "#db/schema/accounts.ts";
import { billingDrift } from "#db/schema/billing-records.ts";

export type DriftLine = {
  id: string;
  customerId: string;
  workspaceId: string | null;
  /** Whose customer it is; null where the workspace is not known. */
  name: string | null;
  differences: { what: string; ours: string; theirs: string }[];
  foundAt: Date;
  fixedAt: Date | null;
  /** Null where the sweep put it right by itself. */
  fixedBy: string | null;
};

export type DriftFilter = {
  state: "open" | "closed";
  customerId?: string | undefined;
  /** The last finding of the page before. */
  before?: { at: Date; id: string } | undefined;
};

/** Where Stripe and our books differed, over all customers, the newest first. For operators alone. */
export async function listDrift(tx: Tx, filter: DriftFilter, limit: number): Promise<DriftLine[]> {
  const { state, customerId, before } = filter;
  const fixers = alias(users, "fixers");
  return tx
    .select({
      id: billingDrift.id,
      customerId: billingDrift.stripeCustomerId,
      workspaceId: billingDrift.workspaceId,
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
