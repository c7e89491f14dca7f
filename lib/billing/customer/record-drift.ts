import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { billingDrift } from "#db/schema/billing-records.ts";
import { newId } from "#lib/core/ids.ts";

/** A difference, as text for the operator: between our tables and Stripe, or between a fact and its rule. */
export type Difference = { what: string; ours: string; theirs: string };

/** Which check found the differences; each check has at most one open finding per customer. */
export type DriftSource = (typeof billingDrift.$inferSelect)["source"];

/**
 * A customer's differences, those that remain, and the operator who fixed the others (null for the sweep).
 */
export type DriftFinding = {
  source: DriftSource;
  customerId: string;
  workspaceId: string | null;
  found: Difference[];
  left: Difference[];
  fixedBy: string | null;
};

/**
 * Records differences. Remaining ones go to the source's single open finding of the customer, fixed ones to
 * a closed finding. If nothing remains, an open finding is closed. Under the customer's lock.
 * @returns whether a remaining difference was not in the open finding before
 */
export async function recordDrift(tx: Tx, drift: DriftFinding, at: Date): Promise<boolean> {
  const { source, customerId, workspaceId, found, left, fixedBy } = drift;
  const fixed = found.filter(({ what }) => !left.some((other) => other.what === what));
  const [open] = await tx
    .select()
    .from(billingDrift)
    .where(
      and(
        eq(billingDrift.stripeCustomerId, customerId),
        eq(billingDrift.source, source),
        isNull(billingDrift.fixedAt),
      ),
    );
  const isNew = left.some(({ what }) => !open?.differences.some((other) => other.what === what));
  const row = { stripeCustomerId: customerId, workspaceId, source, foundAt: at };
  if (left.length > 0) {
    if (open === undefined) await tx.insert(billingDrift).values({ ...row, id: newId(), differences: left });
    else await tx.update(billingDrift).set({ differences: left }).where(eq(billingDrift.id, open.id));
  } else if (open !== undefined) {
    const differences = fixed.length > 0 ? fixed : open.differences;
    await tx
      .update(billingDrift)
      .set({ differences, fixedAt: at, fixedBy })
      .where(eq(billingDrift.id, open.id));
  }
  if (fixed.length === 0 || (left.length === 0 && open !== undefined)) return isNew;
  await tx.insert(billingDrift).values({ ...row, id: newId(), differences: fixed, fixedAt: at, fixedBy });
  return isNew;
}
