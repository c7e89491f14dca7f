import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { billingDrift } from "#db/schema/billing-records.ts";
import type { Difference } from "#lib/billing/credit-differences.ts";
import { newId } from "#lib/ground/ids.ts";

/** What was found of one customer, what of it is still so, and who saw to it (null: the sweep itself). */
export type DriftFound = {
  customerId: string;
  workspaceId: string | null;
  found: Difference[];
  left: Difference[];
  fixedBy: string | null;
};

/**
 * Notes what was found. What is left stands in the customer's one open row; what was put right is a closed one. Finding
 * nothing closes what was open: it has been put right in between. Under the customer's lock.
 */
export async function noteDrift(tx: Tx, drift: DriftFound, at: Date): Promise<void> {
  const { customerId, workspaceId, found, left, fixedBy } = drift;
  const mended = found.filter(({ what }) => !left.some((other) => other.what === what));
  const [open] = await tx
    .select()
    .from(billingDrift)
    .where(and(eq(billingDrift.stripeCustomerId, customerId), isNull(billingDrift.fixedAt)));
  const row = { stripeCustomerId: customerId, workspaceId, foundAt: at };
  if (left.length > 0) {
    if (open === undefined) await tx.insert(billingDrift).values({ ...row, id: newId(), differences: left });
    else await tx.update(billingDrift).set({ differences: left }).where(eq(billingDrift.id, open.id));
  } else if (open !== undefined) {
    const differences = mended.length > 0 ? mended : open.differences;
    await tx
      .update(billingDrift)
      .set({ differences, fixedAt: at, fixedBy })
      .where(eq(billingDrift.id, open.id));
  }
  if (mended.length === 0 || (left.length === 0 && open !== undefined)) return;
  await tx.insert(billingDrift).values({ ...row, id: newId(), differences: mended, fixedAt: at, fixedBy });
}
