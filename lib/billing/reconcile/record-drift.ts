import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { billingDrift } from "#db/schema/billing-records.ts";
import type { Difference } from "#lib/billing/reconcile/credit-differences.ts";
import { newId } from "#lib/core/ids.ts";

/**
 * A customer's differences, those that remain, and the operator who fixed the others (null for the sweep).
 */
export type DriftFinding = {
  customerId: string;
  workspaceId: string | null;
  found: Difference[];
  left: Difference[];
  fixedBy: string | null;
};

/**
 * Records differences. Remaining ones go to the customer's single open finding, fixed ones to a closed
 * finding. If nothing remains, an open finding is closed. Under the customer's lock.
 */
export async function recordDrift(tx: Tx, drift: DriftFinding, at: Date): Promise<void> {
  const { customerId, workspaceId, found, left, fixedBy } = drift;
  const fixed = found.filter(({ what }) => !left.some((other) => other.what === what));
  const [open] = await tx
    .select()
    .from(billingDrift)
    .where(and(eq(billingDrift.stripeCustomerId, customerId), isNull(billingDrift.fixedAt)));
  const row = { stripeCustomerId: customerId, workspaceId, foundAt: at };
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
  if (fixed.length === 0 || (left.length === 0 && open !== undefined)) return;
  await tx.insert(billingDrift).values({ ...row, id: newId(), differences: fixed, fixedAt: at, fixedBy });
}
